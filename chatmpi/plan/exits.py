"""Loops that are left when something is found: how the way out reads, and whether it can stand behind the loop."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.iterations.early_exits import Exit
from chatmpi.analysis.loops import LoopInfo


def exit_lines(found: Exit, facts: Facts) -> list[str]:
    """What is done behind the loop, as it stands in the text."""
    source = facts.program.source
    shown = [s for s in (*found.done, found.way) if not isinstance(s, tree.Break)]
    if isinstance(found.way, tree.Leave):  # the value that a return assigns has its place
        shown = [s for s in shown if s is found.way or s.span != found.way.span]
    return [source.shown_at(s.span) for s in shown]


def exit_text(found: Exit, facts: Facts) -> str:
    return " ".join(exit_lines(found, facts)).rstrip(";") or "break"


def unsuited_exit(info: LoopInfo, facts: Facts) -> str:
    """Why ranks cannot leave a loop together; "" if they can."""
    found = facts.loop_facts[info.stmt.id].exit
    if found is None:
        return ""
    text = facts.program.source.shown_at(found.branch.span)
    written = text.startswith("{") or text.startswith(("return", "break"))
    if not written or any(s.in_macro for s in found.done if s.span != found.way.span):
        return "a macro writes how it is left"
    return ""
