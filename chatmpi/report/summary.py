"""A translation in a few lines: what was divided, what is exchanged, what was not, and the verdict."""

from __future__ import annotations

from chatmpi.plan.plan import Plan
from chatmpi.report.gain import gain_text
from chatmpi.report.paint import Paint
from chatmpi.report.plan_text import what_text, where_text
from chatmpi.report.table import wrapped
from chatmpi.report.verdict_text import verdict_summary
from chatmpi.verify.verdict import Verdict

_INDENT = " " * 15


def translation_summary(plan: Plan, verdict: Verdict, source: str, written: str, paint: Paint) -> str:
    """`source` and `written` name the two programs."""
    lines = [
        paint.heading(f"{source} -> {written}"),
        *_fact("distributed", _distributed(plan)),
        *_fact("exchanged", "; ".join(f"{what_text(c)} {where_text(c)}" for c in plan.communications) or "nothing"),
        *_fact("not divided", _left(plan, source)),
        *_fact("little gain", gain_text(plan)),
    ]
    for note in plan.notes:
        lines += _fact("note", note)
    lines.append(verdict_summary(verdict, paint))
    return "\n".join(lines) + "\n"


def _fact(label: str, text: str) -> list[str]:
    return wrapped(text, f"  {label:12} ", _INDENT)


def _distributed(plan: Plan) -> str:
    arrays = [a.name for a in plan.arrays if a.partition]
    loops = [loop for loop in plan.loops if loop.treatment == "distributed"]
    named = f" ({', '.join(dict.fromkeys(arrays))})" if arrays else ""
    return f"{len(arrays)} of {len(plan.arrays)} arrays{named}, {len(loops)} of {len(plan.loops)} loops"


def _left(plan: Plan, source: str) -> str:
    """The loops that run whole and are stopped by a dependence."""
    stopped = [
        f"the loop of line {loop.place.line} ({loop.dependence.text})"
        for loop in plan.loops
        if loop.treatment == "replicated" and loop.dependence
    ]
    return f"{'; '.join(stopped)}: see 'chatmpi explain {source}'" if stopped else ""
