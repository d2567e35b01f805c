"""Headers of distributed loops: each rank runs exactly the iterations that the plan gives it, in the same order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from chatmpi.analysis import tree
from chatmpi.analysis.loops import CanonicalLoop
from chatmpi.analysis.numbers.polynomial import ONE, ZERO, Atom, Polynomial, constant, of_atom, variable
from chatmpi.analysis.tree import Expr, Symbol
from chatmpi.plan.plan import LoopPlan, Partition
from chatmpi.verify.reading.expressions import Comparison, written
from chatmpi.verify.reading.findings import Mismatch
from chatmpi.verify.reading.kinds import is_integer
from chatmpi.verify.reading.piecewise import Condition, Piecewise, atoms_of
from chatmpi.verify.reading.ranges import Header, Span, progression
from chatmpi.verify.reading.reading import Position, Where
from chatmpi.verify.reading.roles import RANK_VALUE, SIZE_VALUE
from chatmpi.verify.reading.terms import NotAffine, Question, witness

_MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def check_header(s: tree.For, c: tree.For, plan: LoopPlan, where: Where, at: Position) -> Header:
    """Compare a distributed loop's header with the plan. Raises Mismatch."""
    loop = at.reading.facts.loops[s.id].canonical
    if loop is None:
        raise Mismatch(c, "the plan distributes a loop that is none with fixed bounds")
    variable_, start = _start(c, loop, at)
    relation, bound = _condition(c, variable_)
    step = _step(c, variable_)
    turned = step == -loop.step == 1 and at.reading.facts.loop_facts[s.id].is_free_of_order
    if step is None or (step != loop.step and not turned):
        raise Mismatch(c.step or c, f"the loop steps otherwise than at {at.reading.findings.place(s)}")
    at.state = written(loop.variable, variable_, at.state, at.reading)
    ends = _Ends(loop, where, at)
    first, last = ends.value(start), ends.value(bound)
    if first is None or last is None:
        raise Mismatch(start if first is None else bound, "this bound of the loop is not understood")
    atoms = at.reading.terms.inside(atoms_of(first) | atoms_of(last))
    header = _header(s, c, loop, variable_, plan, atoms, ends, at)
    _fixed(bound, last, s, at)
    if isinstance(variable_.type, tree.Scalar) and variable_.type.is_unsigned:
        _not_negative(start, first, at)
        _not_negative(bound, last, at)
    _compare(c, header, first, relation, last, step, at)
    at.reading.headers[s.id] = header
    whose = (
        f"exactly its {plan.partition} block" if plan.partition else "its part of the range, none twice, none left out"
    )
    at.reading.findings.holds(f"loop bounds at {at.reading.findings.place(s)}: each rank runs {whose}")
    return header


# ---------------------------------------------------------------------------------------------- parts


def _start(c: tree.For, loop: CanonicalLoop, at: Position) -> tuple[Symbol, Expr]:
    match c.init:
        case tree.Declaration(variables=(tree.VarDecl(symbol=symbol, init=Expr() as start),)):
            declared = isinstance(loop.stmt.init, tree.Declaration) and symbol.name == loop.variable.name
            if declared and symbol.type == loop.variable.type:
                at.reading.pairs.add(loop.variable, symbol)
                return symbol, start
        case tree.ExprStmt(expr=tree.Assign(op="=", target=tree.Name(symbol=symbol), value=start)):
            if at.reading.pairs.target.get(loop.variable) == symbol:
                return symbol, start
    raise Mismatch(c, f"this loop does not run over '{loop.variable}' as at {at.reading.findings.place(loop.stmt)}")


def _condition(c: tree.For, symbol: Symbol) -> tuple[str, Expr]:
    match c.condition:
        case tree.Binary(op=op, left=tree.Name(symbol=s), right=bound) if s == symbol and op in _MIRROR:
            return op, bound
        case tree.Binary(op=op, left=bound, right=tree.Name(symbol=s)) if s == symbol and op in _MIRROR:
            return _MIRROR[op], bound
    raise Mismatch(c.condition or c, f"this is no bound for '{symbol}'")


def _step(c: tree.For, symbol: Symbol) -> int | None:
    match c.step:
        case tree.Unary(op="x++" | "++x", operand=tree.Name(symbol=s)) if s == symbol:
            return 1
        case tree.Unary(op="x--" | "--x", operand=tree.Name(symbol=s)) if s == symbol:
            return -1
        case tree.Assign(op="+=", target=tree.Name(symbol=s), value=tree.IntLiteral(value=width)) if s == symbol:
            return width
        case tree.Assign(op="-=", target=tree.Name(symbol=s), value=tree.IntLiteral(value=width)) if s == symbol:
            return -width
        case tree.Assign(
            op="=",
            target=tree.Name(symbol=s),
            value=tree.Binary(op="+" | "-" as op, left=tree.Name(symbol=t), right=tree.IntLiteral(value=width)),
        ) if s == t == symbol:
            return width if op == "+" else -width
        case tree.Assign(
            op="=",
            target=tree.Name(symbol=s),
            value=tree.Binary(op="+", left=tree.IntLiteral(value=width), right=tree.Name(symbol=t)),
        ) if s == t == symbol:
            return width
    return None


class _Ends:
    """The ends of the sequential loop, also where they are no polynomials: then the candidate must write them alike."""

    def __init__(self, loop: CanonicalLoop, where: Where, at: Position) -> None:
        self.at, self.where, self.loop = at, where, loop
        self.start = loop.start_poly if loop.start_poly is not None else of_atom(Atom(f"@start{loop.stmt.id}", "start"))
        self.bound = loop.bound_poly if loop.bound_poly is not None else of_atom(Atom(f"@bound{loop.stmt.id}", "bound"))
        self.known: list[tuple[Expr, Polynomial]] = []
        if loop.start_poly is None:
            self.known.append((loop.start, self.start))
        if loop.bound_poly is None:
            self.known.append((loop.bound, self.bound))

    def value(self, expr: Expr) -> Piecewise | None:
        at = self.at
        for end in (self.loop.start, self.loop.bound):
            if is_integer(end.type):
                at.reading.evaluator.note_quotients(end, self.where.naming)
        return at.reading.evaluator.value(expr, at.reading.names(self.where, at.state), known=self._known)

    def _known(self, expr: Expr) -> Polynomial | None:
        for wanted, value in self.known:
            try:
                Comparison(self.at.reading, self.where, self.at.state, {}).same(wanted, expr)
            except Mismatch:
                continue
            return value
        return None


def _header(
    s: tree.For,
    c: tree.For,
    loop: CanonicalLoop,
    symbol: Symbol,
    plan: LoopPlan,
    atoms: frozenset[Atom],
    ends: _Ends,
    at: Position,
) -> Header:
    """What the plan says that this rank runs."""
    if plan.partition is None:
        span = _own_range(c, loop, atoms, ends, at)
        return Header(loop, symbol, ZERO, None, span, ends.start, ends.bound)
    partition = at.reading.intent.plan.partition(plan.partition)
    share = at.reading.roles.share(partition, c, atoms)
    scale = _scale(plan, partition, at)
    if scale is None:
        raise Mismatch(c, f"the plan's scale '{plan.scale}' is no array's row")
    shift = constant(plan.shift)
    span = Span(share.begin * scale - shift, share.end * scale - shift, ZERO - shift, share.extent * scale - shift)
    return Header(loop, symbol, share.offset * scale, share, span, ends.start, ends.bound)


def _scale(plan: LoopPlan, partition: Partition, at: Position) -> Polynomial | None:
    if plan.scale == ONE.text():
        return ONE
    for symbol, own in at.reading.intent.partition_of.items():
        row = at.reading.facts.extents[symbol]
        for k in range(1, len(row.dimensions)) if own.name == partition.name else ():
            parts, _ = row.row_words.divided(row.inner_words(k))
            if parts.text() == plan.scale:
                return parts
    return None


def _own_range(c: tree.For, loop: CanonicalLoop, atoms: frozenset[Atom], ends: _Ends, at: Position) -> Span:
    """The loop's own range, dealt out in blocks."""
    terms = at.reading.terms
    if loop.step > 0:
        low, past = ends.start, ends.bound + (ZERO if loop.relation == "<" else ONE)
    else:
        low, past = ends.bound + (ZERO if loop.relation == ">=" else ONE), ends.start + ONE
    used = {a: block for a in atoms if (block := terms.blocks.get(a)) is not None and block.extent == past - low}
    for a, first in used.items():
        if first.position != RANK_VALUE:
            continue
        for b, second in used.items():
            if second == replace(first, position=RANK_VALUE + ONE):
                _check_parts(c, first.parts, at)
                return Span(low + of_atom(a), low + of_atom(b), low, past)
    raise Mismatch(
        c,
        f"the {terms.text(past - low)} iterations are not dealt to the ranks in blocks",
        "with 2 ranks, some iteration is run by both or by none",
    )


def _check_parts(c: tree.For, parts: Polynomial, at: Position) -> None:
    if at.reading.terms.differs_by_rank(parts):
        raise Mismatch(c, "ranks disagree on how many of them share the iterations")
    question = Question(at.reading.terms)
    few, many = Condition(parts.scaled(-1), ">="), Condition(parts - SIZE_VALUE - ONE, ">=")
    point = question.point([f"({question.condition(few)} or {question.condition(many)})"])
    if point is not None:
        raise Mismatch(c, "the iterations are dealt to no rank, or to more than there are", witness(point))


# --------------------------------------------------------------------------------------------- proofs


def _fixed(expr: Expr, bound: Piecewise, s: tree.For, at: Position) -> None:
    """The candidate's bound does not change while the loop runs."""
    changing = at.reading.facts.loops[s.id].written
    for atom in atoms_of(bound):
        if at.reading.terms.symbols(of_atom(atom)) & changing:
            raise Mismatch(expr, "this bound changes while the loop runs")


def _not_negative(expr: Expr, value: Piecewise, at: Position) -> None:
    """What an unsigned variable is set to or compared with."""
    for case in value:
        question = Question(at.reading.terms)
        negative = Condition(case.value, ">=").negated()
        point = question.point([question.all_of(case.conditions), question.condition(negative)])
        if point is not None:
            raise Mismatch(expr, "this may be negative, but is compared as an unsigned number", witness(point))


def _compare(
    c: tree.For, header: Header, first: Piecewise, relation: str, last: Piecewise, step: int, at: Position
) -> None:
    """The two sets of iterations are equal; a point of a difference is the witness."""
    own = variable(header.loop.variable)
    g = of_atom(own)

    def sets(question: Question) -> tuple[str, str]:
        cases = []
        for a in first:
            for b in last:
                run = progression(question, g, a.value + header.offset, relation, b.value + header.offset, step)
                cases.append(
                    f"({question.all_of(a.conditions)} and {question.all_of(b.conditions)} and {' and '.join(run)})"
                )
        return f"({header.runs(question, g)})", f"({' or '.join(cases)})"

    place = at.reading.findings.place(header.loop.stmt)
    _empty(
        c, own, lambda w, f: f"{w} and not {f}", sets, header, f"no rank runs an iteration of the loop at {place}", at
    )
    _empty(
        c,
        own,
        lambda w, f: f"{f} and not {w}",
        sets,
        header,
        f"a rank runs an iteration of the loop at {place} that is not its own",
        at,
    )


def _empty(
    c: tree.For,
    own: Atom,
    formula: Callable[[str, str], str],
    sets: Callable[[Question], tuple[str, str]],
    header: Header,
    message: str,
    at: Position,
) -> None:
    question = Question(at.reading.terms, {own: "d0"})
    try:
        wanted, found = sets(question)
        point = question.point([formula(wanted, found), *header.order(question)])
    except NotAffine:
        raise Mismatch(c, "not shown: the loop's bounds are no linear expressions") from None
    if point is not None:
        raise Mismatch(c, message, witness(point, (own.text,)))
