"""Short ways to ask about a program: its facts, its plan, its loops."""

from __future__ import annotations

from collections.abc import Callable

from chatmpi.analysis.facts import Facts, analyze
from chatmpi.analysis.iterations.parallel import LoopFacts
from chatmpi.analysis.parse import parse
from chatmpi.analysis.source import Edit, Source, edited
from chatmpi.plan.decide import decide
from chatmpi.plan.plan import ArrayPlan, LoopPlan, Plan

HEAD = "#include <stdio.h>\n#include <stdlib.h>\n#include <math.h>\n#define N 40\n#define M 30\n"


def facts_of(code: str) -> Facts:
    """The facts about a whole program, or about statements that become the body of main."""
    if "main" not in code:
        code = f"{HEAD}int main(int argc, char **argv) {{\n{code}\nreturn 0;\n}}\n"
    facts = analyze(parse(Source.from_str("program.c", code)))
    assert facts is not None
    return facts


def plan_of(code: str) -> Plan:
    return decide(facts_of(code))


def loop_of(code: str, number: int = 0) -> LoopFacts:
    """What is known of the loop that is `number`th in the source, counted from 0."""
    facts = facts_of(code)
    return facts.loop_facts[sorted(facts.loop_facts)[number]]


def respelled(start: str, body: str, end: str, edits: Callable[[Facts], list[Edit]]) -> str:
    """What stands between two parts of main after edits, in one line."""
    facts = facts_of(f"{start}\n{body}\n{end}")
    text = edited(facts.program.source, edits(facts)).shown
    return " ".join(text[text.index(start) + len(start) : text.rindex(end)].split())


def array(plan: Plan, name: str) -> ArrayPlan:
    return next(a for a in plan.arrays if a.name == name)


def loop_at(plan: Plan, variable: str, number: int = 0) -> LoopPlan:
    return [x for x in plan.loops if x.variable == variable][number]


def exchanged(plan: Plan) -> list[str]:
    """The communications as `kind name`, in the order of the program."""
    return [f"{c.kind} {c.subject}" for c in plan.communications]
