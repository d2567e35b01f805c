"""Plans as JSON and back. The form is the dataclasses' own, with a version."""

from __future__ import annotations

import dataclasses
import json
import sys
import types
import typing
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from chatmpi.analysis.diagnostics import Diagnostic, UsageError
from chatmpi.plan.plan import PLAN_VERSION, Plan


def plan_to_json(plan: Plan) -> str:
    return json.dumps(dataclasses.asdict(plan), indent=2) + "\n"


def plan_from_json(text: str) -> Plan:
    """Raises UsageError naming the key that is wrong."""
    try:
        content = json.loads(text)
    except json.JSONDecodeError as e:
        raise _bad_plan(f"the plan is not JSON: {e}") from None
    except RecursionError:
        raise _bad_plan("the plan is nested too deeply") from None
    if not isinstance(content, dict) or content.get("version") != PLAN_VERSION:
        raise _bad_plan(f"the plan is not of version {PLAN_VERSION}")
    plan = _build(Plan, content, "plan")
    assert isinstance(plan, Plan)
    return plan


def _bad_plan(message: str) -> UsageError:
    hint = "start from the output of 'chatmpi explain --format json'"
    return UsageError(Diagnostic("error", message, hint=hint))


def _build(kind: Any, content: Any, path: str) -> Any:
    """`content` as a value of type `kind`; `path` says where in the file it stands."""
    origin = get_origin(kind)
    if origin is tuple:
        return tuple(_build(get_args(kind)[0], c, f"{path}[{i}]") for i, c in enumerate(_expect(list, content, path)))
    if origin is Literal:
        if content not in get_args(kind):
            raise _bad_plan(f"{path} is {content!r}, not one of {', '.join(map(repr, get_args(kind)))}")
        return content
    if origin in (Union, types.UnionType):
        if content is None and type(None) in get_args(kind):
            return None
        return _build(next(a for a in get_args(kind) if a is not type(None)), content, path)
    if dataclasses.is_dataclass(kind):
        return _build_dataclass(typing.cast(type[Any], kind), _expect(dict, content, path), path)
    if kind is float and type(content) is int and abs(content) <= sys.float_info.max:
        return float(content)
    return _expect(kind, content, path)


def _build_dataclass(kind: type[Any], content: dict[str, Any], path: str) -> Any:
    hints = get_type_hints(kind)
    unknown = set(content) - set(hints)
    if unknown:
        raise _bad_plan(f"{path} has an unknown key {sorted(unknown)[0]!r}")
    required = {f.name for f in dataclasses.fields(kind) if f.default is dataclasses.MISSING}
    missing = required - set(content)
    if missing:
        raise _bad_plan(f"{path} lacks the key {sorted(missing)[0]!r}")
    return kind(**{name: _build(hints[name], value, f"{path}.{name}") for name, value in content.items()})


def _expect(kind: type[Any], content: Any, path: str) -> Any:
    if not isinstance(content, kind) or (kind is int and isinstance(content, bool)):
        raise _bad_plan(f"{path} is not {kind.__name__}")
    return content
