"""One MPI program by itself, at several numbers of ranks: what is wrong with it, whatever it computes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from chatmpi.analysis.tree import Program
from chatmpi.verify.simulate.as_python.compiled import Compiled, compile_program
from chatmpi.verify.simulate.command_lines import Arguments, made_up_arguments, stated_arguments
from chatmpi.verify.simulate.errors import Kind, OutOfBudget, Unsupported
from chatmpi.verify.simulate.explore import MOST_ORDERS, Job, Orders, explore
from chatmpi.verify.simulate.findings import Finding, finding_of
from chatmpi.verify.simulate.inputs import MANY, Input
from chatmpi.verify.simulate.process import Process
from chatmpi.verify.simulate.terms import Terms
from chatmpi.verify.simulate.text_inputs import reads_text
from chatmpi.verify.simulate.ways import Coverage
from chatmpi.verify.simulate.work import PER_SECOND, Limits, Work

RANKS = (2, 3, 4)
_SIZE = 7  # of what is read from standard input as a size
_SECONDS = 5.0
_MOST_RANKS = 12
_OTHER_RANKS = (5, 6, 8, 9, 16)  # where it takes none of these
_FEW, _ORDERS_OF_FEW = 3, 600
# Faults that a number which was made up may be to blame for.
_OF_VALUES = frozenset(
    {Kind.MEMORY, Kind.ARITHMETIC, Kind.UNINITIALISED, Kind.USAGE, Kind.INVALID_ARGUMENT, Kind.COUNT}
)
TOO_LONG = "the simulation needs more operations than it may do"


@dataclass(frozen=True)
class Alone:
    """`faulty` if a finding is an error; `clean`: at these numbers of ranks all orders were tried and nothing is wrong;
    else `unknown`, and why: at `line`, or 0. `unreached`: lines, from and to, that no run executed; `runs`: with so
    many command lines; `refuses`: it takes no number of ranks that it was run with."""

    result: Literal["clean", "faulty", "unknown"]
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    line: int = 0
    ranks: tuple[int, ...] = ()
    orders: int = 0
    unreached: tuple[tuple[int, int], ...] = ()
    runs: int = 1
    refuses: bool = False


def simulate_alone(
    program: Program,
    ranks: Sequence[int] = RANKS,
    seconds: float = _SECONDS,
    stated: Sequence[int] = (),
    arguments: Arguments = (),
) -> Alone:
    """Run all ranks of a program and report its faults: those that end a run, and what is left behind.

    `stated` numbers of ranks are those that the program's text says it is for. What is wrong at other numbers only is a
    warning, but a text proves nothing: whether the program is right is then unknown. A rank that is named and not there
    is a warning too, if the program is right wherever there are enough. A program that reads its command line is run
    without arguments, with the `arguments` that are given, else those that its text states, else made-up ones.
    """
    limits, coverage = Limits(Work(), int(seconds * PER_SECOND)), Coverage()
    made_up = made_up_arguments(program)
    lines = (arguments,) if arguments else stated_arguments(program.source.text) if made_up else ()
    given = lines or made_up
    runs = [_with_arguments(program, ranks, limits, stated, line, coverage) for line in ((), *given)]
    return _together(runs, given, is_stated=bool(lines)) if given else runs[0]


def _together(runs: Sequence[Alone], given: Sequence[Arguments], is_stated: bool) -> Alone:
    """The run without arguments, which counts for nothing where it only shows that there are to be some, and those with
    arguments. What is wrong with some made-up ones only may be so because of them, if it is not about which calls and
    messages belong together."""
    without, *others = runs
    if not any(f.kind is Kind.MEMORY for f in without.findings):
        if without.result == "faulty":
            return without
        others = [without, *others]
        given = [(), *given]
    taken = [(run, line) for run, line in zip(others, given, strict=True) if not run.refuses]
    if taken:
        others, given = [run for run, _ in taken], [line for _, line in taken]
    faulty = [
        (replace(run, findings=tuple(_with(line, f) for f in run.findings)), run.findings)
        for line, run in zip(given, others, strict=True)
        if run.result == "faulty"
    ]
    for told, findings in faulty:
        kinds = {f.kind for f in findings if f.severity == "error"}
        if is_stated or len(faulty) == len(others) or not kinds <= _OF_VALUES:
            return told
    if faulty:
        told, _ = faulty[0]
        warnings = tuple(replace(f, severity="warning") for f in told.findings)
        reason = f"it is wrong with made-up arguments only: {told.findings[0].message}"
        return replace(told, result="unknown", findings=warnings, reason=reason, line=told.findings[0].line)
    unknown = next((run for run in others if run.result == "unknown"), None)
    warned = {(f.kind, f.line): f for run in others for f in run.findings}
    orders = sum(run.orders for run in others)
    return replace(unknown or others[-1], findings=tuple(warned.values()), orders=orders, runs=len(others))


def _with(arguments: Arguments, finding: Finding) -> Finding:
    if not arguments:
        return finding
    return replace(finding, message=f"with the arguments '{' '.join(arguments)}': {finding.message}")


def _with_arguments(
    program: Program,
    ranks: Sequence[int],
    limits: Limits,
    stated: Sequence[int],
    arguments: Arguments,
    coverage: Coverage,
) -> Alone:
    found: dict[int, list[Finding]] = {}
    waiting = list(dict.fromkeys((*stated, *ranks)))
    tried, reason, line = 0, "", 0
    refused: list[int] = []
    while waiting:
        number = waiting.pop(0)
        try:
            orders, compiled = _run(program, number, limits, arguments)
        except Unsupported as error:
            reason, line = f"{error.what} is not known to the simulation", error.line
            break
        except OutOfBudget:
            reason = TOO_LONG
            break
        coverage.add(compiled.ways)
        if orders.fault is None and all(any(o.refuses for o in outcome) for outcome in orders.outcomes):
            refused.append(number)
            if not waiting and not found:
                waiting = [n for n in _OTHER_RANKS if n not in refused]
            continue
        tried += orders.tried
        found[number] = [replace(f, ranks=number) for f in _found(orders, compiled)]
        if not orders.all_tried and orders.fault is None:
            del found[number]
            if any(n >= _FEW for n in found):
                continue  # what is said is of fewer ranks, whose orders were all tried
            reason = f"messages and completions have more than {orders.tried} orders at {number} ranks"
            break
        if orders.fault is not None and number in ranks and number <= orders.fault.absent < _MOST_RANKS:
            more = (orders.fault.absent + 1, orders.fault.absent + 2)
            waiting += [n for n in more if n not in found and n not in waiting]
    elsewhere = _elsewhere(found, stated)
    unsuited = _unsuited(found) | elsewhere | _others(found, stated)
    kept = _kept(found, unsuited)
    faulty = any(f.severity == "error" for f in kept)
    if elsewhere and not faulty:
        many = ", ".join(map(str, stated))
        reason = (
            f"it is wrong at {min(elsewhere)} ranks; its text says {many}, and --ranks {many} would judge it at these"
        )
    if not found and not reason:
        reason = f"it ends by itself, with a status, before it begins: at {', '.join(map(str, refused))} ranks"
    result: Literal["clean", "faulty", "unknown"] = "faulty" if faulty else "unknown" if reason else "clean"
    suited = tuple(sorted(n for n in found if n not in unsuited))
    return Alone(result, kept, reason, line, suited, tried, tuple(coverage.lines()), refuses=not found and not line)


def _wrong(found: Mapping[int, Sequence[Finding]]) -> set[int]:
    return {number for number, those in found.items() if any(f.severity == "error" for f in those)}


def _unsuited(found: Mapping[int, Sequence[Finding]]) -> set[int]:
    """The numbers of ranks that are too few for the program: it is right wherever there are enough."""
    wrong, unsuited = _wrong(found), set()
    for number in wrong:
        absent = max(f.absent for f in found[number])
        more = [n for n in found if n > absent]
        if absent >= number and len(more) > 1 and wrong.isdisjoint(more):
            unsuited.add(number)
    return unsuited


def _elsewhere(found: Mapping[int, Sequence[Finding]], stated: Sequence[int]) -> set[int]:
    """The numbers of ranks at which the program is wrong, and for which it does not say that it is, if it is right
    where it says so."""
    wrong = _wrong(found) - _unsuited(found)
    return wrong if any(n in found for n in stated) and wrong.isdisjoint(stated) else set()


def _others(found: Mapping[int, Sequence[Finding]], stated: Sequence[int]) -> set[int]:
    """The numbers of ranks that the program does not say it is for, if it is wrong at those that it names."""
    wrong = _wrong(found)
    return wrong.difference(stated) if not wrong.isdisjoint(stated) else set()


def _kept(found: Mapping[int, Sequence[Finding]], unsuited: set[int]) -> tuple[Finding, ...]:
    """Each finding once; at numbers of ranks that do not suit the program it is a warning."""
    kept: dict[tuple[Kind, int], Finding] = {}
    for number, those in sorted(found.items(), key=lambda item: (item[0] in unsuited, item[0])):
        for f in those:
            if number in unsuited:
                f = replace(f, severity="warning", message=f"at {number} ranks: {f.message}")
            kept.setdefault((f.kind, f.line), f)
    return tuple(sorted(kept.values(), key=lambda f: (f.severity, f.line)))


def _run(program: Program, number: int, limits: Limits, arguments: Sequence[str]) -> tuple[Orders, Compiled]:
    terms, textual = Terms(), reads_text(program)
    compiled = compile_program(program, terms)

    def processes() -> list[Process]:
        return [
            Process(
                terms,
                limits,
                Input("stdin", terms, _SIZE, MANY if r == 0 else 0, textual),
                arguments=tuple(arguments),
                time_passes=True,
            )
            for r in range(number)
        ]

    most = _ORDERS_OF_FEW if number <= _FEW else MOST_ORDERS
    return explore(Job(compiled, terms, processes, limits, most)), compiled


def _found(orders: Orders, compiled: Compiled) -> list[Finding]:
    found = [] if orders.fault is None else [finding_of(orders.fault)]
    found += orders.left
    if orders.fault is None and orders.wild and (statuses := _statuses(orders)):
        message = f"the order in which messages come (receive from any rank) decides whether it ends with {statuses}"
        found.append(Finding(Kind.RACE, message, orders.wild[0]))
    elif orders.fault is None and orders.wild and _differ(orders):
        message = "what is printed depends on the order in which messages come (receive from any rank)"
        found.append(Finding(Kind.RACE, message, orders.wild[0], severity="warning"))
    for number, outcome in enumerate(orders.outcomes[0] if orders.outcomes else ()):
        for name, python_line in outcome.kept:
            of = f" of '{name}'" if name else ""
            message = f"the memory{of} that is allocated here is never freed"
            found.append(Finding(Kind.LEAK, message, compiled.c_line(python_line), number, severity="warning"))
    return found


def _statuses(orders: Orders) -> str:
    """The exit statuses, where two orders end with different ones, of which one says that all went well."""
    found = sorted({max(o.status for o in outcome) for outcome in orders.outcomes})
    return f"the status {' or '.join(map(str, found))}" if len(found) > 1 and found[0] == 0 else ""


def _differ(orders: Orders) -> bool:
    """Whether two orders print different things."""
    printed = [tuple(tuple(o.output) for o in outcome) for outcome in orders.outcomes]
    return len(set(printed)) > 1
