"""What output statements do beside printing, as statements of their own.

    printf("%ld\\n", next(&seed));       const unsigned next_value = next(&seed); printf("%ld\\n", next_value);
    ok ? puts("yes") : puts("no");      if (ok) puts("yes"); else puts("no");
    return fclose(f);                   const int value = fclose(f); return value;      (in main)
    return puts("no"), 1;               puts("no"); return 1;

C leaves open in which order arguments are computed. One that has effects comes first where no other can tell.
"""

from __future__ import annotations

from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.calls.effects import Effects, effects_of, is_output, summarise
from chatmpi.analysis.calls.library import ENDING, LIBRARY, Does
from chatmpi.analysis.expressions import comma_parts, is_step
from chatmpi.analysis.numbers.values import type_text
from chatmpi.analysis.restyle.respelling import Fresh, with_semicolon
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.surroundings import Surroundings
from chatmpi.analysis.touches import touches
from chatmpi.analysis.tree import Call, Expr, Program, Stmt, Symbol

_TEXT = tree.Pointer(tree.Scalar("char"))
_QUIET = frozenset({Does.NOTHING, Does.ALLOCATES, Does.ASSERTS})
_ON_ROOT = frozenset({Does.INPUT, Does.OUTPUT, Does.FILE})
Summaries = dict[str, Effects]


def effects_apart(program: Program) -> list[Edit]:
    """The edits for one statement more; none if there is none."""
    if not any(_is_worth_a_look(s, f) for f in program.functions for s in tree.statements(f.body)):
        return []
    defined = frozenset(f.symbol.name for f in program.functions)
    summaries = summarise(program, {f.symbol.name: touches(f.body, defined) for f in program.functions})
    for f in program.functions:
        if f.in_macro:
            continue
        around = Surroundings(program, f)
        for s in tree.statements(f.body):
            if not s.in_macro and _is_worth_a_look(s, f):
                edits = _Statement(s, around, summaries).edits()
                if edits:
                    return edits
    return []


def _is_worth_a_look(s: Stmt, f: tree.Function) -> bool:
    match s:
        case tree.ExprStmt(expr=Call() as call) | tree.ExprStmt(expr=tree.Cast(operand=Call() as call)):
            known = LIBRARY.get(call.name or "")
            given = (n for a in call.arguments for n in tree.walk(a))
            return known in {Does.OUTPUT, *ENDING} and any(
                isinstance(n, Call | tree.Assign) or is_step(n) for n in given
            )
        case tree.ExprStmt(expr=tree.Binary() | tree.Conditional()):
            return any(isinstance(n, Call) for n in tree.walk(s))
        case tree.Return(value=tree.Binary(op=",")):
            return True
        case tree.Return(value=tree.Expr()):
            return f.symbol.name == "main" and any(isinstance(n, Call) for n in tree.walk(s))
    return False


@dataclass(frozen=True)
class _Statement:
    s: Stmt
    around: Surroundings
    summaries: Summaries

    def edits(self) -> list[Edit]:
        match self.s:
            case tree.Return(value=tree.Binary(op=",") as value):
                return self._before_returning(value)
            case tree.Return(value=tree.Expr() as value) if self.around.function.symbol.name == "main":
                return self._first([value]) if self._does_before_the_end(value) else []
            case tree.ExprStmt(expr=Call(arguments=(value,)) as call) if LIBRARY.get(call.name or "") is Does.EXITS:
                return self._first([value]) if self._does_before_the_end(value) else []
            case tree.ExprStmt(expr=tree.Binary() | tree.Conditional() as expr):
                written = self._as_statements(expr) if self._prints_or_ends(expr) else None
                return (
                    []
                    if written is None
                    else [Edit(with_semicolon(self.s, self.around.program.source), self._in_braces(written))]
                )
            case tree.ExprStmt(expr=expr) if is_output(expr, self.summaries):
                printing = expr.operand if isinstance(expr, tree.Cast) else expr
                return self._before_printing(printing) if isinstance(printing, Call) else []
        return []

    def _before_returning(self, value: Expr) -> list[Edit]:
        source = self.around.program.source
        *before, last = comma_parts(value)
        if any(part.in_macro for part in (*before, last)):
            return []
        shown = [f"{source.shown_at(part.span)};" for part in before]
        written = [*shown, f"return {source.shown_at(last.span)};"]
        return [Edit(with_semicolon(self.s, source), self._in_braces(" ".join(written)))]

    # ------------------------------------------------------------------ conditions that are statements

    def _prints_or_ends(self, expr: Expr) -> bool:
        return any(isinstance(n, Call) and LIBRARY.get(n.name or "") in {Does.OUTPUT, *ENDING} for n in tree.walk(expr))

    def _as_statements(self, expr: Expr) -> str | None:
        source = self.around.program.source
        if expr.in_macro:
            return None
        match expr:
            case tree.Conditional(condition=condition, then=then, otherwise=otherwise):
                one, other = self._as_statements(then), self._as_statements(otherwise)
                if one is None or other is None or condition.in_macro:
                    return None
                return f"if ({source.shown_at(condition.span)}) {{ {one} }} else {{ {other} }}"
            case tree.Binary(op="&&" | "||" as op, left=left, right=right):
                inner = self._as_statements(right)
                if inner is None or left.in_macro:
                    return None
                shown = source.shown_at(left.span)
                return f"if ({shown if op == '&&' else f'!({shown})'}) {{ {inner} }}"
            case tree.Binary(op=",", left=left, right=right):
                one, other = self._as_statements(left), self._as_statements(right)
                return None if one is None or other is None else f"{one} {other}".strip()
            case tree.IntLiteral():
                return ""
        return f"{source.shown_at(expr.span)};"

    # ------------------------------------------------------------------------- values that come first

    def _does_before_the_end(self, value: Expr) -> bool:
        """Whether a program's last value does something in which all ranks have a part."""
        for n in tree.walk(value):
            if isinstance(n, Call):
                own = n.name in self.summaries
                if Does.ANSWERS in effects_of(n, self.summaries).does if own else LIBRARY.get(n.name or "") in _ON_ROOT:
                    return True
        return False

    def _before_printing(self, call: Call) -> list[Edit]:
        does = [self._done(a) for a in call.arguments]
        moving = [k for k, d in enumerate(does) if d.changes]
        if any(does[k].conflicts(d) for k in moving for j, d in enumerate(does) if j != k):
            return []
        return self._first([call.arguments[k] for k in moving])

    def _done(self, expr: Expr) -> _Done:
        found = _Done()
        for n in tree.walk(expr):
            match n:
                case tree.Assign(target=target):
                    found = found.writing(target)
                case tree.Unary(operand=operand) if is_step(n):
                    found = found.writing(operand)
                case Call():
                    found = found.calling(n, effects_of(n, self.summaries))
                case tree.Name(symbol=symbol):
                    found = _Done(found.reads | {symbol}, found.writes, found.does, found.loads, found.stores)
                case tree.Index() | tree.Member() | tree.Unary(op="*"):
                    found = _Done(found.reads, found.writes, found.does, True, found.stores)
        return found

    def _first(self, values: list[Expr]) -> list[Edit]:
        """Each of the values in a variable, before the statement."""
        source, names = self.around.program.source, Fresh(self.around.program.source.text)
        lines, edits = [], []
        for value in values:
            kind = _type_of(value)
            if kind is None or value.in_macro:
                return []
            name = names.take(_name(value))
            lines.append(f"{kind}{name} = {source.shown_at(value.span)};")
            edits.append(Edit(value.span, name))
        if not lines:
            return []
        begin = self.s.span.begin
        indent = source.indentation(begin)
        between = f"\n{indent}"
        shown = "".join(f"{line}{between}" for line in lines)
        if self._stands_in_block():
            return [Edit(Span(begin, begin), shown), *edits]
        end = with_semicolon(self.s, self.around.program.source).end
        return [Edit(Span(begin, begin), f"{{ {shown}"), *edits, Edit(Span(end, end), " }")]

    def _stands_in_block(self) -> bool:
        before = self.around.program.source.text[: self.s.span.begin].rstrip()
        return isinstance(self.around.parent(self.s), tree.Block) and not before.endswith(":")

    def _in_braces(self, written: str) -> str:
        return written if self._stands_in_block() else f"{{ {written} }}"


@dataclass(frozen=True)
class _Done:
    """What an expression reads and writes: variables, memory by pointers and subscripts, and what else it does."""

    reads: frozenset[Symbol] = frozenset()
    writes: frozenset[Symbol] = frozenset()
    does: frozenset[Does] = frozenset()
    loads: bool = False
    stores: bool = False

    @property
    def changes(self) -> bool:
        return bool(self.writes or self.stores or self.does - {Does.NOTHING, Does.CLOCK})

    def writing(self, target: Expr) -> _Done:
        if isinstance(target, tree.Name):
            return _Done(self.reads, self.writes | {target.symbol}, self.does, self.loads, self.stores)
        return _Done(self.reads, self.writes, self.does, self.loads, True)

    def calling(self, call: Call, effects: Effects) -> _Done:
        lent = {
            n.operand.symbol
            for a in call.arguments
            for n in tree.walk(a)
            if isinstance(n, tree.Unary) and n.op == "&" and isinstance(n.operand, tree.Name)
        }
        stores = effects.memory or effects.captures or bool(effects.unknown)
        return _Done(
            self.reads | effects.reads,
            self.writes | effects.writes | (lent if stores else frozenset()),
            self.does | effects.does | (frozenset({Does.STEPS_STATE}) if effects.unknown else frozenset()),
            self.loads or effects.looks,
            self.stores or stores,
        )

    def conflicts(self, other: _Done) -> bool:
        """Whether it matters which of the two comes first."""
        memory = (self.stores and (other.loads or other.stores)) or (other.stores and self.loads)
        both = self.does - _QUIET and other.does - _QUIET
        return bool(memory or both or self.writes & (other.reads | other.writes) or other.writes & self.reads)


def _type_of(value: Expr) -> str | None:
    """The type of a variable that holds a value, as text that a name follows."""
    if isinstance(value.type, tree.Scalar):
        return f"const {type_text(value.type)} "
    return "const char *" if value.type == _TEXT else None


def _name(value: Expr) -> str:
    """A name after what has the effects."""
    for n in tree.walk(value):
        if isinstance(n, Call) and n.name is not None:
            return f"{n.name}_value"
        if is_step(n) and isinstance(n, tree.Unary) and isinstance(n.operand, tree.Name):
            return f"{n.operand.symbol.name}_value"
    return "value"
