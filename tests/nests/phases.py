"""What a program does, phase by phase: each writes one statement or loop nest, for some of the arrays."""

from __future__ import annotations

from collections.abc import Callable

from nests.shapes import Array, Range, random_range, triangular
from nests.text import Text
from nests.values import condition, value

Phase = Callable[[Text], None]


def ranges_of(text: Text, array: Array) -> list[Range]:
    """A range for each dimension of an array; the second may be bounded by the first."""
    found: list[Range] = []
    for stem, extent in zip("ij", array.extents, strict=False):
        v = text.fresh(stem)
        if found and extent.size == found[0].size and extent.plus >= found[0].high and text.rng.random() < 0.2:
            found.append(triangular(text.rng, v, found[0]))
        else:
            found.append(random_range(text.rng, v, extent.size, extent.plus))
    return found


def whole(text: Text, array: Array) -> list[Range]:
    return [Range(text.fresh(s), e.size, 0, e.plus) for s, e in zip("ij", array.extents, strict=False)]


def target(text: Text, array: Array, ranges: list[Range]) -> str:
    """Where a statement writes: mostly at the loop variables themselves."""
    plain = text.at(array, ranges, plain=text.rng.random() < 0.85)
    return plain or array.element(*(r.variable for r in ranges))


def assign(text: Text) -> None:
    """One to three statements in a nest, some under a guard, some with a scalar between."""
    rng, array = text.rng, text.rng.choice(text.arrays)
    ranges = ranges_of(text, array)
    text.loops(ranges)
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3))):
        _statement(text, rng.choice((array, array, rng.choice(text.arrays))), ranges)
    text.ends(ranges)


def _statement(text: Text, array: Array, ranges: list[Range]) -> None:
    rng = text.rng
    own = text.at(array, ranges, plain=True)
    if own is None:
        array = next(a for a in text.arrays if text.at(a, ranges, plain=True))
        own = text.at(array, ranges, plain=True) or ""
    written = text.at(array, ranges) or own if rng.random() < 0.12 else own
    guarded = rng.random() < 0.2
    if guarded:
        text.open(f"if ({condition(text, ranges, [a for a in text.arrays if a is not array])})")
    if rng.random() < 0.15:
        inner = text.fresh("t")
        text.say(f"{array.kind} {inner} = {value(text, array.kind, ranges)};")
        text.say(f"{written} = {value(text, array.kind, ranges, inner)};")
    elif rng.random() < 0.15:
        text.say(f"{written} += {value(text, array.kind, ranges)};")
    else:
        text.say(f"{written} = {value(text, array.kind, ranges, own if rng.random() < 0.2 else '')};")
    if guarded:
        text.close()


def product(text: Text) -> None:
    """An inner loop sums into an element: a product of a matrix, or a sum over neighbours."""
    rng, array = text.rng, text.rng.choice(text.arrays)
    ranges = ranges_of(text, array)
    size = rng.choice(text.arrays).extents[-1].size
    inner = Range(text.fresh("k"), size)
    if ranges[-1].size == size and ranges[-1].high <= 0 and rng.random() < 0.3:
        inner = triangular(rng, inner.variable, ranges[-1])
    text.loops(ranges)
    element = text.at(array, ranges, plain=True)
    sum_ = text.fresh("s") if rng.random() < 0.5 else ""
    text.say(f"{array.kind} {sum_} = 0;" if sum_ else f"{element} = 0;")
    text.loop(inner)
    term = value(text, array.kind, [*ranges[:-1], inner] if rng.random() < 0.3 else [ranges[0], inner])
    text.say(f"{sum_ or element} += {term};")
    text.close()
    if sum_:
        text.say(f"{element} = {sum_};" if array.is_real else f"{element} = {sum_} % 1000;")
    text.ends(ranges)


def steps(text: Text) -> None:
    """A stencil from one array to another of its shape, and back by a loop, a copy or a swap of pointers."""
    rng = text.rng
    pairs = [(a, b) for a in text.arrays for b in text.arrays if a is not b and a.like(b)]
    if not pairs:
        return assign(text)
    old, new = rng.choice(pairs)
    t = text.fresh("t")
    text.open(f"for (int {t} = 0; {t} < {rng.randint(2, 4)}; {t}++)")
    _sweep(text, old, new)
    if old.is_pointer and new.is_pointer and text.depth == 2 and rng.random() < 0.6:
        p = text.fresh("p")
        text.say(f"{old.kind} *{p} = {old.name};")
        text.say(f"{old.name} = {new.name};")
        text.say(f"{new.name} = {p};")
    elif rng.random() < 0.5:
        _sweep(text, new, old)
    elif old.storage != "heap" and rng.random() < 0.5:
        text.say(f"memcpy({old.name}, {new.name}, sizeof({old.name}));")
    else:
        ranges = ranges_of(text, old) if rng.random() < 0.5 else whole(text, old)
        text.loops(ranges)
        names = [r.variable for r in ranges]
        text.say(f"{old.element(*names)} = {new.element(*names)};")
        text.ends(ranges)
    if text.sums and rng.random() < 0.2:
        reduce(text)
    text.close()
    return None


def _sweep(text: Text, old: Array, new: Array) -> None:
    ranges = ranges_of(text, new)
    text.loops(ranges)
    others = text.arrays
    text.arrays = [old, old, old, text.rng.choice(others)]
    text.say(f"{new.element(*(r.variable for r in ranges))} = {value(text, new.kind, ranges)};")
    text.arrays = others
    text.ends(ranges)


def reduce(text: Text) -> None:
    """A sum, an extreme, a count, or bits."""
    rng, array = text.rng, text.rng.choice(text.arrays)
    ranges = ranges_of(text, array)
    scalars = text.reals if array.is_real else text.sums
    if not scalars:
        return assign(text)
    s = rng.choice(scalars)
    term = text.at(array, ranges, plain=rng.random() < 0.7) or array.element(*(r.variable for r in ranges))
    if rng.random() < 0.7:
        text.say(f"{s} = {rng.choice(('0', '0', '1'))};")
    text.loops(ranges)
    choices = [f"{s} += {term};", f"{s} += {value(text, array.kind, ranges)};", f"if ({term} > {s}) {s} = {term};"]
    choices += [
        f"{s} = {s} < {term} ? {s} : {term};",
        f"{s} = fmax({s}, {term});" if array.is_real else f"{s} ^= {term};",
    ]
    choices += [f"if ({condition(text, ranges, text.arrays)}) {s} += {term};", f"{s} -= {term};"]
    text.say(rng.choice(choices))
    text.ends(ranges)
    return None


def scan(text: Text) -> None:
    """A running sum that is stored as it runs."""
    rng, array = text.rng, text.rng.choice(text.arrays)
    ranges = ranges_of(text, array)
    s = text.fresh("s")
    text.say(f"{array.kind} {s} = 0;")
    text.loops(ranges)
    term = value(text, array.kind, ranges)
    element = array.element(*(r.variable for r in ranges))
    lines = [f"{s} += {term};", f"{element} = {s};"]
    for line in lines if rng.random() < 0.7 else reversed(lines):
        text.say(line)
    text.ends(ranges)


def edges(text: Text) -> None:
    """Single elements, rows or columns."""
    rng, array = text.rng, text.rng.choice(text.arrays)
    places = [
        rng.choice(("0", f"{e.size} - 1" if not e.plus else str(e) + " - 1", f"{e.size} / 2")) for e in array.extents
    ]
    if array.is_flat:
        source = array.element(rng.choice(("0", f"{array.extents[0].size} / 2")))
        literal = str(rng.randint(1, 9)) if not array.is_real or rng.random() < 0.5 else "0.5"
        text.say(f"{array.element(*places)} = {rng.choice((literal, source))};")
        return
    free = rng.randrange(2)
    r = random_range(rng, text.fresh("i"), array.extents[free].size, array.extents[free].plus)
    places[free] = r.variable
    text.loop(r)
    text.say(f"{array.element(*places)} = {value(text, array.kind, [r])};")
    text.close()


def histogram(text: Text) -> None:
    """Elements found by the data."""
    rng = text.rng
    bins = [a for a in text.arrays if a.is_flat and not a.is_real]
    keys = [a for a in text.arrays if a.is_flat and not a.is_real and a not in bins[:1]]
    if not bins or not keys:
        return assign(text)
    array, key = bins[0], rng.choice(keys)
    ranges = ranges_of(text, key)
    place = f"(unsigned)({key.element(ranges[0].variable)}) % ({array.extents[0]})"
    text.loops(ranges)
    if rng.random() < 0.5:
        text.say(f"{array.element(place)}{rng.choice(('++', ' += 2'))};")
    else:
        other = text.at(key, ranges, plain=True) or "1"
        text.say(
            f"{other} = {array.element(place)} % 100;" if rng.random() < 0.7 else f"{array.element(place)} = {other};"
        )
    text.ends(ranges)
    return None


def scalar(text: Text) -> None:
    """A scalar from an element, or from another."""
    rng = text.rng
    if not text.reals:
        return assign(text)
    s = rng.choice(text.reals)
    array = rng.choice(text.arrays)
    element = array.element(*(rng.choice(("0", f"{e.size} / 2")) for e in array.extents))
    text.say(rng.choice((f"{s} = {element};", f"{s} = 0.5 * {s} + {element};", f"if ({s} > 4) {s} = {element};")))
    return None


def show(text: Text) -> None:
    """Output: a scalar, an element, a sum or a whole array."""
    rng, roll = text.rng, text.rng.random()
    array = rng.choice(text.arrays)
    form = "%g" if array.is_real else "%u" if array.kind == "unsigned" else "%ld" if array.kind == "long" else "%d"
    if roll < 0.3 and text.sums + text.reals:
        s = rng.choice(text.sums + text.reals)
        text.say(f'printf("{"%ld" if s in text.sums else "%.12g"}\\n", {s});')
    elif roll < 0.5:
        element = array.element(*(rng.choice(("0", f"{e.size} - 1", f"{e.size} / 2")) for e in array.extents))
        text.say(f'printf("at {form}\\n", {element});')
    else:
        show_all(text, array, form)


def show_all(text: Text, array: Array, form: str) -> None:
    ranges = ranges_of(text, array) if text.rng.random() < 0.3 else whole(text, array)
    text.loop(ranges[0])
    if len(ranges) > 1:
        text.loop(ranges[1])
    text.say(f'printf("{form} ", {array.element(*(r.variable for r in ranges))});')
    if len(ranges) > 1:
        text.close()
        text.say('printf("\\n");')
    text.close()
    if len(ranges) == 1:
        text.say('printf("\\n");')


SIMPLE: dict[str, tuple[Phase, int]] = {
    "assign": (assign, 8),
    "product": (product, 3),
    "steps": (steps, 4),
    "reduce": (reduce, 4),
    "scan": (scan, 1),
    "edges": (edges, 2),
    "histogram": (histogram, 1),
    "scalar": (scalar, 1),
    "show": (show, 2),
}
