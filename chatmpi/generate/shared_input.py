"""What rank 0 alone knows, and the others get from it: standard input that is read in loops, helper functions and
expressions, what its output answers, and times and settings that decide something."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare
from chatmpi.analysis.outside.answers import answers_of_root
from chatmpi.analysis.outside.shared_inputs import InputCall, Target, input_calls
from chatmpi.analysis.outside.varying import agreed_calls
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Expr
from chatmpi.generate.bounds import expression
from chatmpi.generate.insertions import Uneditable
from chatmpi.generate.layout import Layout
from chatmpi.plan.candidates import MPI_TYPES


def share_input(layout: Layout) -> None:
    """Every call that reads standard input, in whatever function, becomes one that all ranks make together."""
    if layout.plan.input_shared:
        for found in input_calls(layout.facts.program)[0]:
            _share(found, layout)


def agree(layout: Layout) -> None:
    """`srand(time(NULL))`: where a time or a setting decides, all ranks take that of rank 0."""
    for call in agreed_calls(layout.facts) if layout.plan.agreed else ():
        if call.name == "getenv":
            layout.headers.add("string.h")
            layout.edits.append(Edit(call.callee.span, layout.helper("getenv_on_root")))
            continue
        share = layout.helper("share_time" if call.name == "time" else "share_int")
        layout.edits.extend([Edit(_start(call), f"{share}("), Edit(_end(call), ")")])


def share_answers(layout: Layout) -> None:
    """`return fclose(f);`: what rank 0 alone writes answers all ranks."""
    for call in answers_of_root(layout.facts.program, layout.facts.streams)[0] if layout.plan.answered else ():
        share = layout.helper("share_int" if call.type == tree.Scalar("int") else "share_size")
        layout.edits.append(Edit(_start(call), f"{share}({layout.rank_used()} == 0 ? "))
        layout.edits.append(Edit(_end(call), " : 0)"))


def _share(found: InputCall, layout: Layout) -> None:
    call, edits = found.call, layout.edits
    match found.kind:
        case "character":
            edits.append(Edit(_start(call), f"{layout.helper('share_int')}({layout.rank_used()} == 0 ? "))
            edits.append(Edit(_end(call), " : 0)"))
        case "line" if found.stream is not None:
            edits.append(Edit(call.callee.span, layout.helper("fgets_for_all")))
        case "line":
            size = call.arguments[1]
            edits.append(Edit(call.callee.span, layout.helper("fgets_on_root")))
            edits.append(Edit(Span(size.span.end, call.arguments[2].span.end), ""))
        case "scan" if found.stream is None and len(found.targets) == 1 and found.format is not None:
            _scan_one(found, found.format, found.targets[0], layout)
        case "scan":
            _scan_several(found, layout)


def _scan_one(found: InputCall, format: Expr, target: Target, layout: Layout) -> None:
    """`scan_on_root("%lf", &x, 1, MPI_DOUBLE)`."""
    call = found.call
    layout.edits.append(Edit(Span(call.span.begin, format.span.begin), f"{layout.helper('scan_on_root')}("))
    layout.edits.append(Edit(Span(target.address.span.end, target.address.span.end), f", {_amount(target, layout)}"))


def _scan_several(found: InputCall, layout: Layout) -> None:
    """`share_items(share_items(rank == 0 ? scanf("%d %d", &n, &m) : 0, 1, &n, 1, MPI_INT), 2, &m, 1, MPI_INT)`."""
    share = layout.helper("share_items" if found.targets else "share_int")
    opening = f"{share}(" * max(1, len(found.targets))
    layout.edits.append(Edit(_start(found.call), f"{opening}{layout.rank_used()} == 0 ? "))
    shown = [f", {k}, {_address(t, layout)}, {_amount(t, layout)})" for k, t in enumerate(found.targets, 1)]
    layout.edits.append(Edit(_end(found.call), f" : 0{''.join(shown) or ')'}"))


def _address(target: Target, layout: Layout) -> str:
    """The address once more, as the edits make it."""
    return layout.kept.get(target.address.span) or expression(target.address, layout)


def _amount(target: Target, layout: Layout) -> str:
    """The count and type of what is stored at an address."""
    address = bare(target.address)
    if target.text:
        return f"sizeof {expression(address, layout)}, MPI_CHAR"
    kind = address.operand.type if isinstance(address, tree.Unary) and address.op == "&" else None
    match address.type:
        case tree.Pointer(target=inner) | tree.Array(element=inner) if kind is None:
            kind = inner
    if not isinstance(kind, tree.Scalar) or kind.name not in MPI_TYPES:
        raise Uneditable("MPI has no type for what is read", address)
    return f"1, {MPI_TYPES[kind.name]}"


def _start(node: tree.Node) -> Span:
    return Span(node.span.begin, node.span.begin)


def _end(node: tree.Node) -> Span:
    return Span(node.span.end, node.span.end)
