"""More loop nests of random programs: several sums at once, values on the way, rows printed, comments."""

from __future__ import annotations

from chatmpi.model.dataset.random_text import Array, Text, element, literal

_SAID = ("start values", "the update", "what changes", "next step", "the result", "neighbours", "weights", "checks")


def remark(text: Text) -> None:
    """A comment before what follows, as people write them, or an empty line."""
    rng = text.rng
    if not text.commented or rng.random() < 0.5:
        return
    said = f"{rng.choice(_SAID)} of {rng.choice(('all', 'the', 'each'))} {rng.choice(('rows', 'items', 'fields'))}"
    text.lines.append("")
    text.lines.append("    " * text.depth + (f"/* {said} */" if rng.random() < 0.7 else f"// {said}"))


def sums(text: Text, arrays: list[Array], loops: list[str], scalars: list[str]) -> None:
    """Two or three sums, or a sum and an extreme, in one loop."""
    rng = text.rng
    array = rng.choice([a for a in arrays if not a.indices])
    used = loops[: len(array.extents)]
    alike = [element(a, used) for a in arrays if not a.indices and a.extents == array.extents]
    chosen = rng.sample(scalars, rng.choice((2, 2, 3)))
    known = "\n".join(text.lines)
    if all(f" {s} = " not in known for s in chosen):
        text.say(f"{text.real} {', '.join(f'{s} = 0.0' for s in chosen)};")
    else:
        for s in chosen:
            text.say(f"{s} = 0.0;")
    for v, extent in zip(used, array.extents, strict=True):
        text.loop(v, "0", extent)
    for s in chosen:
        one, other = rng.choice(alike), rng.choice(alike)
        weighted = f"{literal(rng)} * ({used[0]} + 1) * {one}"
        term = rng.choice((one, f"{one} * {other}", f"fabs({one})", weighted))
        if rng.random() < 0.2:
            text.block(f"if (fabs({one}) > {s})")
            text.say(f"{s} = fabs({one});")
            text.end()
        else:
            text.say(f"{s} += {term};")
    for _ in used:
        text.end()
    text.say(f'printf("{" ".join(["%.9e"] * len(chosen))}\\n", {", ".join(chosen)});')


def on_the_way(text: Text, arrays: list[Array], loops: list[str], scalars: list[str]) -> None:
    """Values that an iteration makes and uses: elements of two arrays from both, or of one from itself."""
    rng = text.rng
    one = rng.choice([a for a in arrays if not a.indices])
    used = loops[: len(one.extents)]
    others = [a for a in arrays if not a.indices and a.extents == one.extents]
    other = rng.choice(others)
    for v, extent in zip(used, one.extents, strict=True):
        text.loop(v, "0", extent)
    x, y = element(one, used), element(other, used)
    value = rng.choice(("temp", "value", "here"))
    kind = rng.choice(("const ", "")) + text.real
    text.say(f"{kind} {value}_{used[0]} = {literal(rng)} * {x} {rng.choice('+-')} {literal(rng)} * {y};")
    if rng.random() < 0.5:
        text.say(f"{y} = {literal(rng)} * {y} - {literal(rng)} * {x};")
    text.say(f"{x} = {rng.choice(('', 'fabs'))}({value}_{used[0]} + {used[0]} % {rng.randint(2, 5)});")
    for _ in used:
        text.end()


def printed(text: Text, array: Array, loops: list[str]) -> None:
    """All elements, a line for each or for each row."""
    rng = text.rng
    form = rng.choice(("%.8e", "%.12e", "%g", "%.17g"))
    text.loop(loops[0], "0", array.extents[0])
    if len(array.extents) == 2:
        text.loop(loops[1], "0", array.extents[1])
        text.say(f'printf("{form} ", {element(array, loops[:2])});')
        text.end()
        text.say('printf("\\n");')
    elif rng.random() < 0.3:
        text.say(f'printf("%d {form}\\n", {loops[0]}, {element(array, loops[:1])});')
    else:
        text.say(f'printf("{form}\\n", {element(array, loops[:1])});')
    text.end()
