"""The loop nests of random programs."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from types import MappingProxyType

from chatmpi.model.dataset.random_scalars import on_the_way, printed, sums
from chatmpi.model.dataset.random_text import Array, Text, element, literal

Nest = Callable[[Text, list[Array], list[str], list[str]], None]


def initialise(text: Text, array: Array, loops: list[str]) -> None:
    """Every element gets a value that depends on its place."""
    rng, used = text.rng, loops[: len(array.extents)]
    index = " + ".join(f"{rng.randint(1, 7)} * {v}" if rng.random() < 0.6 else v for v in used)
    value = rng.choice(
        (
            f"({index}) % {rng.randint(3, 17)}",
            f"{literal(rng)} * ({index})",
            f"1.0 / ({index} + 1)",
            f"sin({literal(rng)} * ({index}))",
            f"{literal(rng)} + {used[0]} % {rng.randint(3, 9)}",
            literal(rng),
        )
    )
    if array.indices:
        value = f"({rng.randint(2, 9)} * {used[0]} + {rng.randint(0, 5)}) % {array.extents[0]}"
    _nest(text, used, array.extents)
    text.say(f"{element(array, used)} = {value};")
    _end(text, used)


def output(text: Text, arrays: list[Array], loops: list[str], scalars: list[str]) -> None:
    """A sum is printed, and perhaps elements, or all of an array."""
    rng = text.rng
    _sum(text, _reals(arrays), loops, scalars[:1])
    text.say(f'printf("{rng.choice(("sum", "total", "check", "result"))} %.10e\\n", {scalars[0]});')
    flat = [a for a in _reals(arrays) if len(a.extents) == 1]
    shown = [a for a in _reals(arrays) if len(a.extents) < 3]
    if flat and rng.random() < 0.4:
        array = rng.choice(flat)
        extent = array.extents[0]
        first, last = rng.sample(("0", f"{extent} / 2", f"{extent} - 1", "1"), 2)
        if rng.random() < 0.5:
            text.say(f'printf("%.10e\\n", {array.name}[{first}]);')
        else:
            text.say(f'printf("%.10e %.10e\\n", {array.name}[{first}], {array.name}[{last}]);')
    elif shown and rng.random() < 0.5:
        printed(text, rng.choice(shown), loops)


def _reals(arrays: list[Array]) -> list[Array]:
    return [a for a in arrays if not a.indices]


def _nest(text: Text, variables: list[str], extents: tuple[str, ...], lows: tuple[int, ...] = ()) -> None:
    for number, (v, extent) in enumerate(zip(variables, extents, strict=True)):
        low = lows[number] if lows else 0
        text.loop(v, str(low), f"{extent} - {low}" if low else extent)


def _end(text: Text, variables: list[str]) -> None:
    for _ in variables:
        text.end()


def _value(text: Text, terms: list[str]) -> str:
    rng = text.rng
    value = rng.choice(terms)
    for _ in range(rng.randint(0, 2)):
        op = rng.choice(("+", "-", "*"))
        other = rng.choice([*terms, literal(rng), f"{literal(rng)} * {rng.choice(terms)}"])
        value = f"{value} {op} {other}" if op != "*" else f"({value}) * {literal(rng)}"
    return rng.choice((value, value, f"fabs({value})", f"{literal(rng)} * ({value})"))


def _terms(array: Array, variables: Mapping[str, str]) -> list[str]:
    """Accesses of an array by loop variables (to their extents) that stay within it."""
    fitting = [[v for v, extent in variables.items() if extent == e] for e in array.extents]
    return [element(array, list(vs)) for vs in itertools.product(*fitting)]


def _map(text: Text, arrays: list[Array], loops: list[str], scalars: list[str]) -> None:
    """Each element of an array from elements of others, also from such of fewer dimensions."""
    rng = text.rng
    target = rng.choice(_reals(arrays))
    used = loops[: len(target.extents)]
    alike = [element(a, used) for a in _reals(arrays) if a.extents == target.extents]
    lesser = [a for a in _reals(arrays) if len(a.extents) < len(target.extents)]
    variables = dict(zip(used, target.extents, strict=True))
    terms = alike + [x for a in lesser for x in _terms(a, variables)] + [used[0]]
    _nest(text, used, target.extents)
    for _ in range(rng.choice((1, 1, 2))):
        value = _value(text, terms)
        if rng.random() < 0.15:
            text.block(f"if ({used[0]} % {rng.randint(2, 5)} {rng.choice(('==', '!='))} 0)")
            text.say(f"{element(target, used)} {rng.choice(('=', '+='))} {value};")
            text.end()
        else:
            text.say(f"{element(target, used)} {rng.choice(('=', '=', '+=', '-='))} {value};")
    _end(text, used)


def _stencil(text: Text, arrays: list[Array], loops: list[str], scalars: list[str]) -> None:
    rng = text.rng
    target = rng.choice(_reals(arrays))
    others = [a for a in _reals(arrays) if a.extents == target.extents and a is not target]
    if others:
        _stencil_from(text, rng.choice(others), target, loops)
    else:
        _map(text, arrays, loops, scalars)


def _stencil_from(text: Text, source: Array, target: Array, loops: list[str]) -> None:
    """Neighbours in all dimensions within a radius, some of them."""
    rng, used = text.rng, loops[: len(target.extents)]
    radius = rng.choice((1, 1, 1, 2))
    near = [o for o in itertools.product(range(-radius, radius + 1), repeat=len(used)) if any(o)]
    straight = [o for o in near if sum(map(bool, o)) == 1]
    offsets = rng.sample(straight, rng.randint(2, min(6, len(straight))))
    if rng.random() < 0.3:
        offsets = list(dict.fromkeys([*offsets, *rng.sample(near, min(2, len(near)))]))
    terms = [element(source, [_shifted(v, o) for v, o in zip(used, offset, strict=True)]) for offset in offsets]
    terms.insert(rng.randint(0, 1), element(source, used))
    _nest(text, used, target.extents, (radius,) * len(used))
    if rng.random() < 0.5:
        value = f"{literal(rng)} * ({' + '.join(terms)})"
    else:
        value = f"{terms[0]} + {literal(rng)} * ({' - '.join(terms[1:])})"
    text.say(f"{element(target, used)} = {value};")
    _end(text, used)


def _shifted(variable: str, offset: int) -> str:
    return f"{variable} {'+' if offset > 0 else '-'} {abs(offset)}" if offset else variable


def _steps(text: Text, arrays: list[Array], loops: list[str], scalars: list[str]) -> None:
    """Steps of a stencil, copied back or, where both are on the heap, exchanged; perhaps until little changes."""
    rng, reals = text.rng, _reals(arrays)
    pairs = [(a, b) for a in reals for b in reals if a is not b and a.extents == b.extents]
    if not pairs:
        return _map(text, arrays, loops, scalars)
    source, target = rng.choice(pairs)
    used, count = loops[: len(source.extents)], str(rng.randint(2, 20))
    change = scalars[2]
    until = rng.random() < 0.3
    if until:
        text.say(f"{change} = 1.0;")
        text.say("tries = 0;" if any("int tries" in line for line in text.lines) else "int tries = 0;")
        text.block(f"while ({change} > {rng.choice(('1e-3', '0.01'))} && tries < {count})")
        text.say(f"{change} = 0.0;")
    else:
        text.loop(loops[-1], "0", count)
    _stencil_from(text, source, target, used)
    if until:
        _nest(text, used, source.extents, (1,) * len(used))
        text.say(f"{change} = fmax({change}, fabs({element(target, used)} - {element(source, used)}));")
        _end(text, used)
    if source.heap and target.heap and rng.random() < 0.6:
        text.say(f"{text.real} *swap = {source.name};")
        text.say(f"{source.name} = {target.name};")
        text.say(f"{target.name} = swap;")
    else:
        _nest(text, used, source.extents, (rng.choice((0, 1)),) * len(used))
        text.say(f"{element(source, used)} = {element(target, used)};")
        _end(text, used)
    if until:
        text.say("tries++;")
    text.end()
    return None


def _sum(text: Text, arrays: list[Array], loops: list[str], scalars: list[str]) -> None:
    rng, array, scalar = text.rng, text.rng.choice(_reals(arrays)), text.rng.choice(scalars[:2])
    used = loops[: len(array.extents)]
    alike = [element(a, used) for a in _reals(arrays) if a.extents == array.extents]
    fresh = f"{text.real} {scalar} = " not in "\n".join(text.lines)
    unmet = fresh and not any(scalar in line.replace("[", " ").split() for line in text.lines)
    text.say(f"{text.real} {scalar} = 0.0;" if unmet and rng.random() < 0.6 else f"{scalar} = 0.0;")
    _nest(text, used, array.extents)
    one, other = rng.choice(alike), rng.choice(alike)
    weighted = f"({literal(rng)} + {literal(rng)} * {used[0]}) * {one}"
    term = rng.choice((one, f"{one} * {other}", f"fabs({one})", weighted, f"{one} * (1 + {used[0]} % 3)"))
    text.say(f"{scalar} += {term};" if rng.random() < 0.8 else f"{scalar} = {scalar} + {term};")
    _end(text, used)
    if rng.random() < 0.3:
        _scale_by(text, arrays, loops, rng.choice((scalar, f"sqrt(fabs({scalar}))")))


def _scale_by(text: Text, arrays: list[Array], loops: list[str], scalar: str) -> None:
    """The sum is used by all afterwards."""
    array = text.rng.choice(_reals(arrays))
    used = loops[: len(array.extents)]
    _nest(text, used, array.extents)
    text.say(f"{element(array, used)} = {element(array, used)} / (1.0 + fabs({scalar}));")
    _end(text, used)


def _max(text: Text, arrays: list[Array], loops: list[str], scalars: list[str]) -> None:
    rng, array, scalar = text.rng, text.rng.choice(_reals(arrays)), text.rng.choice(scalars[1:])
    used = loops[: len(array.extents)]
    one, op = element(array, used), rng.choice("><")
    text.say(f"{scalar} = {rng.choice((element(array, ['0'] * len(used)), '0.0'))};")
    _nest(text, used, array.extents)
    if rng.random() < 0.5:
        text.block(f"if ({one} {op} {scalar})")
        text.say(f"{scalar} = {one};")
        text.end()
    else:
        text.say(f"{scalar} = {'fmax' if op == '>' else 'fmin'}({scalar}, {one});")
    _end(text, used)


def _contraction(text: Text, arrays: list[Array], loops: list[str], scalars: list[str]) -> None:
    """Elements of one array from products of others, summed over one more loop, perhaps of a triangle."""
    rng, reals = text.rng, _reals(arrays)
    target = rng.choice([a for a in reals if len(a.extents) < 3] or reals)
    used = loops[: len(target.extents) + 1]
    if len(used) > 3:
        return _map(text, arrays, loops, scalars)
    extents = (*target.extents, rng.choice([e for a in reals for e in a.extents]))
    variables = dict(zip(used, extents, strict=True))
    terms = [x for a in reals if a is not target for x in _terms(a, variables)]
    with_inner = [x for x in terms if used[-1] in x.replace("[", " ").replace("]", " ").split()]
    if not with_inner:
        return _map(text, arrays, loops, scalars)
    product = rng.choice(with_inner)
    product += f" * {rng.choice(terms)}" if rng.random() < 0.8 else ""
    product = f"{literal(rng)} * {product}" if rng.random() < 0.2 else product
    here = element(target, used[:-1])
    low, high = rng.choice((("0", extents[-1]),) * 3 + (_triangle(used, extents, rng.random() < 0.5),))
    if rng.random() < 0.5 and rng.random() < 0.5:
        _nest(text, used[-1:], extents[-1:])
        _nest(text, used[:-1], extents[:-1])
        text.say(f"{here} += {product};")
        _end(text, used)
        return None
    _nest(text, used[:-1], extents[:-1])
    form = rng.choice(("local", "zero", "add"))
    if form == "local":
        text.say(f"{text.real} part = 0.0;")
    elif form == "zero":
        text.say(f"{here} = 0.0;")
    text.loop(used[-1], low, high)
    text.say(f"{'part' if form == 'local' else here} += {product};")
    text.end()
    if form == "local":
        text.say(f"{here} {rng.choice(('=', '=', '+='))} part;")
    _end(text, used[:-1])
    return None


def _triangle(used: list[str], extents: tuple[str, ...], upper: bool) -> tuple[str, str]:
    if extents[0] != extents[-1]:
        return "0", extents[-1]
    return (used[0], extents[-1]) if upper else ("0", f"{used[0]} + 1")


def _gather(text: Text, arrays: list[Array], loops: list[str], scalars: list[str]) -> None:
    """Elements by an array of places."""
    rng = text.rng
    places = [a for a in arrays if a.indices]
    flat = [a for a in _reals(arrays) if len(a.extents) == 1]
    if not places or len(flat) < 2:
        return _map(text, arrays, loops, scalars)
    target, source = rng.sample(flat, 2)
    v = loops[0]
    text.loop(v, "0", target.extents[0])
    access = f"{source.name}[{places[0].name}[{v}]]"
    text.say(f"{target.name}[{v}] {rng.choice(('=', '+='))} {_value(text, [access, f'{literal(rng)} * {access}'])};")
    text.end()
    return None


def _guard(text: Text, arrays: list[Array], loops: list[str], scalars: list[str]) -> None:
    """Single elements, or a row."""
    rng = text.rng
    array = rng.choice(_reals(arrays))
    extent = array.extents[0]
    row = rng.choice(("0", f"{extent} - 1", f"{extent} / 2", "1"))
    used = loops[1 : len(array.extents)]
    _nest(text, used, array.extents[1:])
    text.say(f"{element(array, [row, *used])} = {literal(rng)};")
    _end(text, used)


KINDS: Mapping[str, Nest] = MappingProxyType(
    {
        "map": _map,
        "stencil": _stencil,
        "steps": _steps,
        "sum": _sum,
        "max": _max,
        "contraction": _contraction,
        "gather": _gather,
        "guard": _guard,
        "sums": sums,
        "on the way": on_the_way,
    }
)
