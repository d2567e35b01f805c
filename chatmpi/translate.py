"""The whole job, written once: parse, analyse, decide, generate, verify."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.calls.specialise import read_program, spelled_anew
from chatmpi.analysis.diagnostics import (
    ChatmpiError,
    Diagnostic,
    NothingDistributed,
    Refuted,
    UnreadableInput,
    UsageError,
    diagnose,
)
from chatmpi.analysis.facts import Facts, analyze
from chatmpi.analysis.options import AS_USUAL, ParseOptions
from chatmpi.analysis.outside.obstacles import is_parallel_already, obstacles
from chatmpi.analysis.parse import parse
from chatmpi.analysis.restyle.macro_uses import macro_at, without_uses
from chatmpi.analysis.source import Source
from chatmpi.analysis.tree import Program
from chatmpi.generate.from_template import generate
from chatmpi.generate.insertions import Uneditable
from chatmpi.generate.mark import without_mark
from chatmpi.lesser_plans import without_blamed
from chatmpi.plan.decide import Wishes, decide
from chatmpi.plan.kept_apart import not_kept
from chatmpi.plan.plan import Plan, counted
from chatmpi.plan.references import check_references
from chatmpi.plan.undivided_work import undivided_of
from chatmpi.plan.wishes import wishes_of
from chatmpi.rearranged import rearranged
from chatmpi.verify.gate import gate
from chatmpi.verify.refutation import refutation
from chatmpi.verify.verdict import Verdict

_WORTH = 2  # how much longer a program may take by the model if no rank holds all entries that it makes
_ROOM = 1.25  # and how much more memory a rank may ask for
_FREE = Wishes()
_FEWER = 3  # plans that are tried between the best and the plain one


@dataclass(frozen=True)
class Translation:
    """The MPI program with the plan that it carries out and what is proved of it."""

    sequential: Source
    plan: Plan
    source: Source
    verdict: Verdict


class Unaffordable(NothingDistributed):
    """Every plan that is known needs more memory than a rank may have; `plan` needs least."""

    def __init__(self, *diagnostics: Diagnostic, plan: Plan | None = None) -> None:
        super().__init__(*diagnostics)
        self.plan = plan


def make_plan(source: Source, options: ParseOptions = AS_USUAL, wishes: Wishes = _FREE) -> Plan:
    """The decomposition by which `translate` writes its program: the gate is asked here as there.

    One that divides nothing says in its notes why. Where nothing is written, it is the one that was tried, with the
    obstacle. Raises UnreadableInput.
    """
    tried = first_plan(source, options, wishes)
    if not tried.is_distributed or tried.obstacle:
        return tried
    try:
        return translate(source, options, wishes=wishes).plan
    except (NothingDistributed, Refuted) as e:
        return replace(tried, obstacle=e.diagnostics[0].message)


def first_plan(source: Source, options: ParseOptions = AS_USUAL, wishes: Wishes = _FREE) -> Plan:
    """The decomposition that the model prefers, whether or not its program can be verified. Raises UnreadableInput."""
    program, facts = _read(source, options)
    refusal = _refusal(program, facts)
    if facts is None:
        return Plan(source.name, (), (), (), (), (), (), 0.0, (), tuple(d.message for d in refusal))
    if refusal:
        return decide(facts, _leave_all(facts, refusal))
    try:
        return _divided(source, options, facts, None, wishes)[1]
    except NothingDistributed as e:
        if isinstance(e, Unaffordable) and e.plan is not None:
            return e.plan
        return decide(facts, _leave_all(facts, list(e.diagnostics)))


def translate(
    source: Source, options: ParseOptions = AS_USUAL, plan: Plan | None = None, wishes: Wishes = _FREE
) -> Translation:
    """Translate a sequential program, by `plan` if one is given.

    Raises UnreadableInput, NothingDistributed, UsageError (the plan is for another program), Refuted.
    """
    program, facts = _read(source, options) if plan is None or plan.plain else _read_for(plan, source, options)
    refusal = _refusal(program, facts)
    if refusal or facts is None:
        raise NothingDistributed(*refusal)
    if plan is not None and plan.plain:
        facts = _unexpanded(source, options)
    if plan is not None:
        check_references(plan, facts.program)
    if plan is not None:
        facts = _suiting(plan, program, facts)
    facts, settled, candidate = _divided(source, options, facts, plan, wishes)
    verdict = gate(facts, settled, candidate, options)
    if facts.kept_apart and not verdict.accepted and plan is None:
        together = analyze(program)
        assert together is not None
        facts, settled, candidate = _divided(source, options, together, None, wishes)
        verdict = gate(facts, settled, candidate, options)
    if not verdict.accepted and plan is None:
        refused = _refusal_of(verdict, source, candidate)
        for tried in _with_less(facts, options, verdict, settled, candidate, wishes):
            if tried.verdict.accepted:
                return tried
        tried = _plainly(source, options, refused, settled, wishes)
        return replace(tried, plan=replace(tried.plan, undivided=undivided_of(tried.plan, facts)))
    if not verdict.accepted:
        raise _refusal_of(verdict, source, candidate)
    return Translation(source, settled, candidate, verdict)


def _suiting(plan: Plan, program: Program, facts: Facts) -> Facts:
    """The facts for a plan: one that does not keep entries apart is for those that take none for kept apart."""
    together = analyze(program) if facts.kept_apart and not_kept(plan, facts) else None
    return facts if together is None else together


def _refusal_of(verdict: Verdict, source: Source, candidate: Source) -> ChatmpiError:
    """Why a candidate of chatmpi's own is not handed over: it is refuted, or nothing can decide about it."""
    if verdict.word == "UNKNOWN":
        message = f"what could be divided in {source.name} cannot be verified: {'; '.join(verdict.undecided)}"
        hint = "'chatmpi explain' shows the division that was tried"
        return NothingDistributed(Diagnostic("error", message, hint=hint))
    return refutation(verdict.counterexamples, source, candidate)


def _with_less(
    facts: Facts, options: ParseOptions, verdict: Verdict, plan: Plan, candidate: Source, wishes: Wishes
) -> Iterator[Translation]:
    """Plans that do without what the gate's verdict speaks against, one after the other, each with its verdict."""
    fuller = f"a plan with {counted(plan)} distributed was tried first"
    for _ in range(_FEWER):
        lesser = without_blamed(wishes, verdict, plan, facts, candidate)
        if lesser is None:
            return
        wishes = replace(lesser, notes=(*wishes.notes, f"{fuller}: {verdict.counterexamples[0].message}"))
        try:
            plan, candidate = _settled(facts, None, wishes)
        except NothingDistributed:
            return
        verdict = gate(facts, plan, candidate, options)
        yield Translation(facts.program.source.written, plan, candidate, verdict)


def _unexpanded(source: Source, options: ParseOptions) -> Facts:
    """The facts for a plain plan, with calls of helper functions left as calls."""
    facts = analyze(spelled_anew(parse(source, options), options), expanding=False)
    assert facts is not None
    return facts


def _plainly(source: Source, options: ParseOptions, refused: ChatmpiError, fuller: Plan, wishes: Wishes) -> Translation:
    """A second try, without what the stage "read" does not follow; raises `refused` if that does not do either."""
    facts = _unexpanded(source, options)
    note = f"a plan with {counted(fuller)} distributed was tried first: {refused.diagnostics[0].message}"
    try:
        plainly = replace(wishes, plain=True, notes=(note,))
        facts, plan, candidate = _divided(source, options, facts, None, plainly)
    except NothingDistributed:
        raise refused from None
    verdict = gate(facts, plan, candidate, options)
    if not verdict.accepted:
        raise refused
    return Translation(source, plan, candidate, verdict)


def check_candidate(translation: Translation, candidate: Source, options: ParseOptions = AS_USUAL) -> Verdict:
    """Whether another program than the translation's own does what the sequential one does. Raises UnreadableInput."""
    source, plan = translation.sequential, translation.plan
    program, facts = _read(source, options, True) if plan.plain else _read_for(plan, source, options)
    assert facts is not None
    return gate(_suiting(plan, program, facts), plan, candidate, options)


def plans(
    source: Source, options: ParseOptions = AS_USUAL, written: Source | None = None
) -> Iterator[tuple[Facts, Plan]]:
    """The plans that `translate` would carry out, the best first; none where nothing can be distributed.

    With what `translate` has `written` those in between too, unless it is the program of the best one: the gate has to
    be asked for them. Raises UnreadableInput.
    """
    first: tuple[Facts, Plan, Source] | None = None
    for plain in (False, True):
        program, facts = _read(source, options, plain)
        if facts is None or _refusal(program, facts):
            return
        with contextlib.suppress(NothingDistributed):
            found = _divided(source, options, facts, None, Wishes(plain=plain))
            first = first or (None if plain else found)
            yield found[:2]
    if written is not None and first is not None and without_mark(first[2].text) != without_mark(written.text):
        facts, plan, candidate = first
        verdict = gate(facts, plan, candidate, options)
        if not verdict.accepted:
            yield from ((facts, t.plan) for t in _with_less(facts, options, verdict, plan, candidate, _FREE))


def _read(
    source: Source, options: ParseOptions, plain: bool = False, calls: frozenset[str] = frozenset()
) -> tuple[Program, Facts | None]:
    """The program and its facts. A search for a place keeps its value too, if that lets it be shared out, and loops are
    put in another order if that takes less time; `calls` are written out.

    Facts for a `plain` plan leave calls of helper functions as calls.
    """
    if plain:
        program = parse(source, options)
        return program, analyze(program, expanding=False)
    program, facts = _read_as_written(source, options, calls)
    if facts is None or obstacles(facts):
        return program, facts
    return rearranged(program, facts, options, _analyzed)


def _read_for(plan: Plan, source: Source, options: ParseOptions) -> tuple[Program, Facts | None]:
    """The program in the order of loops for which a plan was made: the better one, or else its own."""
    program, facts = _read(source, options)
    if facts is None or _is_for(plan, facts):
        return program, facts
    written = _read_as_written(source, options, frozenset())
    return written if written[1] is not None and _is_for(plan, written[1]) else (program, facts)


def _is_for(plan: Plan, facts: Facts) -> bool:
    try:
        check_references(plan, facts.program)
        wishes_of(plan, facts)
    except UsageError:
        return False
    return True


def _read_as_written(source: Source, options: ParseOptions, calls: frozenset[str]) -> tuple[Program, Facts | None]:
    """The same with its loops in their own order."""
    program = read_program(source, options, in_full=calls)
    facts = _analyzed(program)
    if not program.kept_values or facts is None:
        return program, facts
    found = {c.subject.rpartition("::")[2] for c in decide(facts).communications if c.kind == "locate"}
    shared = frozenset(place for place, name in program.kept_values.items() if name in found)
    if len(shared) == len(program.kept_values):
        return program, facts
    program = read_program(source, options, shared, calls)
    return program, _analyzed(program)


def _analyzed(program: Program) -> Facts | None:
    """The facts, with entries that each rank keeps for itself if a plan can do so."""
    facts = analyze(program, appending=True)
    if facts is None or not facts.kept_apart:
        return facts
    apart, together = decide(facts), analyze(program)
    assert together is not None
    return facts if not not_kept(apart, facts) and _is_worth_it(apart, decide(together)) else together


def _is_worth_it(apart: Plan, together: Plan) -> bool:
    """Whether a plan in which ranks keep entries apart, in room for all, is much faster than another, or does not ask
    for much more."""
    held = [p.memory.total if p.memory is not None else 0 for p in (apart, together)]
    return _WORTH * apart.cost <= together.cost or (apart.cost <= _WORTH * together.cost and held[0] <= _ROOM * held[1])


class _InTheWay(Exception):
    """What has to change stands in the macro `macro`, or in the functions of `calls`, where it cannot be said."""

    def __init__(self, macro: str | None, calls: frozenset[str]) -> None:
        super().__init__(macro, calls)
        self.macro, self.calls = macro, calls


def _divided(
    source: Source, options: ParseOptions, facts: Facts, given: Plan | None, wishes: Wishes
) -> tuple[Facts, Plan, Source]:
    """A plan that can be written into the program's text, that text, and the facts that they rest on.

    Macros and calls of functions that are in the way are written out.
    """
    macros: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    plain = wishes.plain or (given is not None and given.plain)
    current = as_written = facts
    while True:
        try:
            plan, text = _settled(current, given, wishes, calls)
            return _better(current, plan, text, as_written, given, wishes) if calls else (current, plan, text)
        except _InTheWay as e:
            known, macros, calls = macros, macros | ({e.macro} if e.macro else set()), calls | e.calls
            fresh = bool(e.calls) or macros > known
        except NothingDistributed:
            if not calls:
                raise
            return as_written, *_settled(as_written, given, wishes)
        again = _read_anew(without_uses(source, macros, options), options, plain, calls) if fresh else None
        if again is None:
            return facts, *_settled(facts, given, wishes)
        current = again
        as_written = as_written if calls else current


def _better(
    facts: Facts, plan: Plan, text: Source, as_written: Facts, given: Plan | None, wishes: Wishes
) -> tuple[Facts, Plan, Source]:
    """The plan for a program with calls written out, or one for the program as it was written if that is as good."""
    try:
        other = as_written, *_settled(as_written, given, wishes)
    except NothingDistributed:
        return facts, plan, text
    return other if other[1].cost <= plan.cost else (facts, plan, text)


def _read_anew(source: Source, options: ParseOptions, plain: bool, calls: frozenset[str]) -> Facts | None:
    try:
        return _unexpanded(source, options) if plain else _read(source, options, calls=calls)[1]
    except UnreadableInput:
        return None


def _settled(
    facts: Facts, given: Plan | None, wishes: Wishes = _FREE, in_full: frozenset[str] | None = None
) -> tuple[Plan, Source]:
    """A plan that can be written into the program's text, and that text.

    Where a macro or a function is in the way, what it touches is left undistributed, and the plan made anew. With
    `in_full`, the calls that were written out already, what can be written out too is named: raises _InTheWay.
    """
    if given is not None:
        wishes = replace(wishes_of(given, facts), plain=given.plain, memory=wishes.memory, ranks=wishes.ranks)
    while True:
        plan = decide(facts, wishes)
        if given is not None:
            plan = _as_given(given, plan)
        if not plan.is_distributed:
            raise NothingDistributed(*_why_nothing(facts, plan))
        if plan.obstacle:
            hint = "more ranks may do: --nominal-ranks says for how many it is reckoned"
            raise Unaffordable(Diagnostic("error", plan.obstacle, hint=hint), plan=plan)
        try:
            return plan, generate(facts, plan)
        except Uneditable as e:
            if in_full is not None:
                macro, calls = macro_at(facts.program, e.node), e.calls or _call_around(e.node, facts)
                if macro is not None or calls - in_full:
                    raise _InTheWay(macro, frozenset() if macro is not None else calls - in_full) from None
            if given is not None:
                raise UsageError(diagnose(facts.program.source, e.node.span.begin, e.reason)) from None
            wishes = _without(wishes, e, facts)


def _call_around(node: tree.Node, facts: Facts) -> frozenset[str]:
    """The call of the function in whose text a node stands."""
    around = [s for s in facts.scopes if s.span.begin <= node.span.begin < s.span.end]
    return frozenset(s.prefix.removesuffix("::") for s in around)


def _as_given(given: Plan, decided: Plan) -> Plan:
    """The user's own plan, if the program's arrays and loops are divided as it says."""
    same_loops = [(x.place, x.treatment) for x in given.loops] == [(x.place, x.treatment) for x in decided.loops]
    same_arrays = [(x.uid, x.partition) for x in given.arrays] == [(x.uid, x.partition) for x in decided.arrays]
    if same_loops and same_arrays:
        return given
    note = "the plan given divides other arrays or loops than it has communications for: it was completed anew"
    return replace(decided, notes=(note, *decided.notes))


def _without(wishes: Wishes, e: Uneditable, facts: Facts) -> Wishes:
    if e.array is not None and e.array not in dict(wishes.replicated):
        return replace(wishes, replicated=(*wishes.replicated, (e.array, e.reason)))
    if e.loop is not None and e.loop not in wishes.serial:
        return wishes.leaving({e.loop}, e.reason)
    hint = "write it out where it stands"
    raise NothingDistributed(diagnose(facts.program.source, e.node.span.begin, e.reason, hint))


def _leave_all(facts: Facts, reasons: list[Diagnostic]) -> Wishes:
    """What leaves the whole program to every rank; each loop for the reason that is given for it, if there is one."""
    source, every = facts.program.source, reasons[0].message if reasons else "nothing is distributed"
    there = {d.location: d.message for d in reasons if d.location is not None}
    because = {i: there.get(source.location(info.stmt.span.begin), every) for i, info in facts.loops.items()}
    return Wishes(
        tuple((s, "nothing is distributed") for s in facts.arrays.declared),
        frozenset(facts.loops),
        because=tuple(because.items()),
        notes=tuple(f"{d.location}: {d.message}" if d.location else d.message for d in reasons),
    )


def _refusal(program: Program, facts: Facts | None) -> list[Diagnostic]:
    """Why the program is not translated at all; empty if it can be tried."""
    source = program.source
    call = is_parallel_already(program)
    if call is not None:
        return [
            diagnose(source, call.span.begin, "the program uses MPI already", "give chatmpi the sequential program")
        ]
    if facts is None:
        message = f"{source.name} has no main function: chatmpi translates whole programs"
        return [Diagnostic("error", message, hint="give it the file that has main, with the functions it calls")]
    return [diagnose(source, o.node.span.begin, o.reason, o.next_step) for o in obstacles(facts)]


def _why_nothing(facts: Facts, plan: Plan) -> list[Diagnostic]:
    source = facts.program.source
    found = [Diagnostic("error", f"nothing in {source.name} can be distributed")]
    for loop in plan.loops:
        info = facts.loops[loop.place.statement]
        witness = ""
        if loop.dependence and loop.dependence.source:
            witness = f"for example {loop.dependence.source} and {loop.dependence.target}"
        found.append(diagnose(source, info.stmt.span.begin, loop.reason, witness, severity="note"))
    return found
