"""What is gathered of an array that every rank holds: whole rows, pieces of one row, or blocks of columns."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.numbers.polynomial import ONE, Polynomial
from chatmpi.analysis.tree import Symbol
from chatmpi.generate.layout import Layout
from chatmpi.plan.candidates import MPI_TYPES
from chatmpi.plan.fit import Gather


def gathered_text(gather: Gather, call: str, layout: Layout) -> str:
    """The statements that gather; `call` has the places ARRAY, WORDS and TYPE."""
    symbol, found = gather.array, gather.columns
    element = MPI_TYPES[layout.facts.extents[symbol].element.name]
    words = gather.unit.text()
    if found is None:
        return _filled(call, symbol.name, words, element)
    if found.rows is not None:
        return _filled(call, _address(symbol, found.rows, layout), words, element)
    dimensions = layout.facts.extents[symbol].dimensions
    rows, stride = _product(dimensions[: found.dimension]), gather.unit * dimensions[found.dimension]
    kind = layout.names.fresh(f"{symbol.name}_columns")
    made = f"{layout.helper('column_type')}({rows.text()}, {words}, {stride.text()}, {element})"
    return "\n".join(
        [
            f"MPI_Datatype {kind} = {made};",
            _filled(call, symbol.name, "1", kind),
            f"MPI_Type_free(&{kind});",
        ]
    )


def _filled(call: str, array: str, words: str, kind: str) -> str:
    return call.replace("ARRAY", array).replace("WORDS", words).replace("TYPE", kind)


def _product(factors: tuple[Polynomial, ...]) -> Polynomial:
    total = ONE
    for f in factors:
        total = total * f
    return total


def _address(symbol: Symbol, rows: tuple[Polynomial, ...], layout: Layout) -> str:
    """The first element of a row."""
    inner = symbol.type.element if isinstance(symbol.type, tree.Array) else None
    inner = symbol.type.target if isinstance(symbol.type, tree.Pointer) else inner
    if isinstance(inner, tree.Array):
        return symbol.name + "".join(f"[{row.text()}]" for row in rows)
    dimensions = layout.facts.extents[symbol].dimensions
    total = Polynomial()
    for k, row in enumerate(rows):
        total = total + row * _product(dimensions[k + 1 :])
    return f"&{symbol.name}[{total.text()}]"
