"""Matrices whose rows and columns are counted from other numbers than zero (`dmatrix` of Numerical Recipes).

    m = malloc((nrow + 1) * sizeof(double *));              m = malloc((nrh + 1) * sizeof(double *));
    m += 1;  m -= nrl;
    m[nrl] = malloc((nrow * ncol + 1) * sizeof(double));    m[0] = malloc((nrh + 1) * (ncol + ncl) * sizeof(double));
    m[nrl] += 1;  m[nrl] -= ncl;
    for (i = nrl + 1; i <= nrh; i++)                        for (i = 1; i <= nrh; i++)
        m[i] = m[i - 1] + ncol;                                 m[i] = m[i - 1] + (ncol + ncl);

    free(m[nrl] + ncl - 1);  free(m + nrl - 1);             free(m[0]);  free(m);

They get room for what stands before their first row and column, which nobody uses. Only where all matrices of a
program are made so, and both numbers are not negative. The edits are of the text, which is parsed again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import allocation, bare, is_null
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.memory.subscripts import is_inside
from chatmpi.analysis.numbers.polynomial import constant
from chatmpi.analysis.parents import Parents, out_of_casts, parents
from chatmpi.analysis.restyle.respelling import removal
from chatmpi.analysis.restyle.row_owners import is_matrix
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Call, Expr, Function, Node, Program, Stmt, Symbol


def displaced_matrices(program: Program) -> list[Edit]:
    """The edits for all such matrices of a program; none if one of them is not followed."""
    makers = [m for f in program.functions if (m := _maker(f)) is not None]
    around = parents((*program.globals, *program.functions))
    if not makers or not all(_counts_up(m, program, around) for m in makers):
        return []
    frees = list(_frees(program, around))
    freed = {id(n) for f in frees for n in tree.walk(f)}
    if any(f.in_macro for f in frees) or not _all_made_so(makers, freed, program, around):
        return []
    edits = [e for m in makers for e in _made_anew(m, program)]
    for call in frees:
        matrix = next(n for n in tree.walk(call) if isinstance(n, tree.Name) and is_matrix(n.type))
        name = matrix.symbol.name if is_matrix(bare(call.arguments[0]).type) else f"{matrix.symbol.name}[0]"
        begin = program.source.text.index("(", call.callee.span.end) + 1
        edits.append(Edit(Span(begin, call.span.end - 1), name))
    return [*edits, *(e for f in program.functions for e in _idle(f, edits))]


def first_column(program: Program) -> int | None:
    """The number that the columns of such matrices are counted from, the largest if there are several; None if the
    program makes none."""
    makers = [m for f in program.functions if (m := _maker(f)) is not None]
    found: list[int] = []
    for m in makers:
        at = next(k for k, p in enumerate(m.function.parameters) if p.symbol == m.columns[0])
        calls = [n for f in program.functions for n in tree.walk(f.body) if isinstance(n, Call)]
        given = [bare(c.arguments[at]) for c in calls if c.name == m.function.symbol.name]
        found += [e.value for e in given if isinstance(e, tree.IntLiteral)]
    return max(found, default=None)


def stay_in_columns(facts: Facts, first: int) -> bool:
    """Whether no subscript of matrices in blocks is less than `first`, or leaves its row."""
    blocks = {s for s, v in facts.arrays.declared.items() if v.rows is not None and v.rows.in_blocks}
    for a in facts.accesses.values():
        if a.touch.symbol in blocks:
            extents = facts.extents[a.touch.symbol].dimensions if a.touch.symbol in facts.extents else ()
            context = a.touch.context
            naming, less = facts.naming_at(context.loops), constant(first)
            if a.runs_over or len(extents) != 2 or len(a.subscripts) != 2:
                return False
            value = a.subscripts[1]
            if value is None or not is_inside(value - less, extents[1] - less, context, naming, facts.loops):
                return False
    return True


def _idle(f: Function, edits: list[Edit]) -> Iterator[Edit]:
    """What only the text that goes has named is still named."""
    gone = [e.span for e in edits if f.body.span.begin <= e.span.begin < f.body.span.end]
    left, lost = set[Symbol](), dict[Symbol, None]()
    for n in tree.walk(f.body):
        if isinstance(n, tree.Name) and isinstance(n.type, tree.Scalar) and n.symbol.storage in {"local", "parameter"}:
            if any(s.begin <= n.span.begin < s.end for s in gone):
                lost[n.symbol] = None
            else:
                left.add(n.symbol)
    words = {w for e in edits for w in re.findall(r"\w+", e.text) if e.span in gone}
    shown = "".join(f"(void){s.name}; " for s in lost if s not in left and s.name not in words)
    if shown:
        first = min(gone, key=lambda s: s.begin).begin
        at = next(s for s in f.body.body if s.span.begin <= first < s.span.end)
        yield Edit(Span(at.span.begin, at.span.begin), shown)


@dataclass
class _Maker:
    """A function that makes one matrix: the calls for its table and its block, the statements that move pointers."""

    function: Function
    matrix: Symbol
    table: Call | None = None
    block: Call | None = None
    moves: list[Stmt] = field(default_factory=list)
    starts: list[Expr] = field(default_factory=list)  # subscripts of the first row
    columns: list[Symbol] = field(default_factory=list)
    loop: tree.For | None = None
    stride: Expr | None = None
    second: tree.Binary | None = None  # the row that the loop begins with
    last: Symbol | None = None

    @property
    def first(self) -> Symbol | None:
        """The parameter that is the first row's number."""
        numbers = [*self.starts, *([] if self.second is None else [self.second.left])]
        names = {n.symbol if isinstance(n, tree.Name) else None for n in map(bare, numbers)}
        return names.pop() if len(names) == 1 else None


def _maker(f: Function) -> _Maker | None:
    """What makes a matrix in a function, if it does nothing else with it."""
    body = f.body.body
    last = body[-1] if body else None
    if not isinstance(last, tree.Return) or not isinstance(last.value, tree.Name) or not is_matrix(last.value.type):
        return None
    m = _Maker(f, last.value.symbol)
    if m.matrix.storage != "local" or not all(_belongs(s, m) for s in body[:-1]):
        return None
    complete = m.table is not None and m.block is not None and m.loop is not None and m.first is not None
    parameters = {p.symbol for p in f.parameters}
    known = complete and {m.first, m.last, *m.columns} <= parameters and len(set(m.columns)) == 1
    return m if known and m.moves else None


def _belongs(s: Stmt, m: _Maker) -> bool:
    """Whether a statement is a part of making the matrix, in its turn, or has nothing to do with it."""
    if not any(isinstance(n, tree.Name | tree.VarDecl) and n.symbol == m.matrix for n in tree.walk(s)):
        return True
    match s:
        case tree.Declaration(variables=variables):
            inits = [v.init for v in variables if v.symbol == m.matrix and v.init is not None]
            m.table = allocation(inits[0]) if inits else m.table
            return not inits or m.table is not None
        case tree.ExprStmt(expr=tree.Assign(op="=", target=tree.Name(), value=value)) if m.table is None:
            m.table = allocation(value)
            return m.table is not None
        case tree.ExprStmt(expr=tree.Assign(op="+=" | "-=" as op, target=tree.Name())) if m.table and not m.block:
            m.moves.append(s)
            return True
        case tree.ExprStmt(expr=tree.Assign(op="=", target=tree.Index(subscript=at), value=value)) if not m.block:
            m.block = allocation(value)
            m.starts.append(at)
            return m.block is not None and m.table is not None
        case tree.ExprStmt(expr=tree.Assign(op="+=" | "-=" as op, target=tree.Index(subscript=at), value=value)):
            m.moves.append(s)
            m.starts.append(at)
            if op == "-=" and isinstance(bare(value), tree.Name):
                m.columns.append(bare(value).symbol)  # type: ignore[attr-defined]
            return m.block is not None and m.loop is None
        case tree.If(condition=condition, otherwise=None):
            return _tests(condition, m)
        case tree.For() if m.block is not None and m.loop is None:
            m.loop = s
            return _links(s, m)
    return False


def _tests(condition: Expr, m: _Maker) -> bool:
    match condition:
        case tree.Unary(op="!", operand=tested) | tree.Binary(op="==", left=tested):
            if isinstance(tested, tree.Index):
                m.starts.append(tested.subscript)
            return True
    return False


def _links(loop: tree.For, m: _Maker) -> bool:
    """`for (i = first + 1; i <= last; i++) m[i] = m[i - 1] + stride;`"""
    body = loop.body.body[0] if isinstance(loop.body, tree.Block) and len(loop.body.body) == 1 else loop.body
    match loop.init, loop.condition, body:
        case (
            tree.ExprStmt(
                expr=tree.Assign(op="=", target=tree.Name(symbol=i), value=tree.Binary(op="+", right=one) as second)
            ),
            tree.Binary(op="<=", left=tree.Name(symbol=j), right=tree.Name(symbol=last)),
            tree.ExprStmt(
                expr=tree.Assign(
                    op="=",
                    target=tree.Index(subscript=tree.Name(symbol=k)),
                    value=tree.Binary(op="+", left=tree.Index(subscript=tree.Binary(op="-") as before), right=stride),
                )
            ),
        ):
            steps = isinstance(loop.step, tree.Unary) and "++" in loop.step.op
            m.second, m.last, m.stride = second, last, stride
            back = isinstance(before.left, tree.Name) and before.left.symbol == i and _is_one(before.right)
            plain = isinstance(bare(stride), tree.Name | tree.Binary) and not loop.in_macro
            return i == j == k and _is_one(one) and steps and back and plain
    return False


def _is_one(e: Expr) -> bool:
    return isinstance(e, tree.IntLiteral) and e.value == 1


def _counts_up(m: _Maker, program: Program, around: Parents) -> bool:
    """Whether no call asks for a negative first row or column."""
    f = m.function
    places = [k for k, p in enumerate(f.parameters) if p.symbol in (m.first, m.columns[0])]
    named = [n for g in program.functions for n in tree.walk(g.body) if isinstance(n, tree.Name)
             and n.symbol == f.symbol]  # fmt: skip
    calls = [around[id(n)] for n in named]
    return all(
        isinstance(c, Call) and c.callee is n and all(isinstance(bare(c.arguments[k]), tree.IntLiteral) for k in places)
        for n, c in zip(named, calls, strict=True)
    )


def _frees(program: Program, around: Parents) -> Iterator[Call]:
    """Calls of free for a pointer of a matrix, or for the one of its rows."""
    for f in program.functions:
        for n in tree.walk(f.body):
            if isinstance(n, Call) and n.name == "free" and any(
                isinstance(x, tree.Name) and is_matrix(x.type) for x in tree.walk(n.arguments[0])
            ):  # fmt: skip
                yield n


def _all_made_so(makers: list[_Maker], freed: set[int], program: Program, around: Parents) -> bool:
    """Whether every matrix is one of these, and is reached by element and row only."""
    own = {m.matrix for m in makers}
    names = {m.function.symbol.name for m in makers}
    functions = {f.symbol.name for f in program.functions}
    for root in (*program.globals, *program.functions):
        for n in tree.walk(root):
            if isinstance(n, tree.VarDecl) and is_matrix(n.symbol.type) and n.symbol not in own and n.init is not None:
                if _is_made(n.init, names):
                    continue
                return False
            if not isinstance(n, tree.Name) or not is_matrix(n.type) or n.symbol in own or id(n) in freed:
                continue
            node, above = out_of_casts(n, around)
            match above:
                case tree.Index(base=base) if base is node:
                    if _is_pointed_at(above, around):
                        return False
                case tree.Assign(op="=", target=target, value=value) if target is node:
                    if not _is_made(value, names):
                        return False
                case Call(name=name) if name in functions:
                    continue
                case tree.Binary(op="==" | "!=", left=left, right=right) if is_null(left) or is_null(right):
                    continue
                case _:
                    return False
    return True


def _is_pointed_at(row: Node, around: Parents) -> bool:
    """Whether the address of an element, or of a row's pointer, goes anywhere."""
    _, above = out_of_casts(row, around)
    if isinstance(above, tree.Index):
        _, above = out_of_casts(above, around)
    return isinstance(above, tree.Unary) and above.op == "&"


def _is_made(value: Expr, names: set[str]) -> bool:
    made = bare(value)
    return is_null(value) or (isinstance(made, Call) and made.name in names)


def _made_anew(m: _Maker, program: Program) -> Iterator[Edit]:
    source = program.source
    assert m.table is not None
    assert m.block is not None
    assert m.stride is not None
    assert m.last is not None
    assert isinstance(m.matrix.type, tree.Pointer)
    assert isinstance(m.matrix.type.target, tree.Pointer)
    assert isinstance(m.matrix.type.target.target, tree.Scalar)
    element = m.matrix.type.target.target.name
    rows = f"({m.last.name} + 1)"
    width = f"({source.shown_at(m.stride.span)} + {m.columns[0].name})"
    for call, amount, unit in ((m.table, rows, f"{element} *"), (m.block, f"{rows} * {width}", element)):
        if call.name == "calloc":
            yield Edit(call.arguments[0].span, amount)
            yield Edit(call.arguments[1].span, f"sizeof({unit})")
        else:
            yield Edit(call.arguments[0].span, f"{amount} * sizeof({unit})")
    yield from (removal(s, source) for s in m.moves)
    assert m.second is not None
    yield Edit(m.second.span, "1")
    moved = [s.span for s in m.moves]
    yield from (Edit(s.span, "0") for s in m.starts if not any(o.begin <= s.span.begin < o.end for o in moved))
    yield Edit(m.stride.span, width)
