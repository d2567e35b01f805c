"""The text of whole copies: their memory, the gathering, and the reads that use them."""

from __future__ import annotations

from collections.abc import Iterable

from chatmpi.analysis import tree
from chatmpi.analysis.numbers.polynomial import ONE, Polynomial
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.touches import ElementTouch
from chatmpi.analysis.tree import Symbol
from chatmpi.generate.dealing import allgather, dealing_of
from chatmpi.generate.dealt_where import found_inside
from chatmpi.generate.exchanges import row_address
from chatmpi.generate.fragments import render
from chatmpi.generate.insertions import Uneditable
from chatmpi.generate.layout import Layout
from chatmpi.generate.ownership import global_row
from chatmpi.generate.packed_rows import gathered_in_place
from chatmpi.generate.room_for_copies import make_room
from chatmpi.plan.candidates import MPI_TYPES
from chatmpi.plan.communicate import statement_of
from chatmpi.plan.whole import wholes_of


def insert_whole_copies(layout: Layout) -> list[str]:
    """Gather whole copies where the plan says so, and read them there; the names to free at the end."""
    names: dict[Symbol, str] = {}
    wholes = list(wholes_of(layout.plan, layout.facts))
    for c in wholes:
        if layout.facts.extents[c.array].packed is not None:
            layout.insertions.before.setdefault(c.statement, []).append(gathered_in_place(c.array, layout))
            continue
        if c.array not in names:
            names[c.array] = layout.names.fresh(c.array.name.rpartition("::")[2] + "_all")
            uses = [other.statement for other in wholes if other.array == c.array]
            allocate_whole(c.array, names[c.array], f"all of {c.array.name}, on every rank", uses, layout)
        _gather(c.statement, c.array, names[c.array], layout)
        _read(c.statement, c.array, names[c.array], layout)
    return list(names.values())


def whole_rows(array: Symbol, name: str, layout: Layout) -> tuple[str, Polynomial]:
    """The declarator of a pointer to all rows of an array, and how many of what it points to that is."""
    facts = layout.facts
    inner = _inner_brackets(array, layout)
    element = facts.extents[array].element.name
    declared = f"{element} (*{name}){inner}" if inner else f"{element} *{name}"
    rows = layout.of_array[array].extent  # of the longest array of the group: so many are dealt
    return declared, rows if inner else rows * facts.extents[array].row_words


def allocate_whole(array: Symbol, name: str, what: str, uses: Iterable[int], layout: Layout) -> None:
    """Make room for all rows of an array, for the statements that use it."""
    declared, rows = whole_rows(array, name, layout)
    memory = f"malloc((size_t){rows.operand_text()} * sizeof *{name})"
    if _is_constant(_inner_brackets(array, layout), layout):
        layout.file_scope.append(f"static {declared};  /* {what} */")
        line = f"{name} = {memory};"
    elif found_inside(layout.of_array[array], layout) is not None:
        raise Uneditable("a row of it has no type at file scope", layout.main, array=array)
    else:
        line = f"{declared} = {memory};  /* {what} */"
    make_room(array, line, uses, layout)


def _inner_brackets(array: Symbol, layout: Layout) -> str:
    """The extents of one row as the declaration writes them; "" for an array that is reached by one subscript."""
    declaration = layout.facts.arrays.declared[array]
    brackets = declaration.brackets[1:] if isinstance(array.type, tree.Array) else declaration.brackets
    inner = array.type.element if isinstance(array.type, tree.Array) else None
    inner = array.type.target if isinstance(array.type, tree.Pointer) else inner
    if isinstance(inner, tree.Scalar):
        return ""
    if not isinstance(inner, tree.Array) or not brackets:
        raise Uneditable("its rows cannot be gathered in one piece", declaration, array=array)
    source = layout.facts.program.source
    return "".join(source.shown_at(b) for b in brackets)


def _is_constant(brackets: str, layout: Layout) -> bool:
    """Whether an array type can stand at file scope: no variable is in its extents."""
    variables = {v.symbol.name for v in layout.facts.written.globals}
    variables |= {n.symbol.name for n in tree.walk(layout.main) if isinstance(n, tree.VarDecl)}
    return not any(word in variables for word in brackets.replace("[", " ").replace("]", " ").split())


def _gather(statement: int, array: Symbol, name: str, layout: Layout) -> None:
    blocks = layout.of_array[array]
    extents = layout.facts.extents[array]
    if blocks.cyclic or blocks.work or blocks.used:
        layout.insertions.before.setdefault(statement, []).append(_put_together(array, name, layout))
        return
    layout.helper("block_begin")
    text = render(
        "whole_copy",
        gather_whole=layout.helper("gather_whole"),
        own=row_address(array, str(blocks.halo.lower), extents.row_words),
        array=array.name,
        whole=name,
        extent=blocks.extent.text(),
        owners=blocks.owners if blocks.owners != layout.size else layout.size_used(),
        words=extents.row_words.text(),
        type=MPI_TYPES[extents.element.name],
    )
    layout.insertions.before.setdefault(statement, []).append(text)


def _put_together(array: Symbol, whole: str, layout: Layout) -> str:
    """Rows that are not dealt in equal blocks: each rank puts its own where they belong."""
    blocks = layout.of_array[array]
    extents = layout.facts.extents[array]
    kind = MPI_TYPES[extents.element.name]
    words = extents.row_words
    row = layout.names.fresh("r")

    def place(name: str, at: str) -> str:
        return row_address(array, at, words).replace(array.name, name, 1)

    size = f"sizeof({extents.element.name})"
    if words != ONE:
        size = f"{words.operand_text()} * {size}"
    start = place(whole, "0")
    layout.headers.update(("stdlib.h", "string.h"))
    if blocks.cyclic:
        layout.helper("rows_below")
        into, own = place(whole, global_row(row, blocks)), place(array.name, row)
        lines = [
            f"for ({layout.index} {row} = 0; {row} < {blocks.count}; {row}++)",
            f"{layout.unit}memcpy({into}, {own}, {size});",
            f"{layout.helper('allgather_rows')}({start}, 0, 0, {blocks.extent.text()}, {words.text()}, {kind});",
        ]
    else:
        dealing = dealing_of(blocks)
        function, more = allgather(dealing, layout)
        call = render(
            "allgather",
            allgather_blocks=function,
            array=start,
            extent=dealing.extent,
            base="0",
            owners=dealing.owners,
            more=more,
            first="0",
            last=dealing.extent,
            words=words.text(),
            type=kind,
        )
        into, own = place(whole, blocks.begin), place(array.name, str(blocks.halo.lower))
        lines = [f"memcpy({into}, {own}, (size_t){blocks.count} * {size});", call]
    return "\n".join([f"/* every rank reads all of {array.name} here */", *lines])


def _read(statement: int, array: Symbol, name: str, layout: Layout) -> None:
    region = statement_of(statement, layout.facts)
    for t in layout.facts.touches.of(region.id):
        if isinstance(t, ElementTouch) and t.symbol == array:
            layout.edits.append(Edit(base_span(t.node, array), name))


def base_span(node: tree.Expr, array: Symbol) -> Span:
    """Where the array's name stands in the text of an element."""
    for n in tree.walk(node):
        if isinstance(n, tree.Name) and n.symbol == array:
            if n.in_macro:
                break
            return n.span
    raise Uneditable("a macro writes the element", node, array=array)
