"""Idioms of the generator in one word each: the network says what an exchange is of, not how MPI spells it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

_HOLE = re.compile(r"\{(\w+)\}")
_BETWEEN = "; "
_WORLD = "\n\tMPI_COMM_WORLD, MPI_STATUS_IGNORE);"


@dataclass(frozen=True, slots=True)
class Idiom:
    """`text` with holes `{a}`; what fills one is the same wherever it stands."""

    word: str
    text: str

    @property
    def holes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_HOLE.findall(self.text)))


IDIOMS = (
    Idiom(
        "START",
        "MPI_Init({a}, {b});\nint rank, size;\n"
        "MPI_Comm_rank(MPI_COMM_WORLD, &rank);\nMPI_Comm_size(MPI_COMM_WORLD, &size);",
    ),
    Idiom("OWNERS", "const int {p}_owners = larger(1, smaller(size, {n} / {k}));"),
    Idiom(
        "PART",
        "const int {p}_begin = block_begin({n}, rank, {o});\nconst int {p}_end = block_begin({n}, rank + 1, {o});\n"
        "const int {p}_count = {p}_end - {p}_begin, {p}_offset = {p}_begin{h};",
    ),
    Idiom(
        "WEIGHTED",
        "const int {p}_begin = work_begin({n}, rank, {o}, {w});\n"
        "const int {p}_end = work_begin({n}, rank + 1, {o}, {w});\n"
        "const int {p}_count = {p}_end - {p}_begin, {p}_offset = {p}_begin{h};",
    ),
    Idiom(
        "BESIDE",
        "const int {p}_above = rank > 0 && rank < {p}_owners ? rank - 1 : MPI_PROC_NULL;\n"
        "const int {p}_below = rank + 1 < {p}_owners ? rank + 1 : MPI_PROC_NULL;",
    ),
    Idiom(
        "EXCHANGE",
        "MPI_Sendrecv(&{v}[{a}], {w}, {t}, {p}_above, 0, &{v}[{b}], {w}, {t}, {p}_below, 0," + _WORLD + "\n"
        "MPI_Sendrecv(&{v}[{c}], {w}, {t}, {p}_below, 1, &{v}[{d}], {w}, {t}, {p}_above, 1," + _WORLD,
    ),
    Idiom(
        "FROM_ABOVE",
        "MPI_Sendrecv(&{v}[{a}], {w}, {t}, {p}_below, {g}, &{v}[{b}], {w}, {t}, {p}_above, {g}," + _WORLD,
    ),
    Idiom(
        "FROM_BELOW",
        "MPI_Sendrecv(&{v}[{a}], {w}, {t}, {p}_above, {g}, &{v}[{b}], {w}, {t}, {p}_below, {g}," + _WORLD,
    ),
    Idiom("REDUCE", "MPI_Reduce(rank == 0 ? MPI_IN_PLACE : &{v}, &{v}, 1, {t}, {o}, 0, MPI_COMM_WORLD);"),
    Idiom("ALLREDUCE", "MPI_Allreduce(MPI_IN_PLACE, &{v}, 1, {t}, {o}, MPI_COMM_WORLD);"),
    Idiom(
        "BROADCAST",
        "{e} {v}_copy{f} = 0;\nif ({p}_begin <= {r} && {r} < {p}_end)\n    {v}_copy{f} = {v}[{x}];\n"
        "MPI_Bcast(&{v}_copy{f}, 1, {t}, block_owner({n}, {r}, {o}), MPI_COMM_WORLD);",
    ),
    Idiom("LAST", "const int {v}_end# = smaller({b}, {p}_end) - {p}_offset;"),
    Idiom("ROWS", "{v} = calloc({n}, sizeof *{v});"),
    Idiom("NEW_ROWS", "{e} *{v} = malloc({n} * sizeof *{v});"),
    Idiom("WHOLE", "{v}_all = malloc((size_t){n} * sizeof *{v}_all);"),
)


def short(edit: str) -> str:
    """An edit with words for its idioms."""
    for idiom in IDIOMS:
        edit = _pattern(idiom).sub(lambda m, i=idiom: _said(i, m), edit)  # type: ignore[misc]
    return edit


def spelled(edit: str) -> str:
    """What `short` made of an edit, as it was."""
    return "\n".join(_spelled_line(line) for line in edit.split("\n"))


def _said(idiom: Idiom, m: re.Match[str]) -> str:
    values = [m[f"hole_{hole}"] for hole in idiom.holes]
    if any(_BETWEEN in v or (v != v.strip(" ") and v.strip(" ") == "") for v in values):
        return m[0]
    return f"{m['indent']}{idiom.word}({_BETWEEN.join(values)})"


def _spelled_line(line: str) -> str:
    m = re.fullmatch(r"( *)([A-Z_]+)\((.*)\)", line)
    idiom = next((i for i in IDIOMS if m and i.word == m[2]), None)
    if m is None or idiom is None:
        return line
    values = m[3].split(_BETWEEN)
    if len(values) != len(idiom.holes):
        return line
    filled = dict(zip(idiom.holes, values, strict=True))
    text = _HOLE.sub(lambda h: filled[h[1]], idiom.text)
    return "\n".join(x if x.startswith("\t") else m[1] + x for x in text.split("\n"))


@cache
def _pattern(idiom: Idiom) -> re.Pattern[str]:
    made, seen = "^(?P<indent> *)", set[str]()
    for k, line in enumerate(idiom.text.split("\n")):
        if k:
            made += "\n" if line.startswith("\t") else "\n(?P=indent)"
        at = 0
        for m in _HOLE.finditer(line):
            made += re.escape(line[at : m.start()])
            made += f"(?P=hole_{m[1]})" if m[1] in seen else f"(?P<hole_{m[1]}>[^\n]*?)"
            seen.add(m[1])
            at = m.end()
        made += re.escape(line[at:])
    return re.compile(made + "$", re.MULTILINE)
