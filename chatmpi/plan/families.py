"""The workload that a loop or an array belongs to, in the words of the ChatMPI paper (sections 4.1 to 4.4).

BLAS 1 is vector parallelism and array reduction; BLAS 2 and 3 are products of matrices in blocks of rows or columns,
triangular or not; sparse products go by compressed rows (CSR, ELL) or add up in private copies (CSC, COO); stencils are
known by their dimensions and points; iterative solvers are composed of these. What a loop is called follows from its
accesses and their dependences.
"""

from __future__ import annotations

from collections.abc import Mapping

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.polynomial import Polynomial, variable
from chatmpi.analysis.numbers.values import polynomial
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.distribute import Treated
from chatmpi.plan.fit import Fit
from chatmpi.plan.groups import Group

PARALLEL, VECTOR, REDUCTION = "embarrassingly parallel", "BLAS 1, vector parallel", "BLAS 1, array reduction"


def loop_family(info: LoopInfo, found: Fit, facts: Facts) -> str:
    """The family of a distributed loop."""
    judged = facts.loop_facts[info.stmt.id]
    reduces = bool(judged.reductions or judged.located or judged.lasting)
    if found.copies or found.turning:
        return _with("owner broadcast", reduces)
    if judged.scans:
        return "prefix sums"
    sparse = _sparse(info, found, facts)
    if sparse:
        return _with(sparse, reduces)
    if any(h.width for h in found.needs.values()) or found.wraps:
        return _with(_stencil(info, facts), reduces)
    if judged.accumulated:
        return "accumulation in private copies"
    product = _product(info, found, facts)
    if product:
        return _with(product, reduces)
    if reduces:
        return REDUCTION
    flat = all(len(a.subscripts) == 1 for many in facts.accesses_in(info.stmt.id).values() for a in many)
    return VECTOR if flat and found.arrays else PARALLEL


def _with(family: str, reduces: bool) -> str:
    return family + (", with reduction" if reduces else "")


def composed(info: LoopInfo, families: Mapping[int, str], facts: Facts) -> str:
    """The family of a loop that every rank runs around distributed ones: how a solver is composed."""
    inside = [f for i, f in families.items() if info.stmt.id in facts.loops[i].around[:-1]]
    kinds = dict.fromkeys(f.removesuffix(", with reduction") for f in inside)
    return "iterative, composite" if len(kinds) > 1 else "iterative" if kinds else ""


def parts_of(info: LoopInfo, families: Mapping[int, str], facts: Facts) -> tuple[str, ...]:
    inside = [f for i, f in families.items() if info.stmt.id in facts.loops[i].around[:-1]]
    return tuple(dict.fromkeys(f.removesuffix(", with reduction") for f in inside))


def _sparse(info: LoopInfo, found: Fit, facts: Facts) -> str:
    """Products with a matrix of which only the nonzeros are kept: an element's place is read from an array."""
    accesses = facts.accesses_in(info.stmt.id)
    indirect = [a for many in accesses.values() for a in many if _reads_place(a, facts)]
    if any(a.touch.write for a in indirect):
        return "sparse, CSC or COO: accumulation" if found.sums else ""
    if not indirect or not any(a.touch.context.loops[-1:] != info.around[-1:] for a in indirect):
        return ""
    bounds = (facts.loops[i].canonical for a in indirect for i in a.touch.context.loops)
    compressed = any(
        isinstance(n, tree.Index) for c in bounds if c is not None for e in (c.start, c.bound) for n in tree.walk(e)
    )
    return "sparse, CSR: row blocks" if compressed else "sparse: row blocks"


def _reads_place(access: Access, facts: Facts) -> bool:
    """Whether which element it is stands in an array that is no table of numbers."""
    naming = facts.naming_at(access.touch.context.loops)
    found = [n for e in access.touch.subscripts for n in tree.walk(e) if isinstance(n, tree.Index)]
    return any(polynomial(n, naming) is None for n in found if not isinstance(n.type, tree.Array))


def _stencil(info: LoopInfo, facts: Facts) -> str:
    """`2-D stencil, 5 points`: the most points of one array that one iteration reads around its own."""
    most, dimensions = 0, 1
    for symbol, many in facts.accesses_in(info.stmt.id).items():
        reads = {o for a in many if a.touch.read and (o := _offsets(a, facts)) is not None}
        if len(reads) > most:
            most, dimensions = len(reads), len(facts.extents[symbol].dimensions)
    shape = f"{dimensions}-D stencil"
    return f"{shape}, {most} points" if most > 1 else shape


def _offsets(access: Access, facts: Facts) -> tuple[int, ...] | None:
    """How far an element is from that of the loop variables alone."""
    own = {variable(c.variable) for i in access.touch.context.loops if (c := facts.loops[i].counted) is not None}
    found = []
    for p in access.subscripts:
        if p is None:
            return None
        rest = [(m, f) for m, f in p.terms if not (len(m) == 1 and m[0] in own)]
        number = Polynomial(tuple(rest)).constant
        if number is None:
            return None
        found.append(number)
    return tuple(found)


def _product(info: LoopInfo, found: Fit, facts: Facts) -> str:
    """Products of matrices and vectors: inner loops read, for one iteration, what other iterations read too."""
    shared = shared_reads(info, facts)
    if not shared:
        return ""
    matrices = [
        a for many in facts.accesses_in(info.stmt.id).values() for a in many if a.touch.read and len(a.subscripts) > 1
    ]
    if not matrices:
        return "all pairs"
    level = 3 if any(len(a.subscripts) > 1 for a in shared) else 2
    columns = any(g.columns is not None for g in found.gathers) or not any(
        _follows(a.subscripts[0], info) for a in matrices
    )
    triangle = ", triangular" if _triangular(info, facts) else ""
    turns = " in turn" if found.visit is not None else ""
    return f"BLAS {level}, {'column' if columns else 'row'} blocks{turns}{triangle}"


def shared_reads(info: LoopInfo, facts: Facts) -> list[Access]:
    """What inner loops read for one iteration that other iterations read too."""
    found = []
    for many in facts.accesses_in(info.stmt.id).values():
        for a in many:
            assert info.canonical is not None
            inner = len(a.touch.context.loops) > len(info.around)
            symbols = {s for p in a.subscripts if p is not None for s in p.symbols}
            if a.touch.read and not a.touch.write and inner and info.canonical.variable not in symbols and symbols:
                found.append(a)
    return found


def _follows(row: Polynomial | None, info: LoopInfo) -> bool:
    return row is not None and info.canonical is not None and info.canonical.variable in row.symbols


def _triangular(info: LoopInfo, facts: Facts) -> bool:
    """Whether how far an inner loop runs depends on the row."""
    assert info.canonical is not None
    inner = (x.canonical for x in facts.loops.values() if info.stmt.id in x.around[:-1])
    bounds = [p for c in inner if c is not None for p in (c.start_poly, c.bound_poly) if p is not None]
    return any(info.canonical.variable in p.symbols for p in bounds)


def array_family(symbol: Symbol, group: Group | None, kind: str, facts: Facts, treated: Treated) -> str:
    """How an array is decomposed; `kind` is that of its partition."""
    vector = len(facts.extents[symbol].dimensions) == 1
    if group is None:
        if any(x.array == symbol for f in treated.fits for x in f.sums):
            return "private copies, added up"
        if any(g.array == symbol and g.columns is not None for f in treated.fits for g in f.gathers):
            return "column blocks, gathered"
        if any(g.array == symbol for f in treated.fits for g in f.gathers):
            return "blocks, gathered" if vector else "row blocks, gathered"
        return "replicated"
    dealt = {"cyclic": "rows in turn", "balanced": "row blocks of equal work"}.get(kind, "row blocks")
    blocks = dealt.replace("rows", "elements").replace("row blocks", "blocks") if vector else dealt
    ghosts = f", with ghost {'cells' if vector else 'rows'}" if group.halo.width else ""
    return blocks + ghosts
