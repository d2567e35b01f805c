"""What frees memory, whatever is tested around it.

    if (!g) return;                         (void functions: what follows frees g)
    if (g) { for (…) free(g[i]); free(g); }
    if (!g[i]) { while (--i >= 0) free(g[i]); free(g); return NULL; }

Where the pointer is NULL there is nothing to free, and where memory is missing the program ends: the analysis reads the
first two without their tests, the last without what it frees. The text stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.calls.memory_failures import allocated_in, lacks_memory, makers, means_failure, tested_pointers
from chatmpi.analysis.expressions import bare, is_null, is_step
from chatmpi.analysis.memory.row_storage import leaving_functions, only_leaves
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.tree import Call, Expr, Function, Node, Program, Stmt, Symbol


def plain_frees(program: Program) -> Program:
    """The program as it is read without such tests."""
    known = freeing_functions(program), makers(program), leaving_functions(program)
    return replace(program, functions=tuple(_Plain(f, *known).function() for f in program.functions))


def freeing_functions(program: Program) -> frozenset[str]:
    """The functions of a program that free memory and do nothing else."""
    found: frozenset[str] = frozenset()
    while True:
        more = frozenset(f.symbol.name for f in program.functions if _only_frees(f, found))
        if more == found:
            return found
        found = more


def _only_frees(f: Function, freeing: Set[str]) -> bool:
    body = [s for s in _unguarded(f, freeing) if not isinstance(s, tree.Empty)]
    return f.returns == tree.VOID and bool(body) and freed_in(body, freeing) is not None


def freed_in(statements: Iterable[Stmt], freeing: Set[str]) -> list[Expr] | None:
    """What statements free that do nothing else; None if they do."""
    found: list[Expr] = []
    for s in statements:
        more = _freed(s, freeing)
        if more is None:
            return None
        found += more
    return found


def _freed(s: Stmt, freeing: Set[str]) -> list[Expr] | None:
    match s:
        case tree.Empty():
            return []
        case tree.Declaration(variables=variables) if all(v.init is None for v in variables):
            return []
        case tree.ExprStmt(expr=Call(arguments=arguments) as call) if call.name == "free" or call.name in freeing:
            plain = not any(isinstance(n, Call | tree.Assign) or is_step(n) for a in arguments for n in tree.walk(a))
            return [bare(a) for a in arguments if isinstance(a.type, tree.Pointer | tree.Array)] if plain else None
        case tree.ExprStmt(expr=tree.Assign(op="=", target=target, value=value)) if is_null(value):
            return [target]
        case tree.Block(body=body):
            return freed_in(body, freeing)
        case tree.For(body=body) | tree.While(body=body) | tree.DoWhile(body=body):
            header = [part for part in tree.children(s) if part is not body]
            calls = any(isinstance(n, Call) for part in header for n in tree.walk(part))
            return None if calls else _freed(body, freeing)
        case tree.If(then=then) if _is_guard(s, freeing):
            return _freed(then, freeing)
    return None


def _is_guard(s: tree.If, freeing: Set[str]) -> bool:
    """Whether it frees what is there, `if (g) free(g);`, and does nothing else."""
    if s.otherwise is not None or not means_failure(s.condition, False):
        return False
    return _is_of(s.condition, _freed(s.then, freeing))


def _is_of(condition: Expr, freed: list[Expr] | None) -> bool:
    """Whether all that is freed is reached from the pointers that are tested."""
    if not freed:
        return False
    tested = set(_roots(tested_pointers(condition)))
    return None not in tested and set(_roots(freed)) <= tested


def _roots(expressions: Iterable[Expr]) -> Iterator[Symbol | None]:
    """The variables from which memory is reached."""
    for e in expressions:
        root = bare(e)
        while isinstance(root, tree.Member | tree.Index) or (isinstance(root, tree.Unary) and root.op == "*"):
            root = bare(root.operand if isinstance(root, tree.Unary) else root.base)
        yield root.symbol if isinstance(root, tree.Name) else None


def _unguarded(f: Function, freeing: Set[str]) -> tuple[Stmt, ...]:
    """A function's statements, without a test that leaves it where there is nothing to free."""
    body = f.body.body
    for k, s in enumerate(body):
        if not isinstance(s, tree.If) or s.otherwise is not None or f.returns != tree.VOID:
            continue
        then = s.then.body if isinstance(s.then, tree.Block) else (s.then,)
        leaves = len(then) == 1 and isinstance(then[0], tree.Return) and then[0].value is None
        if leaves and means_failure(s.condition) and _is_of(s.condition, freed_in(body[k + 1 :], freeing)):
            return (*body[:k], tree.Empty(span=s.span, id=s.id, in_macro=s.in_macro), *body[k + 1 :])
    return body


@dataclass(frozen=True)
class _Plain:
    of: Function
    freeing: Set[str]
    making: Set[str]
    leaving: frozenset[str]

    def function(self) -> Function:
        allocated = allocated_in(self.of.body, self.making)
        body = replace(self.of.body, body=_unguarded(self.of, self.freeing))
        return replace(self.of, body=rewritten(body, lambda n: self._change(n, allocated)))

    def _change(self, node: Node, allocated: Set[str]) -> Node:
        match node:
            case tree.Block(body=body):
                return replace(node, body=tuple(self._without_guards(body)))
            case tree.If(then=tree.Block() as then) if lacks_memory(node, allocated) and only_leaves(
                node, self.leaving
            ):
                kept = tuple(s for s in then.body if _freed(s, self.freeing) is None)
                return replace(node, then=replace(then, body=kept))
        return node

    def _without_guards(self, body: Sequence[Stmt]) -> Iterator[Stmt]:
        for s in body:
            if isinstance(s, tree.If) and _is_guard(s, self.freeing):
                yield from s.then.body if isinstance(s.then, tree.Block) else (s.then,)
            else:
                yield s
