"""Switches are read as chains of `if` that do the same; those that cannot be are left."""

from __future__ import annotations

import pytest
from deciding import loop_of
from parsing import program

from chatmpi.analysis import tree
from chatmpi.analysis.lowering.switches import chained_switches
from chatmpi.analysis.tree import Expr, Stmt


class _Left(Exception):
    def __init__(self, block: int) -> None:
        self.block = block


class _Machine:
    """Runs statements whose variables are whole numbers."""

    def __init__(self, values: dict[str, int]) -> None:
        self.values = values

    def run(self, s: Stmt | None) -> None:
        match s:
            case tree.Block(body=body):
                try:
                    for part in body:
                        self.run(part)
                except _Left as left:
                    if left.block != s.id:
                        raise
            case tree.If(condition=condition, then=then, otherwise=otherwise):
                self.run(then if self.value(condition) else otherwise)
            case tree.Declaration(variables=variables):
                self.values |= {v.symbol.name: self.value(v.init) for v in variables if v.init is not None}
            case tree.ExprStmt(expr=tree.Assign(target=tree.Name(symbol=symbol), value=value)):
                self.values[symbol.name] = self.value(value)
            case tree.Leave(block=block):
                raise _Left(block)
            case tree.UnknownStmt():
                raise AssertionError(s.kind)

    def value(self, e: Expr) -> int:
        match e:
            case tree.IntLiteral(value=value):
                return value
            case tree.Name(symbol=symbol):
                return self.values[symbol.name]
            case tree.Unary(op="!", operand=operand):
                return int(not self.value(operand))
            case tree.Binary(op="==", left=left, right=right):
                return int(self.value(left) == self.value(right))
            case tree.Binary(op="||", left=left, right=right):
                return int(bool(self.value(left) or self.value(right)))
            case tree.Binary(op="+", left=left, right=right):
                return self.value(left) + self.value(right)
            case tree.Binary(op="*", left=left, right=right):
                return self.value(left) * self.value(right)
        raise AssertionError(e)


@pytest.mark.parametrize(
    ("cases", "expected"),
    [  # what is left in k for x = 0, 1, 2, 3, where each letter appends its number
        ("case 1: A break; case 2: B break; default: C", [3, 1, 2, 3]),
        ("default: C break; case 1: A break; case 2: B", [3, 1, 2, 3]),
        ("case 1: A case 2: B break; case 3: C", [0, 12, 2, 3]),
        ("case 1: A default: B case 2: C break; case 3: A", [23, 123, 3, 1]),
        ("case 0: case 1: A break; case 2: { B break; }", [1, 1, 2, 0]),
        ("case 1: if (y == 1) break; A case 2: B", [0, 0, 2, 0]),
        ("case 1: if (y == 0) { A break; } else { B } C break; default: if (y == 1) { C break; } A", [3, 23, 3, 3]),
        ("case 2: x = 1; case 1: A break; default: B", [2, 1, 1, 2]),
        ("case 1: switch (y) { case 1: A break; case 2: B } C break; case 2: B", [0, 13, 2, 0]),
        ("default: ;", [0, 0, 0, 0]),
    ],
)
@pytest.mark.parametrize("chosen", ["x", "x + 0"])
def test_the_chain_does_what_the_switch_does(cases: str, expected: list[int], chosen: str) -> None:
    for letter, number in (("A", 1), ("B", 2), ("C", 3)):
        cases = cases.replace(letter, f"k = k * 10 + {number};")
    read = chained_switches(program(f"int x, y, k;\nvoid f(void) {{ int v; switch ({chosen}) {{ {cases} }} }}"))
    for value, result in enumerate(expected):
        machine = _Machine({"x": value, "y": 1, "k": 0})
        machine.run(read.functions[0].body)
        assert machine.values["k"] == result, value


@pytest.mark.parametrize(
    "body",
    [
        "while (y) { case 1: y = 0; }",  # a label inside of a loop
        "int t; case 1: y = 0;",
        "case 1 ... 3: y = 0;",
        "case 1: goto out; out: y = 0;",
    ],
)
def test_what_is_jumped_into_stays(body: str) -> None:
    read = chained_switches(program(f"void f(int x, int y) {{ switch (x) {{ {body} }} }}"))
    assert any(isinstance(n, tree.UnknownStmt) and n.kind == "switch" for n in tree.walk(read.functions[0].body))


LOOP = "double a[N], b[N], s = 0; int c[N], i, k, n = 0;\nfor (i = 1; i < N; i++) { k = c[i]; switch (k) {%s} }\n"


@pytest.mark.parametrize(
    ("cases", "expected"),
    [
        ("case 1: a[i] = b[i - 1]; break; case 2: continue; default: a[i] = 1;", ""),
        ("case 1: s += b[i]; case 2: n++; break; default: s += 2;", ""),
        ("case 0: for (int j = 0; j < 3; j++) { if (j == 2) break; a[i] += j; } break; case 1: a[i] = 0;", ""),
        ("case 1: a[i] = a[i - 1]; break; default: break;", "flow"),
        ("case 1: a[i] = 1; break; case 2: return 1;", "control"),
        ("case 1: if (0) { case 2: a[i] = 1; }", "control"),
    ],
)
def test_a_switch_in_a_loop(cases: str, expected: str) -> None:
    found = loop_of(LOOP % cases + 'printf("%g %d", s, n);')
    assert [b.kind for b in found.blockers][:1] == [expected] * bool(expected)


def test_a_variable_that_every_case_sets_is_private() -> None:
    cases = "case 0: t = 1; break; case 1: case 2: t = b[i]; break; default: t = 0;"
    body = f"double a[N], b[N], t; int i; for (i = 0; i < N; i++) {{ switch (i % 3) {{ {cases} }} a[i] = t; }}"
    assert "t" in {s.name for s in loop_of(body).private}
    unset = loop_of(body.replace("default: t = 0;", ""))
    assert [(b.kind, b.variable) for b in unset.blockers] == [("flow", "t")]
