"""Single elements of distributed arrays that every rank needs: the owner copies its element, and broadcasts it."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.polynomial import Polynomial
from chatmpi.analysis.numbers.values import text
from chatmpi.analysis.touches import ElementTouch, element
from chatmpi.analysis.tree import Expr
from chatmpi.plan.plan import Communication
from chatmpi.verify.reading import guards
from chatmpi.verify.reading.environment import address_of, is_world
from chatmpi.verify.reading.expressions import Comparison
from chatmpi.verify.reading.findings import Mismatch
from chatmpi.verify.reading.kinds import width
from chatmpi.verify.reading.laws import broken_owner
from chatmpi.verify.reading.messages import check_arguments, check_type
from chatmpi.verify.reading.piecewise import Alternatives
from chatmpi.verify.reading.reading import Position, Where
from chatmpi.verify.reading.roles import Share
from chatmpi.verify.reading.row import Row
from chatmpi.verify.reading.terms import NotAffine, Quotient, witness


def check_copy(row: Row, c: tree.If, assign: tree.Assign, truth: Alternatives, where: Where, at: Position) -> None:
    """`if (this rank owns the row) copy = element;`"""
    target = assign.target
    assert isinstance(target, tree.Name)
    numbers = [k for k in row.before(at.reading.intent) if at.reading.intent.communication(k).kind == "broadcast"]
    errors: list[Mismatch] = []
    for number in sorted(numbers, key=lambda k: k in row.fetching.values()):
        try:
            _check_element(number, assign, truth, c, where, at)
        except Mismatch as found:
            errors.append(found)
            continue
        row.fetching[target.symbol] = number
        return
    if errors:
        raise errors[0]
    raise Mismatch(c, f"the plan has no broadcast here, and '{target.symbol}' is no variable of the sequential program")


def _check_element(
    number: int, assign: tree.Assign, truth: Alternatives, c: tree.If, where: Where, at: Position
) -> None:
    planned = at.reading.intent.communication(number)
    access = _access(planned, at)
    if access is None:
        raise Mismatch(assign, f"the plan's element '{planned.element}' is not in the sequential program")
    share = guards.owning_share(truth, planned.partition or "", c, at.reading)
    found = element(assign.value)
    if found is None or at.reading.pairs.source.get(found[0]) != access.touch.symbol:
        raise Mismatch(assign.value, f"'{text(assign.value)}' is not the element '{planned.element}'")
    Comparison(at.reading, where, at.state, {}).local_element(access.touch.node, assign.value, found[0])
    _check_condition(c, truth, access, share, planned, at)


def _check_condition(
    c: tree.If, truth: Alternatives, access: Access, share: Share, planned: Communication, at: Position
) -> None:
    """Only the owner of the element's row sets the copy."""
    row = _row(access, at)
    if row is None:
        raise Mismatch(c, f"the row of '{planned.element}' is not understood")
    try:
        point = guards.difference(truth, guards.owner_of(row, share), at.reading.terms)
    except NotAffine:
        raise Mismatch(c, f"not shown: only the owner of '{planned.element}' sets the copy") from None
    if point is not None:
        raise Mismatch(c, f"the condition is not that this rank owns '{planned.element}'", witness(point))


def _access(planned: Communication, at: Position) -> Access | None:
    """The sequential program's access that a broadcast serves."""
    facts = at.reading.facts
    for t in facts.touches.of(planned.start.statement):
        if isinstance(t, ElementTouch) and t.symbol.uid == planned.uid and text(t.node) == planned.element:
            return facts.accesses.get(id(t))
    return None


def _row(access: Access, at: Position) -> Polynomial | None:
    """The row of an element: its first subscript, or its word's number over the words of a row."""
    known = access.subscripts[0]
    if known is not None or access.linear is None:
        return known
    words = at.reading.facts.extents[access.touch.symbol].row_words
    wanted = Quotient("/", access.linear, words)
    for atom, quotient in at.reading.terms.quotients.items():
        if quotient == wanted:
            return Polynomial((((atom,), 1),))
    return None


def check_call(row: Row, call: tree.Call, where: Where, at: Position) -> None:
    """MPI_Bcast of a copy, from the rank that has set it."""
    check_arguments(call, 5)
    buffer, count, kind, root, world = call.arguments
    place = address_of(buffer)
    if place is None or place.symbol not in row.fetching:
        raise Mismatch(call, "what is broadcast is no copy that the owner of an element has just set")
    symbol, number = place.symbol, row.fetching[place.symbol]
    planned = at.reading.intent.communication(number)
    access = _access(planned, at)
    assert access is not None
    value = at.reading.plain(count, where, at.state)
    if value is None or value.constant != 1:
        raise Mismatch(count, "one element is broadcast, not more and not less")
    wanted = at.reading.facts.extents[access.touch.symbol].element
    if symbol.type != wanted:
        raise Mismatch(buffer, f"'{symbol}' has another type than '{planned.element}'")
    check_type(kind, wanted, at)
    _check_root(root, access, planned, where, at)
    if not is_world(world, at):
        raise Mismatch(world, "this is not MPI_COMM_WORLD")
    if (number, "") in row.found:
        raise Mismatch(call, f"'{planned.element}' is broadcast twice")
    row.found.add((number, ""))
    row.copies[symbol] = (planned.uid, planned.element)
    at.reading.findings.holds(
        f"broadcast of '{planned.element}' before line {planned.start.line}: from its owner, to all"
    )


def _check_root(root: Expr, access: Access, planned: Communication, where: Where, at: Position) -> None:
    """The root is the owner of the element's row."""
    reading = at.reading
    share = reading.roles.share(reading.intent.plan.partition(planned.partition or ""), root)
    row = _row(access, at)
    message = f"the root is not the owner of '{planned.element}'"
    function = reading.functions.get(root.name or "") if isinstance(root, tree.Call) else None
    if function is None or not isinstance(root, tree.Call):
        raise Mismatch(root, f"{message}, or that is not shown", _elsewhere(root, where, at))
    values = [reading.plain(a, where, at.state) for a in root.arguments]
    law = reading.laws.dealing(function)
    if share.law != "floor":
        raise Mismatch(root, f"not shown: the root is the owner of '{planned.element}'")
    if law is None or law.kind != "owner":
        positions = _positions(values, share, row)
        broken = broken_owner(function, positions, reading.functions) if positions else None
        raise Mismatch(function, f"'{function.symbol}' does not give the owner of an index", broken or "")
    if any(width(a.type) > width(p.symbol.type) for a, p in zip(root.arguments, function.parameters, strict=False)):
        raise Mismatch(root, f"'{function.symbol}' cuts off an index that 'int' does not hold", "element 5000000000")
    if not law.wide:
        raise Mismatch(function, f"a product in '{function.symbol}' may overflow", "2000000000 elements, 3 ranks")
    if tuple(values[k] for k in law.order) != (share.extent, row, share.parts):
        raise Mismatch(root, message, _arguments(values, (share.extent, row, share.parts), law.order, at))


def _positions(values: list[Polynomial | None], share: Share, row: Polynomial | None) -> tuple[int, int, int] | None:
    """Which argument is the extent, the row, the number of parts."""
    if row is None or len(values) != 3 or share.extent not in values or row not in values or share.parts not in values:
        return None
    order = (values.index(share.extent), values.index(row), values.index(share.parts))
    return order if len(set(order)) == 3 else None


def _elsewhere(root: Expr, where: Where, at: Position) -> str:
    value = at.reading.plain(root, where, at.state)
    if value is None or value.constant is None:
        return ""
    return f"always rank {value.constant}, whichever rank owns the row"


def _arguments(
    found: list[Polynomial | None], wanted: tuple[Polynomial | None, ...], order: tuple[int, int, int], at: Position
) -> str:
    terms = at.reading.terms
    for k, w in zip(order, wanted, strict=True):
        f = found[k]
        if f is not None and w is not None and f != w:
            return f"it is asked about {terms.text(f)} instead of {terms.text(w)}"
    return ""
