"""Idioms of the generator in one word each: the network says what an exchange is of, not how MPI spells it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

_HOLE = re.compile(r"\{(\w+)\}")
_BETWEEN = "; "
_WORLD = "\n\tMPI_COMM_WORLD, MPI_STATUS_IGNORE);"
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Idiom:
    """`text` with holes `{a}`; what fills one is the same wherever it stands.

    What `{n}` is, the question says of `{p}`.
    """

    word: str
    text: str

    @property
    def holes(self) -> tuple[str, ...]:
        return tuple(hole for hole in dict.fromkeys(_HOLE.findall(self.text)) if hole != "n")


_COLLECTED = (
    "for (int source = 0; source < {o}; source++) {\n"
    "const int begin = {b}({n}, source, {o}{g}), end = {b}({n}, source + 1, {o}{g});\n"
)
_FETCHED = (
    "MPI_Sendrecv({a}, {c}, MPI_{e}, rank == source ? 0 : MPI_PROC_NULL, 0,\n"
    "\t{v}_rows, {d}, MPI_{e}, rank == 0 ? source : MPI_PROC_NULL, 0," + _WORLD + "\n"
)

IDIOMS = (
    Idiom(
        "START",
        "MPI_Init({a}, {b});\nint rank, size;\n"
        "MPI_Comm_rank(MPI_COMM_WORLD, &rank);\nMPI_Comm_size(MPI_COMM_WORLD, &size);",
    ),
    Idiom("INIT", "MPI_Init({a}, {b});\nMPI_Comm_rank(MPI_COMM_WORLD, &rank);\nMPI_Comm_size(MPI_COMM_WORLD, &size);"),
    Idiom("OWNERS", "const int {p}_owners = larger(1, smaller(size, {n}));"),
    Idiom("OWNERS_OF", "const int {p}_owners = larger(1, smaller(size, {n} / {k}));"),
    Idiom(
        "PART",
        "const int {p}_begin = block_begin({n}, rank, {o});\nconst int {p}_end = block_begin({n}, rank + 1, {o});\n"
        "const int {p}_count = {p}_end - {p}_begin, {p}_offset = {p}_begin{h};",
    ),
    Idiom(
        "SET_PART",
        "{p}_begin = block_begin({n}, rank, {o});\n{p}_end = block_begin({n}, rank + 1, {o});\n"
        "{p}_count = {p}_end - {p}_begin, {p}_offset = {p}_begin{h};",
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
        "MPI_Sendrecv(&{v}[{a}], {w}, MPI_{t}, {p}_above, 0, &{v}[{b}], {w}, MPI_{t}, {p}_below, 0," + _WORLD + "\n"
        "MPI_Sendrecv(&{v}[{c}], {w}, MPI_{t}, {p}_below, 1, &{v}[{d}], {w}, MPI_{t}, {p}_above, 1," + _WORLD,
    ),
    Idiom(
        "FROM_ABOVE",
        "MPI_Sendrecv(&{v}[{a}], {w}, MPI_{t}, {p}_below, {g}, &{v}[{b}], {w}, MPI_{t}, {p}_above, {g}," + _WORLD,
    ),
    Idiom(
        "FROM_BELOW",
        "MPI_Sendrecv(&{v}[{a}], {w}, MPI_{t}, {p}_above, {g}, &{v}[{b}], {w}, MPI_{t}, {p}_below, {g}," + _WORLD,
    ),
    Idiom("REDUCE", "MPI_Reduce(rank == 0 ? MPI_IN_PLACE : &{v}, &{v}, 1, MPI_{t}, MPI_{o}, 0, MPI_COMM_WORLD);"),
    Idiom("ALLREDUCE", "MPI_Allreduce(MPI_IN_PLACE, &{v}, 1, MPI_{t}, MPI_{o}, MPI_COMM_WORLD);"),
    Idiom(
        "BROADCAST",
        "{e} {v}_copy{f} = 0;\nif ({p}_begin <= {r} && {r} < {p}_end)\n{v}_copy{f} = {x};\n"
        "MPI_Bcast(&{v}_copy{f}, 1, MPI_{e}, block_owner({n}, {r}, {o}), MPI_COMM_WORLD);",
    ),
    Idiom(
        "WEIGHTED_BROADCAST",
        "{e} {v}_copy{f} = 0;\nif ({p}_begin <= {r} && {r} < {p}_end)\n{v}_copy{f} = {x};\n"
        "MPI_Bcast(&{v}_copy{f}, 1, MPI_{e}, work_owner({n}, {r}, {o}, {w}), MPI_COMM_WORLD);",
    ),
    Idiom(
        "COLLECT",
        _COLLECTED + "{e} *{v}_rows = malloc((size_t)(end - begin){w} * sizeof *{v}_rows);\n" + _FETCHED + ""
        "{e} *{v} = {v}_rows;",
    ),
    Idiom(
        "COLLECT_ROWS",
        _COLLECTED + "{e} (*{v}_rows){w} = malloc((size_t)(end - begin) * sizeof *{v}_rows);\n" + _FETCHED + ""
        "{e} (*{v}){w} = {v}_rows;",
    ),
    Idiom("OWNED", "if ({p}_begin <= {r} && {r} < {p}_end)"),
    Idiom("OWNED_ALL", "if ({p}_begin <= {r} && {r} < {p}_end) {"),
    Idiom("ROOT", "if (rank == 0)"),
    Idiom("ROOT_ALL", "if (rank == 0) {"),
    Idiom("LAST", "const int {v}_end# = smaller({b}, {p}_end) - {p}_offset;"),
    Idiom("UP_TO", "const int {v}_end# = block_begin({b}, rank + 1, size);"),
    Idiom("ROWS", "{v} = calloc({m}, sizeof *{v});"),
    Idiom("NEW_ROWS", "{e} *{v} = malloc({m} * sizeof *{v});"),
    Idiom("FREE", "free({v});"),
    Idiom("WHOLE", "{v}_all = malloc((size_t){m} * sizeof *{v}_all);"),
)
_EACH = ("ROWS", "FREE")  # said once for several arrays in turn


def short(edit: str, known: Mapping[str, str] = _NOTHING) -> str:
    """An edit with words for its idioms. `known`: what partitions are of, and names of rows of arrays."""
    for idiom in IDIOMS:
        edit = _pattern(idiom).sub(lambda m, i=idiom: _said(i, m, known), edit)  # type: ignore[misc]
    for word in _EACH:
        edit = re.sub(
            rf"^{word}\((\w+)(.*)\)(?:\n{word}\(\w+\2\))+$", lambda m: _together(m, known), edit, flags=re.MULTILINE
        )
    return edit


def spelled(edit: str, known: Mapping[str, str] = _NOTHING) -> str:
    """What `short` made of an edit, as it was."""
    return "\n".join(_spelled_line(line, known) for line in edit.split("\n"))


def _said(idiom: Idiom, m: re.Match[str], known: Mapping[str, str]) -> str:
    values = [m[f"hole_{hole}"] for hole in idiom.holes]
    if any(_BETWEEN in v or (v != v.strip(" ") and v.strip(" ") == "") for v in values):
        return m[0]
    if "{n}" in idiom.text and m["hole_n"] != known.get(m["hole_p"] if "{p}" in idiom.text else f"rows {m['hole_v']}"):
        return m[0]
    return f"{idiom.word}({_BETWEEN.join(values)})" if values else idiom.word


def _together(m: re.Match[str], known: Mapping[str, str]) -> str:
    """One word for several arrays; by one name, if they are all of a partition or of the program."""
    lines = m[0].split("\n")
    names = ", ".join(re.match(r"\w+\((\w+)", line)[1] for line in lines)  # type: ignore[index]
    group = next((name for name, members in known.items() if members == names and name.startswith("all")), names)
    return lines[0].replace(f"({m[1]}", f"({group}", 1)


def _spelled_line(line: str, known: Mapping[str, str]) -> str:
    m = re.fullmatch(r"([A-Z_]+)(?:\((.*)\))?", line)
    idiom = next((i for i in IDIOMS if m and i.word == m[1]), None)
    if m is None or idiom is None:
        return line
    values = m[2].split(_BETWEEN) if m[2] is not None else []
    if len(values) != len(idiom.holes):
        return line
    if idiom.word in _EACH and ("," in values[0] or values[0] in known):
        members = known.get(values[0], values[0]).split(", ")
        return "\n".join(_spelled_line(f"{m[1]}({_BETWEEN.join([v, *values[1:]])})", {}) for v in members)
    filled = dict(zip(idiom.holes, values, strict=True))
    if "{n}" in idiom.text:
        extent = known.get(filled["p"] if "p" in filled else f"rows {filled['v']}")
        if extent is None:
            return line
        filled["n"] = extent
    return _HOLE.sub(lambda h: filled[h[1]], idiom.text)


@cache
def _pattern(idiom: Idiom) -> re.Pattern[str]:
    made, seen = "^", set[str]()
    for k, line in enumerate(idiom.text.split("\n")):
        made += "\n" if k else ""
        at = 0
        for m in _HOLE.finditer(line):
            made += re.escape(line[at : m.start()])
            made += f"(?P=hole_{m[1]})" if m[1] in seen else f"(?P<hole_{m[1]}>[^\n]*?)"
            seen.add(m[1])
            at = m.end()
        made += re.escape(line[at:])
    return re.compile(made + "$", re.MULTILINE)
