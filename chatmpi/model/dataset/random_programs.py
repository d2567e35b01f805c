"""Random programs: loop nests over a few arrays, in the styles that people write.

They teach which edit a place needs, not a dozen kernels by heart. Each is whole, within its arrays and deterministic.
"""

from __future__ import annotations

import random
import re

from chatmpi.model.dataset.random_nests import KINDS, initialise, output
from chatmpi.model.dataset.random_scalars import remark
from chatmpi.model.dataset.random_text import LOOPS, NAMES, SIZES, Array, Text, new_array


def random_program(seed: int) -> str:
    """One program; of one seed always the same."""
    rng = random.Random(seed)
    names, sizes = rng.sample(NAMES, 9), rng.sample(SIZES, 2)
    loops = rng.sample([v for v in LOOPS if v.upper() not in sizes], 4)
    real = rng.choice(("double", "double", "double", "float"))
    step = rng.choice(("{v}++", "{v}++", "++{v}", "{v} += 1"))
    text = Text(rng, real, rng.random() < 0.25, step, rng.random() < 0.6, rng.random() < 0.4)
    named = rng.random() < 0.3  # sizes are variables
    extents = [size.lower() if size != "SIZE" else "count" for size in sizes] if named else sizes
    heaped = named or rng.random() < 0.3
    arrays = [new_array(rng, names.pop(), extents, heaped) for _ in range(rng.randint(2, 4))]
    if rng.random() < 0.2:
        arrays.append(Array(names.pop(), (extents[0],), False, heaped, indices=True))
    scalars = [names.pop() for _ in range(3)]
    for array in arrays:
        initialise(text, array, loops)
    for _ in range(rng.randint(1, 4)):
        remark(text)
        KINDS[rng.choice(list(KINDS))](text, arrays, loops, scalars)
    output(text, arrays, loops, scalars)
    return _whole(text, arrays, dict(zip(extents, sizes, strict=True)), loops, scalars)


def _whole(text: Text, arrays: list[Array], sizes: dict[str, str], loops: list[str], scalars: list[str]) -> str:
    """`sizes`: the name of each extent, and its macro's."""
    rng, real = text.rng, text.real
    body = "\n".join(text.lines)
    used = {e: macro for e, macro in sizes.items() if any(e in a.extents for a in arrays)}
    heap = [a for a in arrays if a.heap]
    head = ["#include <stdio.h>"]
    head += ["#include <math.h>"] if re.search(r"\b(fabs|sin|sqrt|fmax|fmin)\(", body) else []
    head += ["#include <stdlib.h>"] if heap or len(used) != sum(e == m for e, m in used.items()) else []
    flat = all(len(a.extents) < 3 for a in arrays)
    head += ["", *(f"#define {m} {rng.randint(12, 90) if flat else rng.randint(8, 24)}" for m in used.values()), ""]
    head += _declarations(rng, [a for a in arrays if not a.heap], real)
    given = [f"    const int {e} = {macro};" for e, macro in used.items() if e != macro]
    if given and rng.random() < 0.5:
        given = _arguments(rng, {e: macro for e, macro in used.items() if e != macro})
    told = any("argc" in line for line in given)
    head += ["", f"int main({'int argc, char **argv' if told else 'void'})", "{", *given]
    head += _allocations(rng, heap, real)
    plain = re.sub(r'"[^"]*"', "", body)
    inside = [s for s in scalars if _names(plain, s) and not re.search(rf"\b{real} (?:\w+ = 0\.0, )*{s} = ", body)]
    head += [f"    {real} {', '.join(f'{s} = 0.0' for s in inside)};"] if inside else []
    counters = [v for v in loops if text.outer_declared and _names(body, v)]
    head += [f"    int {', '.join(counters)};"] if counters else []
    tail = [f"    free({a.name});" for a in heap] + ["    return 0;", "}", ""]
    whole = "\n".join([*head, body, *tail])
    return whole.replace("    ", "  ") if rng.random() < 0.25 else whole


def _declarations(rng: random.Random, arrays: list[Array], real: str) -> list[str]:
    """One after the other, or those of a kind in one line."""
    together = rng.random() < 0.5
    found: list[tuple[str, str]] = []
    for a in arrays:
        extents = " * ".join(a.extents) if a.linear else "][".join(a.extents)
        kind = f"{rng.choice(('static ', '')) if not together else 'static '}{'int' if a.indices else real}"
        found.append((kind, f"{a.name}[{extents}]"))
    if not together:
        return [f"{kind} {item};" for kind, item in found]
    kinds = dict.fromkeys(kind for kind, _ in found)
    return [f"{kind} {', '.join(item for other, item in found if other == kind)};" for kind in kinds]


def _arguments(rng: random.Random, sizes: dict[str, str]) -> list[str]:
    """Sizes that the command line may change."""
    found = []
    for number, (e, macro) in enumerate(sizes.items(), 1):
        if rng.random() < 0.5:
            found.append(f"    int {e} = argc > {number} ? atoi(argv[{number}]) : {macro};")
        else:
            found += [f"    int {e} = {macro};", f"    if (argc > {number})", f"        {e} = atoi(argv[{number}]);"]
    if rng.random() < 0.5:
        wrong = " || ".join(f"{e} < {rng.randint(1, 4)}" for e in sizes)
        said = '        fprintf(stderr, "sizes are too small\\n");'
        found += [f"    if ({wrong}) {{", said, "        return 1;", "    }"]
    return found


def _allocations(rng: random.Random, heap: list[Array], real: str) -> list[str]:
    if not heap:
        return []
    form = rng.choice(("malloc({n} * sizeof({t}))", "malloc({n} * sizeof *{a})", "calloc({n}, sizeof({t}))"))
    found = []
    for a in heap:
        kind, words = "int" if a.indices else real, " * ".join(a.extents)
        if len(a.extents) > 1 and rng.random() < 0.4:
            words = f"(size_t){words}"
        found.append(f"    {kind} *{a.name} = {form.format(n=words, t=kind, a=a.name)};")
    if rng.random() < 0.3:
        missing = " || ".join(f"{a.name} == NULL" for a in heap)
        if rng.random() < 0.5:
            found.append(f"    if ({missing})")
            found.append("        return 1;")
        else:
            found += [
                f"    if ({missing}) {{",
                '        fprintf(stderr, "no memory\\n");',
                "        return 1;",
                "    }",
            ]
    return found


def _names(text: str, name: str) -> bool:
    return re.search(rf"\b{name}\b", text) is not None
