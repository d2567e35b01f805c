"""The arguments that a program is run with: what its text says, and made-up numbers where it reads some."""

from __future__ import annotations

import re

from chatmpi.analysis import tree
from chatmpi.analysis.tree import Program, Symbol

_FEW, _MOST = 4, 16  # arguments that a program may ask for
_COMMAND = re.compile(
    r"\bmpi(?:run|exec)\b[^\n]*?\s--?np?[ =]\d+[^\n]*?(?:\$\{?\w+\}?|\./[\w.]+)((?:[ \t]+[\w.+-]+)+)[ \t]*$",
    re.MULTILINE,
)
_MADE_UP = (12, 7, 1, 2)  # sizes that blocks divide, and that they do not; choices among a few
_SENSELESS = (0, -1)  # for a size
_SMALL = (7, 12)
_NUMBER = re.compile(r"\d{1,9}")
Arguments = tuple[str, ...]


def argument_counts(program: Program) -> list[int]:
    """How many arguments to give to a program that does not run without: about as many as it compares `argc` with."""
    main = program.function("main")
    if main is None or len(main.parameters) < 2:
        return []
    given = main.parameters[0].symbol
    nodes = [n for n in tree.walk(main.body) if isinstance(n, tree.Binary)]
    sides = [(n.left, n.right) for n in nodes] + [(n.right, n.left) for n in nodes]
    numbers = (
        b.value for a, b in sides if isinstance(a, tree.Name) and a.symbol == given and isinstance(b, tree.IntLiteral)
    )
    likely = [k for number in numbers for k in (number - 1, number, number - 2) if 0 < k <= _MOST]
    return list(dict.fromkeys([*likely, *range(1, _FEW + 1)]))


def stated_arguments(text: str) -> tuple[Arguments, ...]:
    """Those of the commands to run it that stand in the text: `mpirun -np 2 ./a.out 5`."""
    return tuple(dict.fromkeys(tuple(found.split()) for found in _COMMAND.findall(text)))


def small_arguments(given: Arguments, size: int) -> Arguments:
    """The arguments with numbers that are larger than a size made about as large, each another one."""
    small: list[str] = []
    for word in given:
        is_large = _NUMBER.fullmatch(word) is not None and int(word) > size
        other = size + sum(a != b for a, b in zip(small, given, strict=False))
        small.append(str(min(other, int(word))) if is_large else word)
    return tuple(small)


def with_small_ones(given: Arguments) -> tuple[Arguments, ...]:
    """Command lines for one that a person gives: numbers made small, and as it is."""
    return tuple(dict.fromkeys((*(small_arguments(given, size) for size in _SMALL), given))) if given else ()


def made_up_arguments(program: Program) -> tuple[Arguments, ...]:
    """Numbers for each argument that main reads; nothing where it reads none."""
    return _each(program, _MADE_UP)


def senseless_arguments(program: Program) -> tuple[Arguments, ...]:
    """Numbers that a program does well to refuse."""
    return _each(program, _SENSELESS)


def _each(program: Program, values: tuple[int, ...]) -> tuple[Arguments, ...]:
    most = _highest(program)
    return tuple((str(value),) * most for value in values) if most else ()


def _highest(program: Program) -> int:
    """The highest argument that main reads."""
    main = program.function("main")
    if main is None or len(main.parameters) < 2:
        return 0
    words = main.parameters[1].symbol
    found = [
        n.subscript.value
        for n in tree.walk(main.body)
        if isinstance(n, tree.Index) and _is(n.base, words) and isinstance(n.subscript, tree.IntLiteral)
    ]
    return min(max(found, default=0), _MOST)


def _is(e: tree.Expr, symbol: Symbol) -> bool:
    return isinstance(e, tree.Name) and e.symbol == symbol
