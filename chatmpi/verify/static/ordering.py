"""MPI_Init first, MPI_Finalize last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chatmpi.analysis import tree
from chatmpi.analysis.tree import Program
from chatmpi.verify.simulate.errors import Kind
from chatmpi.verify.static.findings import Finding
from chatmpi.verify.static.reached import Site, may_end

_BEGINS = frozenset({"MPI_Init", "MPI_Init_thread"})
_ANYWHERE = _BEGINS | {
    *("MPI_Initialized", "MPI_Finalized", "MPI_Get_version", "MPI_Get_library_version", "MPI_Abort"),
}


def check(program: Program, sites: Sequence[Site]) -> Iterator[Finding]:
    main = program.function("main")
    if main is None or not sites:
        return
    unknown = bool(
        {n.name for f in program.functions for n in tree.walk(f.body) if isinstance(n, tree.Call)}
        & (program.declared_functions | {None})
    )
    names = {s.name for s in sites}
    if "MPI_Session_init" in names:
        return  # its own beginning and end
    begins = next((s for s in sites if s.name in _BEGINS), None)
    if begins is None and not unknown:
        first = next((s for s in sites if s.name not in _ANYWHERE), sites[0])
        yield _finding("MPI_Init is never called", first, first.certain and first.name not in _ANYWHERE)
    if "MPI_Finalize" not in names and not unknown and begins is not None:
        ends = may_end(program)
        quits = any(isinstance(n, tree.Call) and n.name in ends for n in tree.walk(main.body))
        inside = {id(n) for n in tree.walk(main.body)}
        last = [s for s in sites if id(s.call) in inside][-1:] or [begins]
        yield _finding("the program ends without MPI_Finalize", last[0], begins.certain and not quits)
    yield from _after_the_end(sites)
    yield from _before_the_begin(program, sites)


def _after_the_end(sites: Sequence[Site]) -> Iterator[Finding]:
    over: Site | None = None
    for site in sites:
        if over is not None and site.name not in _ANYWHERE and site.certain:
            yield _finding(f"{site.name} after MPI_Finalize", site, True)
        if site.name == "MPI_Finalize" and site.always:
            over = over or site


def _before_the_begin(program: Program, sites: Sequence[Site]) -> Iterator[Finding]:
    """Only where main itself begins: a function that it calls may have."""
    main = program.function("main")
    inside = {id(n) for n in tree.walk(main.body)} if main is not None else set()
    begins = [s for s in sites if s.name in _BEGINS]
    if not begins or any(id(s.call) not in inside for s in begins):
        return
    for site in sites:
        if site.name in _BEGINS:
            break
        if site.name not in _ANYWHERE and site.certain and id(site.call) in inside:
            yield _finding(f"{site.name} before MPI_Init", site, True)
    for again in begins[1:]:
        if begins[0].always and again.certain:
            yield _finding("MPI_Init is called twice", again, True)


def _finding(message: str, site: Site, certain: bool) -> Finding:
    return Finding(Kind.CALL_MATCHING, message, site.call, certain)
