"""Whole random programs: `random_nest(seed)` is always the same for one seed."""

from __future__ import annotations

import random
import re
from dataclasses import replace

from nests.phases import SIMPLE, Phase, reduce, show_all, whole
from nests.shapes import Array, Extent, Kind, Storage
from nests.text import Text
from nests.values import start

_KINDS: tuple[tuple[Kind, ...], ...] = (
    ("double",),
    ("int",),
    ("int", "double"),
    ("double", "double", "long", "unsigned", "int"),
)
_STORAGES: tuple[tuple[Storage, ...], ...] = (("static",), ("local",), ("heap",), ("static", "local", "heap"))
_NAMES = ("a", "b", "c", "d", "u", "v", "w", "x", "y", "z")


def random_nest(seed: int) -> str:
    """Sizes are the macros N and, in some, M."""
    rng = random.Random(seed)
    arrays = _arrays(rng)
    text = Text(rng, arrays, ["k0", "k1"], ["r0", "r1"], rng.choice((0.0, 0.0, 0.05, 0.2)), rng.choice((1, 1, 2, 3)))
    for array in arrays:
        _initialise(text, array)
    phases = _chosen(rng)
    helpers: list[str] = []
    for _ in range(rng.randint(1, 5)):
        _phase(text, phases, helpers)
    if rng.random() < 0.8:
        _phase(text, phases, helpers)
    for array in arrays:
        _result(text, array)
    return _whole(text, helpers)


def _arrays(rng: random.Random) -> list[Array]:
    names = rng.sample(_NAMES, 5)
    kinds, storages = rng.choice(_KINDS), rng.choice(_STORAGES)
    sizes = rng.choice((["N"], ["N", "M"]))
    shape = _shape(rng, sizes)
    made: list[Array] = []
    for _ in range(rng.randint(2, 4)):
        extents = shape if rng.random() < 0.6 else _shape(rng, sizes)
        linear = len(extents) == 2 and rng.random() < 0.4
        made.append(Array(names.pop(), rng.choice(kinds), extents, rng.choice(storages), linear))
    if rng.random() < 0.5:
        made.append(replace(made[0], name=names.pop()))
    return made


def _shape(rng: random.Random, sizes: list[str]) -> tuple[Extent, ...]:
    plus = rng.choice((0, 0, 0, 1, 2))
    if rng.random() < 0.55:
        return (Extent(rng.choice(sizes), plus),)
    return (Extent(rng.choice(sizes), plus), Extent(rng.choice(sizes), plus))


def _chosen(rng: random.Random) -> list[Phase]:
    """A few kinds of phases, so that programs differ in what they are made of."""
    kinds = rng.sample(sorted(SIMPLE), rng.randint(3, 6))
    return [phase for kind in kinds for phase, weight in (SIMPLE[kind],) for _ in range(weight)]


def _phase(text: Text, phases: list[Phase], helpers: list[str]) -> None:
    """One phase, in a loop over time, under a test, or in a function of its own."""
    rng, roll = text.rng, text.rng.random()
    if roll < 0.12:
        t = text.fresh("t")
        text.open(f"for (int {t} = 0; {t} < {rng.randint(2, 3)}; {t}++)")
        for _ in range(rng.randint(1, 3)):
            rng.choice(phases)(text)
        text.close()
    elif roll < 0.16:
        t = text.fresh("t")
        text.say(f"int {t} = 0;")
        text.open(f"while ({t} < 4 && {rng.choice(text.reals)} < 9)")
        rng.choice(phases)(text)
        reduce(text)
        text.say(f"{t}++;")
        text.close()
    elif roll < 0.20:
        text.open(f"if ({rng.choice(text.reals)} < 3)")
        rng.choice(phases)(text)
        text.close()
    elif roll < 0.36:
        _function(text, rng.choice(phases), helpers)
    else:
        rng.choice(phases)(text)


def _function(text: Text, phase: Phase, helpers: list[str]) -> None:
    """A phase in a function that is given the arrays; called twice perhaps, then with like arrays exchanged."""
    name = text.fresh("phase")
    inside = Text(text.rng, text.arrays, [], [], text.odd, text.reach, used=text.used)
    phase(inside)
    text.used = inside.used
    body = "\n".join(inside.lines)
    given = [a for a in text.arrays if a.storage != "static" and re.search(rf"\b{a.name}\b", body)]
    if re.search(r"\bmemcpy|= p\d+;", body):
        text.lines += inside.lines
        return
    written = {a.name for a in given if re.search(rf"\b{a.name}(\[[^=;]*\])+ ?(=[^=]|\+=|-=|\+\+)", body)}
    parameters = ", ".join(a.parameter(a.name not in written) for a in given) or "void"
    helpers.append(f"static void {name}({parameters})\n{{\n{body}\n}}\n")
    text.say(f"{name}({', '.join(a.name for a in given)});")
    other = [_partner(text, a, given) for a in given]
    if other != given and len({a.name for a in other}) == len(given):
        text.say(f"{name}({', '.join(a.name for a in other)});")


def _partner(text: Text, array: Array, given: list[Array]) -> Array:
    """One that can stand for the array in a call."""
    alike = [a for a in text.arrays if a.storage != "static" and a.like(array)]
    return text.rng.choice(alike)


def _initialise(text: Text, array: Array) -> None:
    ranges = whole(text, array)
    names = [r.variable for r in ranges]
    text.loops(ranges)
    text.say(f"{array.element(*names)} = {start(text, array, names)};")
    text.ends(ranges)


def _result(text: Text, array: Array) -> None:
    """A sum that weights each element, or all of them."""
    if text.rng.random() < 0.4:
        form = {"double": "%g", "int": "%d", "long": "%ld", "unsigned": "%u"}[array.kind]
        show_all(text, array, form)
        return
    ranges = whole(text, array)
    s = text.fresh("sum")
    text.say(f"{'double' if array.is_real else 'long'} {s} = 0;")
    text.loops(ranges)
    weight = " + ".join(f"{k + 1} * {r.variable}" for k, r in enumerate(ranges))
    text.say(f"{s} += {array.element(*(r.variable for r in ranges))} * (({weight}) % 8 + 1);")
    text.ends(ranges)
    text.say(f'printf("sum {"%.12g" if array.is_real else "%ld"}\\n", {s});')


def _whole(text: Text, helpers: list[str]) -> str:
    rng, arrays = text.rng, text.arrays
    body = "\n".join(text.lines)
    everything = body + "".join(helpers)
    sizes = sorted({e.size for a in arrays for e in a.extents})
    head = [
        f"#include <{h}.h>"
        for h, word in _HEADERS
        if word in everything or any(word in a.declaration() for a in arrays)
    ]
    head += ["", *(f"#define {s} {rng.randint(5, 14)}" for s in sizes), ""]
    head += [a.declaration() for a in arrays if a.storage == "static"] + [""]
    head += helpers
    head += ["int main(void)", "{"]
    head += [f"    {a.declaration()}" for a in arrays if a.storage != "static"]
    head += [
        f"    {kind} {s} = 0;"
        for kind, names in (("long", text.sums), ("double", text.reals))
        for s in names
        if re.search(rf"\b{s}\b", body)
    ]
    tail = [f"    free({a.name});" for a in arrays if a.storage == "heap"] + ["    return 0;", "}", ""]
    return "\n".join([*head, body, *tail])


_HEADERS = (("stdio", "printf"), ("stdlib", "malloc"), ("string", "memcpy"), ("math", "fabs"), ("math", "fmax"))
