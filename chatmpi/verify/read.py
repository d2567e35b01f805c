"""The stage "read": the candidate's text carries out exactly the plan, statement by statement.

The candidate is walked in lock-step with the sequential program. Every statement has its counterpart; whatever else
stands there must be a communication, a guard, or a definition that the plan calls for. What is not understood is
refuted: nothing is taken on trust, least of all names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from chatmpi.analysis import tree
from chatmpi.analysis.diagnostics import UnreadableInput
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.lowering.lowerings import lowered
from chatmpi.analysis.numbers.pieces import Table
from chatmpi.analysis.numbers.tables import number_tables
from chatmpi.analysis.numbers.values import Naming
from chatmpi.analysis.options import AS_USUAL, ParseOptions
from chatmpi.analysis.parse import parse
from chatmpi.analysis.source import Source
from chatmpi.analysis.touches import touches
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.plan import Plan
from chatmpi.verify.reading import files
from chatmpi.verify.reading.dealing import law_for
from chatmpi.verify.reading.evaluate import Evaluator, Tables
from chatmpi.verify.reading.findings import Findings, LostTrack, Mismatch
from chatmpi.verify.reading.intent import intent
from chatmpi.verify.reading.laws import Laws
from chatmpi.verify.reading.reading import Pairs, Reading, Where
from chatmpi.verify.reading.roles import Roles
from chatmpi.verify.reading.state import State
from chatmpi.verify.reading.terms import Terms
from chatmpi.verify.reading.walk import Walk
from chatmpi.verify.verdict import Check, Counterexample


def read_candidate(
    facts: Facts, plan: Plan, candidate: Source, options: ParseOptions = AS_USUAL
) -> tuple[tuple[Check, ...], tuple[Counterexample, ...]]:
    """The obligations that the candidate's text fulfils, and a counterexample for each that it does not."""
    if facts.scopes:
        message = "helper functions whose text is divided are not read"
        return (), (Counterexample("read", message, None),)
    divided = {a.uid for a in plan.arrays if a.partition is not None}
    if any(v.rows is not None and v.rows.vectors and s.uid in divided for s, v in facts.arrays.declared.items()):
        message = "vectors of which each rank has a part of every one are not read"
        return (), (Counterexample("read", message, None),)
    if any(e.packed is not None and s.uid in divided for s, e in facts.extents.items()):
        message = "rows of different lengths, in room for all, are not read"
        return (), (Counterexample("read", message, None),)
    findings = Findings(facts.program.source, candidate)
    try:
        program = lowered(parse(candidate, options))
    except UnreadableInput as error:
        return (), tuple(Counterexample("read", d.message, d.location) for d in error.diagnostics)
    main = program.function("main")
    if main is None:
        return (), (Counterexample("read", "the candidate has no main function", candidate.location(0)),)
    reading = _reading(facts, plan, program, main, findings)
    try:
        files.check(reading)
        _function(facts.function, reading)  # first, as it gives the rank to variables that others use
        for function in facts.program.functions:
            if function is not facts.function:
                _function(function, reading)
    except (Mismatch, LostTrack, RecursionError) as error:
        if isinstance(error, Mismatch):
            findings.record(error)
        elif isinstance(error, RecursionError):
            findings.refute(main, "the program nests too deeply to be read")
    wrong = tuple(findings.wrong.values())
    if not wrong:
        count = sum(1 for f in facts.program.functions for _ in tree.statements(f.body))
        findings.holds(f"all {count} statements have their counterparts, in order, and nothing else is added but MPI")
    return findings.checks(), wrong


def _reading(facts: Facts, plan: Plan, program: tree.Program, main: tree.Function, findings: Findings) -> Reading:
    own = {f.symbol.name for f in facts.program.functions}
    functions = {f.symbol.name: f for f in program.functions if f.symbol.name not in own}
    planned = intent(facts, plan)
    terms = Terms(sizes=frozenset(planned.extents.values()))
    laws = Laws(terms, functions)
    changed, addressed = _changes(program)
    pairs = Pairs()
    evaluator = Evaluator(
        terms, functions, facts.naming.fixed_macros, law_for(laws), tables=_tables(facts, program, pairs)
    )
    return Reading(
        facts=facts,
        candidate=program,
        candidate_main=main,
        intent=planned,
        pairs=pairs,
        terms=terms,
        laws=laws,
        evaluator=evaluator,
        roles=Roles(terms, planned.extents, findings),
        findings=findings,
        functions=functions,
        changed=changed,
        addressed=addressed,
        enumerators=_enumerators(facts.program.functions),
    )


def _tables(facts: Facts, program: tree.Program, pairs: Pairs) -> Tables:
    """The tables of numbers of which the candidate has the same, and never changes it either."""
    defined = frozenset(f.symbol.name for f in program.functions)
    mine = number_tables(program, {f.symbol.name: touches(f.body, defined) for f in program.functions})

    def known(symbol: Symbol) -> Table | None:
        sequential = pairs.source.get(symbol)
        table = facts.naming.tables.get(sequential) if sequential is not None else None
        own = mine.get(symbol)
        alike = table is not None and own is not None and own.extents == table.extents and own.values == table.values
        return table if alike else None

    return Tables(known)


def _changes(program: tree.Program) -> tuple[frozenset[Symbol], Mapping[Symbol, int]]:
    """Variables that are assigned, and how often each one's address is taken."""
    changed: set[Symbol] = set()
    addressed: Counter[Symbol] = Counter()
    for function in program.functions:
        for n in tree.walk(function.body):
            match n:
                case tree.Assign(target=tree.Name(symbol=symbol)):
                    changed.add(symbol)
                case tree.Unary(op="++x" | "--x" | "x++" | "x--", operand=tree.Name(symbol=symbol)):
                    changed.add(symbol)
                case tree.Unary(op="&", operand=tree.Name(symbol=symbol)):
                    addressed[symbol] += 1
    return frozenset(changed), addressed


def _enumerators(functions: Sequence[tree.Function]) -> dict[str, Symbol]:
    return {
        n.symbol.name: n.symbol
        for f in functions
        for n in tree.walk(f.body)
        if isinstance(n, tree.Name) and n.symbol.storage == "enumerator"
    }


def _function(function: tree.Function, reading: Reading) -> None:
    """One function of the sequential program and its counterpart."""
    counterpart = reading.candidate.function(function.symbol.name)
    in_main = function is reading.facts.function
    findings = reading.findings
    if counterpart is None:
        findings.refute(None, f"the function '{function.symbol}' is missing")
        return
    naming = reading.facts.naming if in_main else Naming(reading.facts.naming.fixed_macros)
    walk = Walk(reading, State(phase="before" if in_main else "running"))
    walk.body(function.body, counterpart.body, Where(in_main, naming), outermost=True)
    if walk.state.reachable and in_main and walk.state.phase != "finalized":
        findings.refute(counterpart, "main ends without MPI_Finalize", "every rank gets to its end")
    if walk.state.reachable and not in_main and walk.state.phase != "running":
        findings.refute(counterpart, f"MPI has ended when '{function.symbol}' returns")
