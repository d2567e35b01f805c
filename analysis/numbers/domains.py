"""From polynomials and conditions to isl: the iterations of loops, and what they satisfy, as formulas.

Loop variables become set dimensions; everything else that does not change becomes a parameter, products of
parameters too (so `n*m` is one parameter). What isl cannot express is left out, which only widens a set.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import islpy as isl

from chatmpi.analysis import tree
from chatmpi.analysis.loops import CanonicalLoop, LoopInfo, LoopTable
from chatmpi.analysis.numbers.few_operations import is_empty
from chatmpi.analysis.numbers.piece_sets import formula
from chatmpi.analysis.numbers.polynomial import Atom, Monomial, Origin, Polynomial, variable
from chatmpi.analysis.numbers.values import Naming, compares_plainly, polynomial
from chatmpi.analysis.touches import Guard
from chatmpi.analysis.tree import Expr, Symbol

TRUE = "true"
_MOST_KNOWN = 4096  # sets of which it is kept whether they are empty
_RELATIONS = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "==": "=", "!=": "!="}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


@dataclass
class Parameters:
    """The isl parameters met so far: one per product of unchanging atoms; and the values that are affine in pieces,
    each a name of its own with what holds of it, which speaks of some dimensions."""

    names: dict[Monomial, str] = field(default_factory=dict)
    pieced: dict[tuple[Atom, tuple[str, ...]], str] = field(default_factory=dict)
    pieces: list[tuple[tuple[str, ...], str]] = field(default_factory=list)

    def name(self, monomial: Monomial) -> str:
        return self.names.setdefault(monomial, f"p{len(self.names)}")

    def shown(self) -> dict[str, str]:
        """isl name → what a person calls it."""
        return {name: "*".join(a.text for a in monomial) for monomial, name in self.names.items()}


@dataclass(frozen=True)
class Space:
    """How atoms are written in a formula: loop variables by `dims`; atoms over `changing` variables not at all."""

    dims: Mapping[Atom, str]
    parameters: Parameters
    changing: frozenset[Symbol]
    naming: Naming

    def affine(self, value: Polynomial | None) -> str | None:
        """`value` as isl text; None if it is not affine in the loop variables or not fixed."""
        if value is None:
            return None
        pieces = [] if value.terms else ["0"]
        for monomial, factor in value.terms:
            term = self._term(monomial)
            if term is None:
                return None
            pieces.append(f"{factor}{term}" if term else str(factor))
        return " + ".join(pieces)

    def _term(self, monomial: Monomial) -> str | None:
        if not monomial:
            return ""
        if len(monomial) == 1 and monomial[0] in self.dims:
            return self.dims[monomial[0]]
        if len(monomial) == 1 and monomial[0].origin is not None:
            return self._pieced(monomial[0], monomial[0].origin)
        dim_symbols = {s for a in self.dims for s in a.symbols}
        if any(s in self.changing or s in dim_symbols for a in monomial for s in a.symbols):
            return None
        return self.parameters.name(monomial)

    def _pieced(self, atom: Atom, origin: Origin) -> str | None:
        """A name for a value that is affine in pieces; one for each iteration that it is taken in."""
        if any(s in self.changing for s in atom.symbols):
            return None
        here = tuple(name for a, name in self.dims.items() if a.symbols & atom.symbols)
        known = self.parameters.pieced.get((atom, here))
        if known is None:
            known = f"q{len(self.parameters.pieced)}"
            self.parameters.pieced[atom, here] = known
            self.parameters.pieces.append((here, formula(known, origin, self.affine)))
        return known

    def range(self, loop: CanonicalLoop) -> str:
        """The values that the loop's variable takes."""
        name = self.dims[variable(loop.variable)]
        lower, upper = self.affine(loop.lower), self.affine(loop.upper)
        parts = [f"{lower} <= {name}"] if lower is not None else []
        parts += [f"{name} < {upper}"] if upper is not None else []
        start = self.affine(loop.start_poly)
        if abs(loop.step) > 1 and start is not None:
            parts.append(f"({name} - ({start})) mod {abs(loop.step)} = 0")
        return " and ".join(parts) or TRUE

    def condition(self, expr: Expr, holds: bool) -> str:
        """A formula that is true wherever `expr` has the truth value `holds` (and perhaps elsewhere)."""
        match expr:
            case tree.Unary(op="!", operand=operand):
                return self.condition(operand, not holds)
            case tree.Binary(op="&&" | "||" as op, left=left, right=right):
                a, b = self.condition(left, holds), self.condition(right, holds)
                return f"(({a}) and ({b}))" if (op == "&&") == holds else f"(({a}) or ({b}))"
            case tree.Binary(op=op, left=left, right=right) if op in _RELATIONS:
                if not compares_plainly(left, right, self.naming):
                    return TRUE
                a_text = self.affine(polynomial(left, self.naming))
                b_text = self.affine(polynomial(right, self.naming))
                if a_text is None or b_text is None:
                    return TRUE
                return f"{a_text} {_RELATIONS[op if holds else _OPPOSITE[op]]} {b_text}"
        value = self.affine(polynomial(expr, self.naming))
        return TRUE if value is None else f"{value} {'!=' if holds else '='} 0"

    def guards(self, guards: Sequence[Guard], loop: LoopInfo, loops: LoopTable) -> str:
        """The conditions tested inside `loop`, as far as they speak of what stays unchanged there, and those tested
        before it that hold to the end."""
        parts = [self._guard(g, loop, loops) for g in guards if loop.stmt.id in g.loops or self._is_settled(g)]
        return " and ".join(p for p in parts if p != TRUE) or TRUE

    def _is_settled(self, guard: Guard) -> bool:
        names = [n for n in tree.walk(guard.condition) if isinstance(n, tree.Name) and n.symbol.storage != "enumerator"]
        return bool(names) and all(id(n) in self.naming.settled for n in names)

    def _guard(self, guard: Guard, loop: LoopInfo, loops: LoopTable) -> str:
        """A guard tested outside an inner loop does not speak of that loop's variable, whatever the names say."""
        around = {variable(c.variable) for i in guard.loops if (c := loops[i].counted) is not None}
        dims = {a: n for a, n in self.dims.items() if a in around}
        fixed = {s for a in dims for s in a.symbols}
        inner = Space(dims, self.parameters, (self.changing | loop.written) - fixed, self.naming)
        formula = inner.condition(guard.condition, guard.holds)
        return TRUE if formula == TRUE else f"({formula})"


def isl_set(parameters: Parameters, dims: Sequence[str], formulas: Sequence[str], extra: Sequence[str] = ()) -> isl.Set:
    """`{ [dims] : formulas }` with every parameter free; `extra` names parameters that no polynomial has.

    What holds of values in pieces is told if its dimensions are here: else no formula here uses the value.
    """
    return isl.Set(_set_text(parameters, dims, formulas, extra))


def holds_nowhere(
    parameters: Parameters, dims: Sequence[str], formulas: Sequence[str], extra: Sequence[str] = ()
) -> bool:
    """Whether `isl_set` of the same is empty. The search for a plan asks the same of a loop many times."""
    return _is_empty(_set_text(parameters, dims, formulas, extra))


def _set_text(parameters: Parameters, dims: Sequence[str], formulas: Sequence[str], extra: Sequence[str]) -> str:
    pieces = [piece for here, piece in parameters.pieces if set(here) <= set(dims)]
    names = ", ".join([*parameters.names.values(), *parameters.pieced.values(), *extra])
    condition = " and ".join(f"({f})" for f in [*formulas, *pieces] if f != TRUE) or TRUE
    return f"[{names}] -> {{ [{', '.join(dims)}] : {condition} }}"


@functools.lru_cache(maxsize=_MOST_KNOWN)
def _is_empty(text: str) -> bool:
    return is_empty(isl.Set(text))


def sample(point_set: isl.Set) -> dict[str, int]:
    """One point of a non-empty set: parameters by isl name, dimensions as `d0`, `d1`, …"""
    point = point_set.sample_point()
    values = {
        point_set.get_dim_name(isl.dim_type.param, k): point.get_coordinate_val(isl.dim_type.param, k).to_python()
        for k in range(point_set.dim(isl.dim_type.param))
    }
    for k in range(point_set.dim(isl.dim_type.set)):
        values[f"d{k}"] = point.get_coordinate_val(isl.dim_type.set, k).to_python()
    return {str(k): int(v) for k, v in values.items()}
