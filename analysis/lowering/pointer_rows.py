"""Matrices whose rows pointers lead to (`double **a`) as pointers to arrays, where the rows are made once and for all.

    a = malloc(n * sizeof *a);  for (i = 0; i < n; i++) a[i] = malloc(m * sizeof *a[i]);
    a = malloc(n * sizeof *a);  a[0] = malloc(n*m * sizeof **a);  for (i = 1; i < n; i++) a[i] = a[i-1] + m;

So are grids, whose planes and the rows in these pointers lead to (`double ***a`: pointer_planes.py).
What makes and frees the rows leaves the tree; `VarDecl.rows` keeps it, as local arrays have fewer rows.
"""

from __future__ import annotations

from collections.abc import Mapping

from chatmpi.analysis import tree
from chatmpi.analysis.calls.effects import summarise
from chatmpi.analysis.expressions import allocation, bare, is_null
from chatmpi.analysis.flow import live_after
from chatmpi.analysis.lowering.in_place import Laid, in_place
from chatmpi.analysis.memory.row_storage import Made, Matrix, leaving_functions, settled
from chatmpi.analysis.numbers.naming import top_level, unread
from chatmpi.analysis.numbers.signs import signs
from chatmpi.analysis.numbers.values import PLAIN, Naming
from chatmpi.analysis.parents import is_in_sizeof, out_of_casts, parents
from chatmpi.analysis.touches import ScalarTouch, touches
from chatmpi.analysis.tree import Expr, Node, Program, Symbol, VarDecl


def follow_rows(program: Program) -> Program:
    """The program with arrays for the matrices of its main function whose rows are made in one of the known ways."""
    main = program.function("main")
    if main is None:
        return program
    around = parents([*program.globals, *program.functions])
    matrices = _matrices(program, main, around)
    made = settled(matrices, main, around, sizes_of(program, main), leaving_functions(program)) if matrices else {}
    return in_place(program, {s: _laid(how, made) for s, how in made.items()}) if made else program


def _laid(how: Made, made: Mapping[Symbol, Made]) -> Laid:
    gone = {i for other in made.values() for i in other.gone}
    storage, named = how.storage(gone), frozenset() if how.named is None else frozenset({how.named})
    return Laid(how.matrix.symbol, how.matrix.makings[0], (how.extent,), how.zeroed, storage, how.gone, named)


def sizes_of(program: Program, main: tree.Function, known: Naming = PLAIN) -> Naming:
    """The sizes that helper functions, which now stand in main, know by names of their own, beside what is `known`."""
    defined = frozenset(f.symbol.name for f in program.functions)
    every = {f.symbol.name: touches(f.body, defined) for f in program.functions}
    touched = every[main.symbol.name]
    unstable = frozenset(t.symbol for t in touched.items if isinstance(t, ScalarTouch) and t.write and t.update is None)
    left = frozenset(unread(touched, summarise(program, every), live_after(main.body, touched)))
    return top_level(touched, known, unstable, signs(touched, unstable, left))


# -------------------------------------------------------------------------------------------- what is done


def _matrices(program: Program, main: tree.Function, around: Mapping[int, Node]) -> list[Matrix]:
    """The pointers to pointers of which every use is understood."""
    declared = [n for n in (*program.globals, *tree.walk(main.body)) if isinstance(n, VarDecl)]
    found = {v.symbol: Matrix(v) for v in declared if _is_matrix(v.symbol.type) and not v.in_macro}
    for v in declared:
        if v.symbol in found and v.init is not None:
            _assigned(found, v.symbol, v.init)
    for root in (*program.globals, *program.functions):
        for n in tree.walk(root):
            if isinstance(n, tree.Name) and n.symbol in found and not _understood(n, found[n.symbol], around, found):
                found.pop(n.symbol, None)
    return list(found.values())


def _is_matrix(kind: tree.CType) -> bool:
    match kind:
        case tree.Pointer(target=tree.Pointer(target=tree.Scalar())):
            return True
    return False


def _assigned(found: dict[Symbol, Matrix], symbol: Symbol, value: Expr) -> bool:
    """Note a value that the matrix itself gets: memory, NULL or another matrix."""
    if allocation(value) is not None:
        found[symbol].makings.append(value)
        return True
    if isinstance(bare(value), tree.Name) or is_null(value):
        return True
    found.pop(symbol, None)
    return False


def _understood(name: tree.Name, matrix: Matrix, around: Mapping[int, Node], found: dict[Symbol, Matrix]) -> bool:
    """Whether a use of the matrix's name is one that rows allow; what makes, frees or tests rows is noted."""
    node, above = out_of_casts(name, around)
    match above:
        case tree.Index(base=base) if base is node:
            return _row_use(above, matrix, around)
        case tree.Unary(op="*"):
            return is_in_sizeof(above, around)
        case tree.Sizeof():
            return False
        case tree.Assign(op="=", target=target, value=value):
            return _assigned(found, name.symbol, value) if target is node else _is_name(target)
        case VarDecl():
            return True  # another pointer takes the address: whether they are exchanged is seen later
        case tree.Call(name="free"):
            return True
        case tree.Binary(op="==" | "!=" | "&&" | "||") | tree.Unary(op="!") | tree.If():
            return True
    return False


def _row_use(row: tree.Index, matrix: Matrix, around: Mapping[int, Node]) -> bool:
    node, above = out_of_casts(row, around)
    match above:
        case tree.Assign(op="=", target=target, value=value) if target is node and _is_first(row) and is_null(value):
            matrix.empty.append(above)
            return True
        case tree.Assign(target=target) if target is node:
            matrix.rows.append(above)
            return above.op == "="
        case tree.Call(name="free"):
            matrix.freed_rows.append(above)
            return True
        case tree.Unary(op="&" | "++x" | "--x" | "x++" | "x--"):
            return False
        case tree.Unary(op="!") | tree.Binary(op="==" | "!=") | tree.If():
            matrix.tests.append(above)
            return True
        case tree.Sizeof():
            return False
    return True


def _is_first(row: tree.Index) -> bool:
    return isinstance(row.subscript, tree.IntLiteral) and row.subscript.value == 0


def _is_name(expr: Expr) -> bool:
    return isinstance(expr, tree.Name)
