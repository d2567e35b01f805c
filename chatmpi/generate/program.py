"""The frame of an MPI program: start and end, output on rank 0, early exits."""

from __future__ import annotations

import re
from collections.abc import Set
from itertools import takewhile

from chatmpi.analysis import tree
from chatmpi.analysis.calls.memory_failures import allocated_in, is_about_others, lacks_memory, makers, means_failure
from chatmpi.analysis.lowering.frees import freed_in, freeing_functions
from chatmpi.analysis.numbers.values import type_text
from chatmpi.analysis.outside.streams import READ
from chatmpi.analysis.scan import comments
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Function, Stmt
from chatmpi.generate.dealing import dealing_of, first_of, weights
from chatmpi.generate.dealt_where import first_statement
from chatmpi.generate.fragments import HELPERS, VARIANTS, render
from chatmpi.generate.insertions import Uneditable
from chatmpi.generate.layout import Blocks, Layout
from chatmpi.generate.mark import GENERATED_MARK
from chatmpi.generate.memory import allocations
from chatmpi.generate.spelling import unnamed_sizes
from chatmpi.plan.balance import work_text
from chatmpi.plan.decide import opening_statements

_DEFINITION = re.compile(r"^const (?:int|long) (?=\w+ =)", re.MULTILINE)
_COUNTING = frozenset({
    "gather_round", "allgather_rows", "allgather_blocks", "allgather_chunks", "gather_blocks", "gather_whole",
    "add_blocks", "allgather_packed",
})  # fmt: skip
_EXITS = {"exit", "_exit", "_Exit", "quick_exit"}


def guard_outputs(layout: Layout) -> None:
    """Statements that print run on rank 0 alone."""
    for place in layout.plan.outputs:
        layout.insertions.guard[place.statement] = f"{layout.rank_used()} == 0"


def open_on_root(layout: Layout) -> None:
    """Files that are written are opened by rank 0 alone."""
    planned = {p.statement for p in layout.plan.opens}
    for s in opening_statements(layout.facts):
        for n in tree.walk(s) if s.id in planned else ():
            if isinstance(n, tree.Call) and any(n is c for c in layout.facts.streams.written):
                if n.in_macro or n.callee.in_macro:
                    raise Uneditable("a macro opens the file", n)
                layout.edits.append(Edit(n.callee.span, layout.helper("open_on_root")))
    for s in opening_statements(layout.facts, READ) if planned else ():
        if not isinstance(s, tree.ExprStmt | tree.Declaration | tree.If) or s.id in layout.facts.headers:
            raise Uneditable("a loop's condition opens the file", s)
        line = "MPI_Barrier(MPI_COMM_WORLD);  /* rank 0 has written what is read */"
        layout.insertions.before.setdefault(s.id, []).append(line)


def finish(layout: Layout, to_free: list[str]) -> None:
    """MPI_Finalize before every return from main and every exit."""
    main = layout.main
    free = [f"free({name});" for name in to_free]
    making, freeing = makers(layout.facts.written), freeing_functions(layout.facts.written)
    for function in layout.facts.written.functions:
        for s, local_failure in _ends(function.body, False, allocated_in(function.body, making)):
            if isinstance(s, tree.Return) and function is not main and not _ends_all(s, function):
                continue
            if local_failure:  # what is freed first may have less on this rank than the text knows
                at = _before_frees(s, function, freeing)
                layout.insertions.before.setdefault(at.id, []).append("MPI_Abort(MPI_COMM_WORLD, 1);")
                continue
            lines = ["MPI_Finalize();"]
            if main.body.body and s is main.body.body[-1]:
                lines = [*free, *lines]
            layout.insertions.before.setdefault(s.id, []).extend(lines)
    last = main.body.body[-1] if main.body.body else None
    if last is None or not (isinstance(last, tree.Return) or _is_exit(last)):
        close = main.body.span.end - 1
        text = "".join(f"{layout.unit}{line}\n" for line in [*free, "MPI_Finalize();"])
        line_begin = layout.facts.program.source.line_begin(close)
        alone = not layout.facts.program.source.text[line_begin:close].strip()
        layout.edits.append(Edit(Span(line_begin, line_begin) if alone else Span(close, close), text))


def _before_frees(end: Stmt, function: Function, freeing: Set[str]) -> Stmt:
    """The first of the statements right before an end that do nothing but free memory; the end if there are none."""
    for block in tree.statements(function.body):
        statements = block.body if isinstance(block, tree.Block) else ()
        for k, s in enumerate(statements):
            if s is end:
                return [end, *takewhile(lambda b: freed_in([b], freeing) is not None, reversed(statements[:k]))][-1]
    return end


def _ends_all(s: tree.Return, function: Function) -> bool:
    """Whether a helper function returns there only where memory that it asked for is missing."""
    allocated = allocated_in(function.body)
    branches = (n.then for n in tree.statements(function.body) if isinstance(n, tree.If) and lacks_memory(n, allocated))
    return any(inner is s for branch in branches for inner in tree.statements(branch))


def _ends(s: Stmt, failing: bool, made: Set[str]) -> list[tuple[Stmt, bool]]:
    """Returns and exits below `s`; whether each happens only where this rank's own allocation failed."""
    if isinstance(s, tree.Return) or _is_exit(s):
        return [(s, failing)]
    if isinstance(s, tree.If):
        fails = means_failure(s.condition) and not is_about_others(s.condition, made)
        found = _ends(s.then, failing or fails, made)
        return found + (_ends(s.otherwise, failing, made) if s.otherwise else [])
    return [e for p in tree.children(s) if isinstance(p, Stmt) for e in _ends(p, failing, made)]


def _told(blocks: Blocks) -> str:
    """The arrays of a partition by the names that their own functions have for them: main may know none."""
    return ", ".join(dict.fromkeys(s.name.rpartition("::")[2] for s in blocks.arrays))


def _is_exit(s: Stmt) -> bool:
    return isinstance(s, tree.ExprStmt) and isinstance(s.expr, tree.Call) and s.expr.name in _EXITS


def hidden_exit(layout: Layout) -> tree.Node | None:
    """A call of exit inside a larger expression, where MPI_Finalize cannot be put before it."""
    for function in layout.facts.written.functions:
        allowed = {id(s.expr) for s in tree.statements(function.body) if isinstance(s, tree.ExprStmt)}
        for node in tree.walk(function.body):
            if isinstance(node, tree.Call) and node.name in _EXITS and id(node) not in allowed:
                return node
    return None


def share_sizes(layout: Layout) -> None:
    """Give a name at file scope to each size of main that the text in helper functions needs."""
    inside = [e for f in layout.facts.written.functions for e in layout.insertions.edits(f.body)]
    for symbol in sorted(unnamed_sizes([*layout.edits, *inside], layout), key=lambda s: s.uid):
        name = layout.names.fresh(f"main_{symbol.name}")
        layout.shared_sizes[symbol.name] = name
        layout.file_scope.append(f"static {type_text(symbol.type)} {name};")


def shared_names(layout: Layout) -> frozenset[str]:
    """Variables of the decomposition that functions other than main use: they stand at file scope."""
    inside = [e for f in layout.facts.written.functions for e in layout.insertions.edits(f.body)]
    main = layout.main.span
    outside = [e.text for e in [*layout.edits, *inside] if not main.begin <= e.span.begin < main.end]
    words = {w for text in outside for w in re.findall(r"\w+", text)}
    shared = {n for n in (layout.rank, layout.size) if n in words}
    for blocks in layout.blocks.values():
        mine = {blocks.begin, blocks.end, blocks.count, blocks.offset, blocks.owners, blocks.above, blocks.below}
        first = first_statement(blocks, layout)
        if mine & words or (first is not None and first not in {s.id for s in tree.statements(layout.main.body)}):
            shared |= mine | {layout.rank, layout.size}
    return frozenset(shared)


def define_partitions(layout: Layout, shared: frozenset[str]) -> list[str]:
    """Define each block's variables before the first allocation that needs them; those for main's start are
    returned. What is `shared` has been declared at file scope."""
    at_start = []
    for blocks in layout.blocks.values():
        text = _partition(blocks, layout)
        if blocks.begin in shared:
            text = _DEFINITION.sub("", text)
        sizes = {s.name for a in blocks.arrays for d in layout.facts.extents[a].dimensions for s in d.symbols}
        known = [f"{name} = {size};" for size, name in layout.shared_sizes.items() if size in sizes]
        lines = [*known, text, *allocations(blocks, layout)]
        place = first_statement(blocks, layout)
        if place is None:
            at_start += lines
        else:
            layout.insertions.before[place] = [*lines, *layout.insertions.before.get(place, [])]
    return at_start


def _owners(blocks: Blocks, layout: Layout) -> str:
    """How many ranks get blocks at all: each block has its least number of rows."""
    limit = extent = blocks.extent.text()
    if blocks.used:
        limit = f"{layout.helper('smaller')}({blocks.used}, {extent})"
    if blocks.min_block > 1:
        limit = f"{limit if blocks.used else blocks.extent.operand_text()} / {blocks.min_block}"
    owners = f"{layout.helper('larger')}(1, {layout.helper('smaller')}({layout.size_used()}, {limit}))"
    return f"{' && '.join(blocks.requires)} ? {owners} : 1" if blocks.requires else owners


def _partition(blocks: Blocks, layout: Layout) -> str:
    facts = layout.facts
    item = "row" if any(len(facts.extents[s].dimensions) > 1 for s in blocks.arrays) else "element"
    if blocks.cyclic:
        return render(
            "dealt_rows",
            arrays=_told(blocks),
            items=f"{item}s",
            item=item,
            p=blocks,
            size=layout.size_used(),
            rank=layout.rank_used(),
            index=layout.index,
            extent=blocks.extent.text(),
            rows_below=layout.helper("rows_below"),
        )
    halo = blocks.halo
    sides = [f"the {n} {side}" for n, side in ((halo.lower, "before"), (halo.upper, "after")) if n]
    owners = _owners(blocks, layout) if blocks.owners != layout.size else ""
    dealing = dealing_of(blocks)
    return render(
        "partition",
        arrays=_told(blocks),
        items=f"{item}s",
        item=item,
        halo=" and ".join(sides),
        p=blocks,
        size=layout.size_used(),
        rank=layout.rank_used(),
        index=layout.index,
        owners=owners,
        first=first_of(dealing, layout.rank, layout),
        past=first_of(dealing, f"{layout.rank} + 1", layout),
        work=work_text(blocks.work) if blocks.work else "",
        used=blocks.used,
        lower=halo.lower,
        partners=bool(halo.width),
        narrowest=blocks.min_block,
    )


def head(layout: Layout, at_start: list[str], shared: frozenset[str]) -> list[Edit]:
    """Includes, helper functions, and the first lines of main."""
    program = layout.facts.program
    main = layout.main
    _count_elements(layout)
    file_scope = _helpers(layout)
    declarations = [*_declarations(layout, at_start, shared), *layout.file_scope]
    if declarations:
        file_scope.insert(0, "\n".join(declarations) + "\n")
    extents = layout.facts.extents
    declared = any(isinstance(s.type, tree.Array) and extents[s].packed is None for s in layout.of_array)
    if declared or layout.insertions.around:
        layout.headers.add("stdlib.h")
    includes = {i.name for i in layout.facts.written.leading_includes}
    top = f"/* {GENERATED_MARK} from {program.source.name.rsplit('/', 1)[-1]} */\n#include <mpi.h>\n"
    top += "".join(f"#include <{header}>\n" for header in sorted(layout.headers - includes))
    first = _before_includes(program)
    edits = [Edit(Span(first, first), top)]
    if file_scope:
        place = _before_functions(layout)
        gap = "" if program.source.text[:place].endswith("\n\n") or place == 0 else "\n"
        edits.append(Edit(Span(place, place), gap + "\n".join(file_scope) + "\n\n"))
    opening = main.body.span.begin + 1
    at_start = [*_assumptions(layout), *at_start, *layout.at_start]
    start = _start(layout, shared)
    lines = [line for piece in [start, *at_start] for line in piece.split("\n")]
    edits.append(Edit(Span(opening, opening), "".join(f"\n{layout.unit}{line}" for line in lines)))
    return edits


def _assumptions(layout: Layout) -> list[str]:
    """Halo widths were computed from these macros' numbers: the program must not be compiled with others."""
    return [
        f'_Static_assert({name} == {value}, "this program was made for {name} = {value}: translate again");'
        for name, value in sorted(layout.facts.naming.fixed_macros.items())
    ]


def _before_includes(program: tree.Program) -> int:
    """Where mpi.h goes: before everything that could change what it says, but behind feature macros (_GNU_SOURCE)."""
    first = min((i.span.begin for i in program.includes), default=0)
    switches = [m.body_span.end for m in program.macros if m.span.begin < first and m.name.startswith("_")]
    if not switches:
        return 0
    end = program.source.text.find("\n", max(switches))
    return end + 1 if end >= 0 else len(program.source.text)


def _start(layout: Layout, shared: frozenset[str]) -> str:
    main = layout.main
    names = [p.symbol.name for p in main.parameters]
    arguments = ", ".join(f"&{n}" for n in names[:2]) if len(names) >= 2 else "NULL, NULL"
    declared = [layout.rank] if "rank" in layout.used and layout.rank not in shared else []
    declared += [layout.size] if "size" in layout.used and layout.size not in shared else []
    return render(
        "start",
        arguments=arguments,
        declared=", ".join(declared),
        uses_rank="rank" in layout.used,
        uses_size="size" in layout.used,
        rank=layout.rank,
        size=layout.size,
    )


def _declarations(layout: Layout, at_start: list[str], shared: frozenset[str]) -> list[str]:
    """The declarations at file scope of what several functions use, each of a kind in one."""
    texts = [*at_start, *(line for lines in layout.insertions.before.values() for line in lines)]
    found = []
    kinds: list[tuple[str, list[str]]] = [("int", [layout.rank, layout.size])]
    for blocks in layout.blocks.values():
        kinds.append((layout.index, [blocks.begin, blocks.end, blocks.count, blocks.offset]))
        kinds.append(("int", [blocks.owners, blocks.above, blocks.below]))
    for kind, names in kinds:
        assigned = [n for n in dict.fromkeys(names) if n in shared and (
            n in (layout.rank, layout.size) or any(re.search(rf"\b{n} = ", t) for t in texts))]  # fmt: skip
        own = [n for n in assigned if n not in (layout.rank, layout.size) or names[0] == layout.rank]
        if own:
            found.append(f"static {kind} {', '.join(own)};")
    return found


def _count_elements(layout: Layout) -> None:
    """Functions that send arrays as a whole have tables of how many elements that are."""
    if _COUNTING & {VARIANTS.get(h, h) for h in layout.helpers}:
        layout.helper("as_count")
        layout.headers.update({"limits.h", "stdio.h", "stdlib.h"})


def _helpers(layout: Layout) -> list[str]:
    names = {h: layout.names.fixed(h) for h in HELPERS}
    wanted = [h for h in HELPERS if h in layout.helpers]
    values = {"index": layout.index, "unit": layout.unit, **names}
    texts = [_helper(h, layout, values) for h in wanted]
    return ["\n" * bool(k) + _without_macros(text, layout) for k, text in enumerate(texts)]


def _helper(name: str, layout: Layout, values: dict[str, str]) -> str:
    """The text of a helper function; those about blocks of equal work take the factors of the work besides."""
    values = {**values, "pad": " " * (len("static void ") + len(values[name]) + 1)}
    factors = weights(layout.plan)
    parameters, arguments = "".join(f", long long {w}" for w in factors), "".join(f", {w}" for w in factors)
    original = VARIANTS.get(name, name)
    more = {"more": "", "more_parameters": ""}
    if original != name:
        if name == "allgather_used":
            begin, parameters, arguments = "used_begin", ", long long used", ", used"
        else:
            begin = "work_begin"
        values = {**values, original: values[name], "block_begin": values[begin]}
        more = {"more": arguments, "more_parameters": parameters}
    return render(
        f"helpers/{original}",
        weights=factors,
        weight_parameters=parameters,
        weight_arguments=arguments,
        **values,
        **more,
    )


def _without_macros(text: str, layout: Layout) -> str:
    """The text with its own names changed where the program has macros of that name."""
    for macro in layout.facts.program.macros:
        if macro.name in {"malloc", "free"}:
            text = text.replace(f"{macro.name}(", f"({macro.name})(")  # the library's own
        elif re.search(rf"\b{re.escape(macro.name)}\b", text):
            text = re.sub(rf"\b{re.escape(macro.name)}\b", layout.names.fresh(f"{macro.name}_"), text)
    return text


def _before_functions(layout: Layout) -> int:
    """Where helper functions go: before the first function, and before a comment that belongs to it."""
    program = layout.facts.program
    source = program.source
    first: Function = min(layout.facts.written.functions, key=lambda f: f.span.begin)
    if first.in_macro:
        raise Uneditable("a macro writes the first function", first)
    place = source.line_begin(first.span.begin)
    begins = comments(source.text)
    while place > 0:
        above = source.line_begin(place - 1)
        begin = begins.get(above + len(source.text[above:place].rstrip()))
        if begin is None or source.text[source.line_begin(begin) : begin].strip():
            break
        place = source.line_begin(begin)
    return place
