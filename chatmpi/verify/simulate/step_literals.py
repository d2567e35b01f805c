"""Step counts that a program writes as numbers: `for (int t = 0; t < 500; t++)`, `while (it < 300 && err > tol)`.

Only where the loop's variable is no subscript and the loop holds other loops or calls. A loop keeps as many steps as
what it does in some of them (`t % 10 == 0`) asks for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.source import Edit
from chatmpi.analysis.tree import Program

STEPS = 3
_SUFFIX = " steps"
_LOOPS = (tree.For, tree.While, tree.DoWhile)


def at_size(steps: int, size: int) -> int:
    """Once more at even sizes: arrays that change places are back where they were after an even number of steps."""
    return steps + (size % 2 == 0)


@dataclass(frozen=True)
class _StepCount:
    """A number in a loop's condition, and how many steps are to be left."""

    literal: tree.IntLiteral
    left: int


def fewer_steps(before: Program, after: Program) -> dict[str, int]:
    """By name: the numbers of steps that both programs write, with those to be left; none if they write others."""
    one, other = ([c.literal.value for c in _step_counts(program)] for program in (before, after))
    if Counter(one) != Counter(other):
        return {}
    left: dict[int, int] = {}
    for program in (before, after):
        for c in _step_counts(program):
            left[c.literal.value] = max(c.left, left.get(c.literal.value, 0))
    return {f"{value}{_SUFFIX}": steps for value, steps in left.items() if steps < value}


def is_step_count(name: str) -> bool:
    return name.endswith(_SUFFIX)


def step_count_of(name: str) -> int:
    return int(name.removesuffix(_SUFFIX))


def step_edits(program: Program, values: Mapping[str, int]) -> Iterator[Edit]:
    """Change the numbers of steps that `values` names."""
    if not any(map(is_step_count, values)):
        return
    for c in _step_counts(program):
        value = values.get(f"{c.literal.value}{_SUFFIX}")
        if value is not None:
            yield Edit(c.literal.span, str(value))


def _step_counts(program: Program) -> Iterator[_StepCount]:
    own = {f.symbol.name for f in program.functions}
    for function in program.functions:
        for loop in tree.walk(function):
            if not isinstance(loop, _LOOPS) or loop.condition is None or not _is_outer(loop.body, own):
                continue
            for test in _tests(loop.condition):
                match test:
                    case tree.Binary(op="<" | "<=", left=tree.Name(symbol=symbol), right=tree.IntLiteral() as bound):
                        written = program.source.at(bound.span) == str(bound.value)
                        if written and bound.value > STEPS and not is_subscript(symbol, loop.body):
                            yield _StepCount(bound, max(STEPS, 1 + _largest_modulus(symbol, loop.body)))


def _tests(condition: tree.Expr) -> Iterator[tree.Expr]:
    if isinstance(condition, tree.Binary) and condition.op == "&&":
        yield from _tests(condition.left)
        yield from _tests(condition.right)
    else:
        yield condition


def _is_outer(body: tree.Node, own: set[str]) -> bool:
    return any(isinstance(n, _LOOPS) or (isinstance(n, tree.Call) and n.name in own) for n in tree.walk(body))


def is_subscript(symbol: tree.Symbol, body: tree.Node) -> bool:
    """Whether a variable is a subscript, or part of one, in the body of its loop: not `u[t % 2]`."""
    return any(_mentions(n.subscript, symbol) for n in tree.walk(body) if isinstance(n, tree.Index))


def _mentions(node: tree.Node, symbol: tree.Symbol) -> bool:
    match node:
        case tree.Name():
            return node.symbol == symbol
        case tree.Binary(op="%" | "&"):
            return False
    return any(_mentions(child, symbol) for child in tree.children(node))


def _largest_modulus(symbol: tree.Symbol, body: tree.Node) -> int:
    """The largest number by which remainders of the variable are taken."""
    found = [
        n.right.value
        for n in tree.walk(body)
        if isinstance(n, tree.Binary) and n.op == "%" and isinstance(n.right, tree.IntLiteral)
        if any(isinstance(x, tree.Name) and x.symbol == symbol for x in tree.walk(n.left))
    ]
    return max(found, default=0)
