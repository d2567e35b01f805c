"""Grids whose planes and rows pointers lead to (`double ***a`) as pointers to arrays of arrays, where they get their
memory once and for all.

    a = malloc(n * sizeof *a);
    for (i = 0; i < n; i++) {
        a[i] = malloc(m * sizeof *a[i]);
        for (j = 0; j < m; j++)
            a[i][j] = malloc(l * sizeof(double));
    }
"""

from __future__ import annotations

from collections.abc import Mapping

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import allocation, bare, is_null
from chatmpi.analysis.lowering.in_place import Laid, in_place
from chatmpi.analysis.lowering.pointer_rows import sizes_of
from chatmpi.analysis.memory.plane_storage import Grid, settled_planes, with_spent_loops
from chatmpi.analysis.memory.row_storage import leaving_functions
from chatmpi.analysis.parents import is_in_sizeof, out_of_casts, parents
from chatmpi.analysis.tree import Expr, Node, Program, VarDecl


def follow_planes(program: Program) -> Program:
    """The program with arrays for the grids of its main function whose planes are made in one of the known ways."""
    main = program.function("main")
    if main is None:
        return program
    around = parents([*program.globals, *program.functions])
    grids = _grids(program, main, around)
    sizes = sizes_of(program, main) if grids else None
    made = {} if sizes is None else settled_planes(grids, main, around, sizes, leaving_functions(program))
    gone = frozenset(with_spent_loops(made.values()))
    laid = {
        s: Laid(s, how.grid.makings[0], how.extents, how.zeroed, how.storage(gone), gone, how.named)
        for s, how in made.items()
    }
    return in_place(program, laid) if laid else program


def _grids(program: Program, main: tree.Function, around: Mapping[int, Node]) -> list[Grid]:
    """The pointers to pointers to pointers of which every use is understood."""
    declared = [n for n in (*program.globals, *tree.walk(main.body)) if isinstance(n, VarDecl)]
    found = {v.symbol: Grid(v) for v in declared if _is_grid(v.symbol.type) and not v.in_macro}
    for v in declared:
        if v.symbol in found and v.init is not None and not _assigned(found[v.symbol], v.init):
            del found[v.symbol]
    for root in (*program.globals, *program.functions):
        for n in tree.walk(root):
            if isinstance(n, tree.Name) and n.symbol in found and not _understood(n, found[n.symbol], around):
                del found[n.symbol]
    return list(found.values())


def _is_grid(kind: tree.CType) -> bool:
    match kind:
        case tree.Pointer(target=tree.Pointer(target=tree.Pointer(target=tree.Scalar()))):
            return True
    return False


def _assigned(grid: Grid, value: Expr) -> bool:
    """Note a value that the grid itself gets: memory, NULL or another grid."""
    if allocation(value) is not None:
        grid.makings.append(value)
        return True
    return isinstance(bare(value), tree.Name) or is_null(value)


def _understood(name: tree.Name, grid: Grid, around: Mapping[int, Node]) -> bool:
    """Whether a use of the grid's name is one that planes allow; what makes, frees or tests them is noted."""
    node, above = out_of_casts(name, around)
    match above:
        case tree.Index(base=base) if base is node:
            return _pointer_use(above, grid, around, 1)
        case tree.Unary(op="*"):
            return is_in_sizeof(above, around)
        case tree.Assign(op="=", target=target, value=value):
            return _assigned(grid, value) if target is node else isinstance(target, tree.Name)
        case VarDecl() | tree.Call(name="free"):
            return True  # another pointer takes the address: whether they are exchanged is seen later
        case tree.Binary(op="==" | "!=" | "&&" | "||") | tree.Unary(op="!") | tree.If():
            return True
    return False


def _pointer_use(pointer: tree.Index, grid: Grid, around: Mapping[int, Node], depth: int) -> bool:
    """The same of `a[i]`, and of `a[i][j]`, which may also be used as the array that it leads to."""
    node, above = out_of_casts(pointer, around)
    match above:
        case tree.Index(base=base) if base is node and depth == 1:
            return _pointer_use(above, grid, around, 2)
        case tree.Assign(op="=", target=target) if target is node:
            (grid.planes if depth == 1 else grid.rows).append(above)
            return True
        case tree.Assign(target=target) if target is node:
            return False
        case tree.Call(name="free"):
            grid.freed.append(above)
            return True
        case tree.Unary(op="!") | tree.Binary(op="==" | "!=") | tree.If():
            grid.tests.append(above)
            return True
        case tree.Unary(op="&" | "++x" | "--x" | "x++" | "x--"):
            return _is_first_of_block(above, around)
        case tree.Binary(op="+") if depth == 1:
            return _makes_pointers(above, around)
        case tree.Sizeof():
            return False
        case tree.Unary(op="*") if depth == 1:
            return is_in_sizeof(above, around)
    return depth == 2


def _is_first_of_block(address: tree.Unary, around: Mapping[int, Node]) -> bool:
    """`&a[0][x]`: the pointer to a row, in the value of a plane."""
    return address.op == "&" and _makes_pointers(address, around)


def _makes_pointers(value: Node, around: Mapping[int, Node]) -> bool:
    """Whether an address is what a pointer in a grid gets; which, is seen where it gets it."""
    _, above = out_of_casts(value, around)
    return isinstance(above, tree.Assign) and above.op == "=" and isinstance(bare(above.target), tree.Index)
