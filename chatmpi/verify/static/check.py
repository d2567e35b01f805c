"""All that reading finds in an MPI program, as a verdict."""

from __future__ import annotations

from chatmpi.analysis.tree import Program
from chatmpi.verify.static import arguments, branches, buffers, ordering
from chatmpi.verify.static.constants import constants_of
from chatmpi.verify.static.findings import Finding
from chatmpi.verify.static.reached import sites
from chatmpi.verify.verdict import Check, Counterexample, Verdict, Warned

_CLAIM = "constant arguments, datatypes, buffers and the order of calls, as far as reading tells"


def findings(program: Program) -> list[Finding]:
    """In the order of the text."""
    constants = constants_of(program)
    calls = sites(program, constants)
    found = [f for site in calls for check in (arguments.check, buffers.check) for f in check(site, constants)]
    found += [*ordering.check(program, calls), *branches.check(program, constants)]
    return sorted(found, key=lambda f: f.node.span.begin)


def read_statically(program: Program) -> Verdict:
    """REFUTED by what is certainly wrong; else UNKNOWN, with what may be wrong as warnings."""
    wrong: list[Counterexample] = []
    warnings: list[Warned] = []
    for f in findings(program):
        place = program.source.location(f.node.span.begin)
        if f.certain:
            wrong.append(Counterexample("static", f.message, place, kind=f.kind))
        else:
            warnings.append(Warned("static", f.message, place, f.kind))
    checks = () if wrong else (Check("static", _CLAIM),)
    return Verdict(checks, tuple(dict.fromkeys(wrong)), warnings=tuple(dict.fromkeys(warnings)))
