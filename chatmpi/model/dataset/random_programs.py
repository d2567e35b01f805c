"""Random programs: loop nests over a few arrays, with stencils, products, reductions, steps, guards and output.

They teach which edit a place needs, not a dozen kernels by heart. Each is whole, within its arrays and deterministic.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

_NAMES = (
    *("a", "b", "c", "d", "f", "g", "h", "p", "q", "r", "s", "u", "v", "w", "x", "y", "z", "aa", "bb", "vel", "rho"),
    *("src", "dst", "temp", "cell", "field", "old", "new", "acc"),
)
_LOOPS = ("i", "j", "k", "l", "ii", "jj", "row", "col")
_SIZES = ("N", "M", "L", "NX", "NY", "SIZE", "LEN", "ROWS", "COLS", "DIM")


@dataclass(frozen=True, slots=True)
class Array:
    """`linear`: two dimensions in one, `a[i * M + j]`."""

    name: str
    extents: tuple[str, ...]
    linear: bool
    heap: bool


@dataclass
class _Text:
    """The program so far, and what its style is."""

    rng: random.Random
    real: str
    outer_declared: bool
    step: str
    lines: list[str] = field(default_factory=list)
    depth: int = 1

    def say(self, line: str) -> None:
        self.lines.append("    " * self.depth + line if line else "")

    def loop(self, variable: str, low: str, high: str) -> None:
        kind = "" if self.outer_declared else "int "
        step = self.step.format(v=variable)
        self.say(f"for ({kind}{variable} = {low}; {variable} < {high}; {step}) {{")
        self.depth += 1

    def end(self) -> None:
        self.depth -= 1
        self.say("}")


def random_program(seed: int) -> str:
    """One program; of one seed always the same."""
    rng = random.Random(seed)
    names, sizes = rng.sample(_NAMES, 7), rng.sample(_SIZES, 2)
    loops = rng.sample(_LOOPS, 3)
    real = rng.choice(("double", "double", "float"))
    text = _Text(rng, real, rng.random() < 0.4, rng.choice(("{v}++", "{v}++", "++{v}", "{v} += 1")))
    arrays = [_array(rng, names.pop(), sizes) for _ in range(rng.randint(2, 3))]
    scalars = [names.pop() for _ in range(2)]
    for array in arrays:
        _initialise(text, array, loops)
    kinds = [
        rng.choice(("map", "stencil", "steps", "sum", "max", "product", "guard")) for _ in range(rng.randint(1, 4))
    ]
    for kind in kinds:
        _KINDS[kind](text, arrays, loops, scalars)
    _output(text, arrays, loops, scalars)
    return _whole(text, arrays, sizes, loops, scalars)


def _array(rng: random.Random, name: str, sizes: list[str]) -> Array:
    flat = rng.random() < 0.6
    extents = (sizes[0],) if flat else (sizes[0], rng.choice(sizes))
    linear = not flat and rng.random() < 0.5
    return Array(name, extents, linear, linear or (rng.random() < 0.4 and flat))


def _element(array: Array, subscripts: list[str]) -> str:
    if len(subscripts) == 1:
        return f"{array.name}[{subscripts[0]}]"
    if array.linear:
        first = subscripts[0] if subscripts[0].isalnum() else f"({subscripts[0]})"
        return f"{array.name}[{first} * {array.extents[1]} + {subscripts[1]}]"
    return f"{array.name}[{subscripts[0]}][{subscripts[1]}]"


def _literal(rng: random.Random) -> str:
    return rng.choice(("0.5", "0.25", "2.0", "1.5", "0.1", "3.0", "0.75", f"{rng.randint(1, 99) / 100}"))


def _initialise(text: _Text, array: Array, loops: list[str]) -> None:
    rng, used = text.rng, loops[: len(array.extents)]
    index = " + ".join(f"{rng.randint(1, 7)} * {v}" if rng.random() < 0.6 else v for v in used)
    value = rng.choice(
        (
            f"({index}) % {rng.randint(3, 17)}",
            f"{_literal(rng)} * ({index})",
            f"1.0 / ({index} + 1)",
            f"sin({_literal(rng)} * ({index}))",
            f"{_literal(rng)}",
        )
    )
    for v, extent in zip(used, array.extents, strict=True):
        text.loop(v, "0", extent)
    text.say(f"{_element(array, used)} = {value};")
    for _ in used:
        text.end()


def _value(text: _Text, terms: list[str]) -> str:
    rng = text.rng
    value = rng.choice(terms)
    for _ in range(rng.randint(0, 2)):
        op = rng.choice(("+", "-", "*"))
        other = rng.choice([*terms, _literal(rng), f"{_literal(rng)} * {rng.choice(terms)}"])
        value = f"{value} {op} {other}" if op != "*" else f"({value}) * {_literal(rng)}"
    return rng.choice((value, value, f"fabs({value})", f"{_literal(rng)} * ({value})"))


def _map(text: _Text, arrays: list[Array], loops: list[str], scalars: list[str]) -> None:
    rng = text.rng
    target = rng.choice(arrays)
    alike = [a for a in arrays if a.extents == target.extents]
    used = loops[: len(target.extents)]
    terms = [_element(a, used) for a in alike] + [used[0]]
    for v, extent in zip(used, target.extents, strict=True):
        text.loop(v, "0", extent)
    op = rng.choice(("=", "=", "+=", "-="))
    text.say(f"{_element(target, used)} {op} {_value(text, terms)};")
    for _ in used:
        text.end()


def _stencil(text: _Text, arrays: list[Array], loops: list[str], scalars: list[str]) -> None:
    rng = text.rng
    target = rng.choice(arrays)
    others = [a for a in arrays if a.extents == target.extents and a is not target]
    if not others:
        return _map(text, arrays, loops, scalars)
    _stencil_from(text, rng.choice(others), target, loops)
    return None


def _stencil_from(text: _Text, source: Array, target: Array, loops: list[str]) -> None:
    rng, used = text.rng, loops[: len(target.extents)]
    below, above = rng.choice(((1, 1), (1, 1), (1, 0), (0, 1), (2, 2), (2, 1)))
    offsets = [(-d, 0) for d in range(1, below + 1)] + [(d, 0) for d in range(1, above + 1)] + [(0, 0)]
    if len(used) == 2:
        offsets += [(0, -1), (0, 1)][: rng.randint(0, 2)]
    terms = [_element(source, [_shifted(v, o) for v, o in zip(used, offset, strict=False)]) for offset in offsets]
    for number, (v, extent) in enumerate(zip(used, target.extents, strict=True)):
        low, high = (below, above) if number == 0 else (1, 1)
        text.loop(v, str(low), f"{extent} - {high}" if high else extent)
    text.say(f"{_element(target, used)} = {_literal(rng)} * ({' + '.join(terms)});")
    for _ in used:
        text.end()


def _shifted(variable: str, offset: int) -> str:
    return f"{variable} {'+' if offset > 0 else '-'} {abs(offset)}" if offset else variable


def _steps(text: _Text, arrays: list[Array], loops: list[str], scalars: list[str]) -> None:
    """Steps of a stencil, copied back."""
    pairs = [(a, b) for a in arrays for b in arrays if a is not b and a.extents == b.extents]
    if not pairs:
        return _map(text, arrays, loops, scalars)
    source, target = text.rng.choice(pairs)
    inner = [v for v in loops if v != loops[-1]]
    if len(source.extents) + 1 > len(loops):
        return _map(text, arrays, loops, scalars)
    text.loop(loops[-1], "0", str(text.rng.randint(2, 20)))
    used = inner[: len(source.extents)]
    _stencil_from(text, source, target, used)
    for v, extent in zip(used, source.extents, strict=True):
        text.loop(v, "1", f"{extent} - 1")
    text.say(f"{_element(source, used)} = {_element(target, used)};")
    for _ in used:
        text.end()
    text.end()
    return None


def _sum(text: _Text, arrays: list[Array], loops: list[str], scalars: list[str]) -> None:
    rng, array, scalar = text.rng, text.rng.choice(arrays), text.rng.choice(scalars)
    used = loops[: len(array.extents)]
    alike = [_element(a, used) for a in arrays if a.extents == array.extents]
    text.say(f"{scalar} = 0.0;")
    for v, extent in zip(used, array.extents, strict=True):
        text.loop(v, "0", extent)
    term = rng.choice((rng.choice(alike), f"{rng.choice(alike)} * {rng.choice(alike)}", f"fabs({rng.choice(alike)})"))
    text.say(f"{scalar} += {term};")
    for _ in used:
        text.end()
    if rng.random() < 0.5:
        _scale_by(text, arrays, loops, scalar)


def _scale_by(text: _Text, arrays: list[Array], loops: list[str], scalar: str) -> None:
    """The sum is used by all afterwards."""
    array = text.rng.choice(arrays)
    used = loops[: len(array.extents)]
    for v, extent in zip(used, array.extents, strict=True):
        text.loop(v, "0", extent)
    text.say(f"{_element(array, used)} = {_element(array, used)} / (1.0 + fabs({scalar}));")
    for _ in used:
        text.end()


def _max(text: _Text, arrays: list[Array], loops: list[str], scalars: list[str]) -> None:
    array, scalar = text.rng.choice(arrays), text.rng.choice(scalars)
    used = loops[: len(array.extents)]
    element, op = _element(array, used), text.rng.choice("><")
    text.say(f"{scalar} = {_element(array, ['0'] * len(used))};")
    for v, extent in zip(used, array.extents, strict=True):
        text.loop(v, "0", extent)
    text.say(f"if ({element} {op} {scalar})")
    text.say(f"    {scalar} = {element};")
    for _ in used:
        text.end()


def _product(text: _Text, arrays: list[Array], loops: list[str], scalars: list[str]) -> None:
    """A matrix times a vector, where there are two that fit."""
    vectors = [a for a in arrays if len(a.extents) == 1]
    fits = [
        (m, x, y)
        for m in arrays
        for x in vectors
        for y in vectors
        if len(m.extents) == 2 and x is not y and (x.extents[0], y.extents[0]) == (m.extents[1], m.extents[0])
    ]
    if not fits:
        return _map(text, arrays, loops, scalars)
    matrix, x, y = text.rng.choice(fits)
    v, w = loops[:2]
    text.loop(v, "0", matrix.extents[0])
    text.say(f"{y.name}[{v}] = 0.0;")
    text.loop(w, "0", matrix.extents[1])
    text.say(f"{y.name}[{v}] += {_element(matrix, [v, w])} * {x.name}[{w}];")
    text.end()
    text.end()
    return None


def _guard(text: _Text, arrays: list[Array], loops: list[str], scalars: list[str]) -> None:
    array = text.rng.choice([a for a in arrays if len(a.extents) == 1] or arrays)
    if len(array.extents) > 1:
        return _map(text, arrays, loops, scalars)
    place = text.rng.choice(("0", f"{array.extents[0]} - 1", f"{array.extents[0]} / 2", "1"))
    text.say(f"{array.name}[{place}] = {_literal(text.rng)};")
    return None


def _output(text: _Text, arrays: list[Array], loops: list[str], scalars: list[str]) -> None:
    rng = text.rng
    _sum(text, arrays, loops, scalars[:1])
    text.say(f'printf("{rng.choice(("sum", "total", "check", "result"))} %.10e\\n", {scalars[0]});')
    flat = [a for a in arrays if len(a.extents) == 1]
    if flat and rng.random() < 0.4:
        array = rng.choice(flat)
        text.say(f'printf("%.10e\\n", {array.name}[{rng.choice(("0", array.extents[0] + " / 2"))}]);')
    elif flat and rng.random() < 0.4:
        array = rng.choice(flat)
        text.loop(loops[0], "0", array.extents[0])
        text.say(f'printf("%.8e\\n", {array.name}[{loops[0]}]);')
        text.end()


_KINDS = {
    "map": _map,
    "stencil": _stencil,
    "steps": _steps,
    "sum": _sum,
    "max": _max,
    "product": _product,
    "guard": _guard,
}


def _whole(text: _Text, arrays: list[Array], sizes: list[str], loops: list[str], scalars: list[str]) -> str:
    rng, real = text.rng, text.real
    body = "\n".join(text.lines)
    used = [s for s in sizes if any(s in a.extents for a in arrays)]
    heap = [a for a in arrays if a.heap]
    head = ["#include <stdio.h>"]
    head += ["#include <math.h>"] if "fabs(" in body or "sin(" in body else []
    head += ["#include <stdlib.h>"] if heap else []
    head += ["", *(f"#define {size} {rng.randint(12, 90)}" for size in used), ""]
    static = [a for a in arrays if not a.heap]
    for a in static:
        extents = " * ".join(a.extents) if a.linear else "][".join(a.extents)
        head.append(f"{rng.choice(('static ', ''))}{real} {a.name}[{extents}];")
    head += ["", "int main(void)", "{"]
    for a in heap:
        head.append(f"    {real} *{a.name} = malloc({' * '.join(a.extents)} * sizeof({real}));")
    inside = [s for s in scalars if _names(body, s)]
    head += [f"    {real} {', '.join(f'{s} = 0.0' for s in inside)};"] if inside else []
    counters = [v for v in loops if text.outer_declared and _names(body, v)]
    head += [f"    int {', '.join(counters)};"] if counters else []
    tail = [f"    free({a.name});" for a in heap] + ["    return 0;", "}", ""]
    return "\n".join([*head, body, *tail])


def _names(text: str, name: str) -> bool:
    return (
        name in text.replace("[", " ").replace("]", " ").replace("(", " ").replace(")", " ").replace(";", " ").split()
    )
