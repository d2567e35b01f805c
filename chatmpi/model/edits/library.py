"""What every candidate of the small model gets by rule: MPI's header, and the helper functions that it calls."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Any

from chatmpi.generate.fragments import HELPERS, VARIANTS, render
from chatmpi.generate.mark import GENERATED_MARK

_UNIT = "    "
_FUNCTION = re.compile(
    r"(?:/\*(?:(?!\*/).)*\*/\n)?static [\w ]+?\**(\w+)\((?:(?!^\}).)*^\}\n\n?", re.DOTALL | re.MULTILINE
)
_CALLS = MappingProxyType(
    {
        "limits.h": re.compile(r"\bINT_MAX\b"),
        "stdio.h": re.compile(r"\bf?printf\b"),
        "stdlib.h": re.compile(r"\b(malloc|calloc|free|exit)\b"),
        "string.h": re.compile(r"\b(memcpy|memset|memmove|strlen)\b"),
    }
)


def without_library(answer: str, program: str) -> str:
    """An answer of the generator without the lines that `with_library` adds."""

    def dropped(m: re.Match[str]) -> str:
        return "" if m[1] in HELPERS and f"{m[1]}(" not in program else m[0]

    text = _FUNCTION.sub(dropped, answer)
    text = re.sub(rf"^/\* {GENERATED_MARK}[^\n]*\n#include <mpi.h>\n", "", text, count=1, flags=re.MULTILINE)
    for header in _CALLS:
        if f"<{header}>" not in program:
            text = re.sub(rf"^#include <{header}>\n", "", text, count=1, flags=re.MULTILINE)
    return text


def with_library(text: str, named: str) -> str:
    """The whole candidate."""
    wanted = _called(text)
    functions = "".join(f"{_helper(name, text)}\n\n" for name in HELPERS if name in wanted)
    place = re.search(
        r"^(?:static |extern |inline )*(?:int|void|double|float|long|char)[\w *]*\([^;]*?\)\s*\{", text, re.MULTILINE
    )
    at = place.start() if place else 0
    whole = text[:at] + functions + text[at:]
    includes = "#include <mpi.h>\n"
    for header, calls in _CALLS.items():
        if calls.search(whole) and f"<{header}>" not in whole:
            includes += f"#include <{header}>\n"
    return f"/* {GENERATED_MARK} from {named} */\n{includes}{whole}"


def _called(text: str) -> set[str]:
    """The helpers that the text calls, and those that these call."""
    found: set[str] = set()
    new = {name for name in HELPERS if re.search(rf"\b{name}\(", text)}
    while new - found:
        found |= new
        new = {n for name in found for n in HELPERS if re.search(rf"\b{n}\(", _helper(name, text)) and n != name}
    return found


def _helper(name: str, text: str) -> str:
    """As the generator writes it; the type of indices and the factors of the work are those of the text's calls."""
    index = re.search(r"\bconst (int|long) \w+ = (?:block|work)_begin\(", text)
    values: dict[str, Any] = {other: other for other in HELPERS}
    values |= {"index": index[1] if index else "int", "unit": _UNIT, "pad": " " * len("static void allgather_blocks(")}
    factors = [f"w{k}" for k in range(_factors(text))]
    parameters, arguments = "".join(f", long long {w}" for w in factors), "".join(f", {w}" for w in factors)
    original, more = VARIANTS.get(name, name), {"more": "", "more_parameters": ""}
    if original != name:
        values |= {original: name, "block_begin": "work_begin"}
        more = {"more": arguments, "more_parameters": parameters}
    weights = {"weights": factors, "weight_parameters": parameters, "weight_arguments": arguments}
    return render(f"helpers/{original}", **weights, **values, **more)


def _factors(text: str) -> int:
    """How many factors of the work stand behind the three arguments of a call of work_begin."""
    call = re.search(r"\bwork_begin\(", text)
    if call is None:
        return 2
    depth, commas = 1, 0
    for c in text[call.end() :]:
        depth += (c in "([") - (c in ")]")
        commas += c == "," and depth == 1
        if not depth:
            break
    return max(2, commas - 2)
