"""Parameters that hold one function and never another, given way to its name.

    static void step(rhs_t f, double y[])              static void step(double y[])
    {                                                  {
        f(y, k);                                           decay(y, k);
    }                                                  }
    step(decay, y);                                    step(y);

What is called is then known wherever it is called. The edits are of the text, which is parsed again.
"""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare
from chatmpi.analysis.parents import Parents, parents
from chatmpi.analysis.restyle.parameter_lists import argument_list, parameter_lists, without
from chatmpi.analysis.scan import mask
from chatmpi.analysis.source import Edit
from chatmpi.analysis.tree import Call, Expr, Function, Program, Symbol


def one_function(program: Program) -> list[Edit]:
    """The edits for one such parameter; none if there is none."""
    around = parents(program.functions)
    for f in program.functions:
        for place, p in enumerate(f.parameters):
            if isinstance(p.symbol.type, tree.Pointer) and is_function(p.symbol.type.target):
                edits = _named(f, place, program, around)
                if edits:
                    return edits
    return []


def is_function(kind: tree.CType) -> bool:
    return isinstance(kind, tree.OtherType) and "(" in kind.name


def _named(f: Function, place: int, program: Program, around: Parents) -> list[Edit]:
    """The edits for one parameter; none if it is used in another way, or not every call is followed."""
    parameter = f.parameters[place].symbol
    calls = calls_of(f, program, around)
    uses = list(_calls_through(parameter, f, around))
    if f.in_macro or not calls or None in uses:
        return []
    given = {function_in(c.arguments[place]) for c in calls if place < len(c.arguments)}
    (only,) = given if len(given) == 1 else (None,)
    target = next((g for g in program.functions if g.symbol == only), None)
    masked = mask(program.source.text)
    if target is None or target is f or hides(f, target.symbol.name) or not is_known(target, f, program, masked):
        return []
    lists = parameter_lists(f, program, masked)
    arguments = [argument_list(c, masked) for c in calls]
    if lists is None or None in arguments:
        return []
    edits = [without(parts, place, "void") for parts in lists]
    edits += [without(parts, place, "") for parts in arguments if parts is not None]
    return [*edits, *(Edit(use.span, target.symbol.name) for use in uses if use is not None)]


def calls_of(f: Function, program: Program, around: Parents) -> list[Call]:
    """All uses of a function, if each is a call by its name; none otherwise."""
    named = [n for top in (*program.globals, *program.functions) for n in tree.walk(top)
             if isinstance(n, tree.Name) and n.symbol == f.symbol]  # fmt: skip
    found = [c for n in named if isinstance(c := around.get(id(n)), Call) and c.callee is n]
    plain = len(found) == len(named) and not any(c.in_macro or c.callee.in_macro for c in found)
    return found if plain else []


def _calls_through(parameter: Symbol, f: Function, around: Parents) -> Iterator[Expr | None]:
    """What stands for the function in each call through a parameter; None for another use of it."""
    for n in tree.walk(f.body):
        if isinstance(n, tree.Name) and n.symbol == parameter:
            callee: Expr = n
            if isinstance(above := around.get(id(n)), tree.Unary) and above.op == "*":
                callee = above
            call = around.get(id(callee))
            is_call = isinstance(call, Call) and call.callee is callee and not callee.in_macro
            yield callee if is_call else None


def function_in(argument: Expr) -> Symbol | None:
    """The function that an argument names."""
    value = bare(argument)
    if isinstance(value, tree.Unary) and value.op == "&":
        value = bare(value.operand)
    return value.symbol if isinstance(value, tree.Name) and value.symbol.storage == "function" else None


def is_known(target: Function, f: Function, program: Program, masked: str) -> bool:
    """Whether a function is declared before another."""
    lists = parameter_lists(target, program, masked)
    return lists is not None and lists[0][0].begin < f.span.begin


def hides(f: Function, name: str) -> bool:
    return any(isinstance(n, tree.VarDecl) and n.symbol.name == name for n in tree.walk(f))
