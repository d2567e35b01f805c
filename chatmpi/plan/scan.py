"""Scans over blocks: every rank runs its own from a neutral value, and adds what the blocks before it come to."""

from __future__ import annotations

from collections.abc import Set

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.iterations.scans import Scan
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.numbers.polynomial import ONE, Polynomial
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.accumulate import NO_REDUCTION
from chatmpi.plan.candidates import MPI_TYPES

_LIMITS = {
    "signed char": ("SCHAR_MIN", "SCHAR_MAX"),
    "unsigned char": ("0", "UCHAR_MAX"),
    "short": ("SHRT_MIN", "SHRT_MAX"),
    "unsigned short": ("0", "USHRT_MAX"),
    "int": ("INT_MIN", "INT_MAX"),
    "unsigned int": ("0", "UINT_MAX"),
    "long": ("LONG_MIN", "LONG_MAX"),
    "unsigned long": ("0", "ULONG_MAX"),
    "long long": ("LLONG_MIN", "LLONG_MAX"),
    "unsigned long long": ("0", "ULLONG_MAX"),
}
_ENDLESS = ("-INFINITY", "INFINITY")


def unsuited_scan(info: LoopInfo, distributed: Set[Symbol], facts: Facts) -> str:
    """Why the scans of a loop cannot be made block by block; "" if they can."""
    for scan in facts.loop_facts[info.stmt.id].scans:
        for symbol in kept_arrays(scan):
            if symbol not in distributed:
                return f"the running value of '{scan.carrier}' goes into '{symbol}', of which every rank holds all"
            extents = facts.extents[symbol]
            if len(extents.dimensions) > 1 or len(scan.kept[0].touch.subscripts) > 1:
                return f"'{symbol}' has several dimensions"
            if extents.element.name not in MPI_TYPES or extents.element.name in NO_REDUCTION:
                return f"MPI has no reduction for the elements of '{symbol}'"
        problem = _no_start(scan, info, facts)
        if problem:
            return problem
    return ""


def _no_start(scan: Scan, info: LoopInfo, facts: Facts) -> str:
    if any(s.name in facts.shadowed for s in start_row(scan, info).symbols):
        return "its start depends on a name that stands for several variables"
    needs_math = scan.before and scan.operation in {"MIN", "MAX"} and element_name(scan) not in _LIMITS
    if needs_math and "math.h" not in {i.name for i in facts.written.leading_includes}:
        return f"nothing is neutral to a {scan.operation} but infinity, which the program does not know"
    return ""


def kept_arrays(scan: Scan) -> tuple[Symbol, ...]:
    return tuple(a.touch.symbol for a in scan.kept)


def kept_text(scan: Scan) -> str:
    return ", ".join(s.name for s in kept_arrays(scan))


def element_name(scan: Scan) -> str:
    kind = scan.kept[0].touch.node.type
    assert isinstance(kind, tree.Scalar)
    return kind.name


def start_row(scan: Scan, info: LoopInfo) -> Polynomial:
    """The row before the first that the loop writes."""
    assert info.canonical is not None
    assert info.canonical.lower is not None
    return info.canonical.lower - ONE


def neutral(scan: Scan) -> str:
    """What leaves every value of the elements' type as it is."""
    match scan.operation:
        case "SUM":
            return "0"
        case "PROD":
            return "1"
    limits = _LIMITS.get(element_name(scan), _ENDLESS)
    return limits[0] if scan.operation == "MAX" else limits[1]


def carried_reads(loop: int, facts: Facts) -> frozenset[int]:
    """The touches, by id, that read the element before: they take the running value instead."""
    nodes = {id(n) for scan in facts.loop_facts[loop].scans for n in scan.before}
    return frozenset(id(t) for t in facts.touches.of(loop) if id(getattr(t, "node", None)) in nodes)
