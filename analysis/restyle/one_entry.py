"""Parameters that point at one entry of a constant table, given way to that entry.

    static double run(const struct rule *r, int n)     static double run(int n)
    {                                                  {
        return r->f(n) * r->w;                             return rules[1].f(n) * rules[1].w;
    }                                                  }
    s += run(&rules[1], n);                            s += run(n);

What its functions are then is known (see `struct_tables.py`). The edits are of the text, which is parsed again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare
from chatmpi.analysis.parents import Parents, parents
from chatmpi.analysis.restyle.one_function import calls_of, hides
from chatmpi.analysis.restyle.parameter_lists import argument_list, parameter_lists, without
from chatmpi.analysis.restyle.struct_tables import StructTable, struct_tables
from chatmpi.analysis.scan import mask
from chatmpi.analysis.source import Edit
from chatmpi.analysis.tree import Expr, Function, Program, Symbol

_Tables = Mapping[Symbol, StructTable]
_Entry = tuple[Symbol, int]


def one_entry(program: Program) -> list[Edit]:
    """The edits for one such parameter; none if there is none."""
    tables = struct_tables(program)
    around = parents(program.functions) if tables else {}
    for f in program.functions if tables else ():
        for place, p in enumerate(f.parameters):
            if isinstance(p.symbol.type, tree.Pointer) and isinstance(p.symbol.type.target, tree.OtherType):
                edits = _named(f, place, tables, program, around)
                if edits:
                    return edits
    return []


def _named(f: Function, place: int, tables: _Tables, program: Program, around: Parents) -> list[Edit]:
    """The edits for one parameter; none if it is used in another way, or not every call is followed."""
    calls = calls_of(f, program, around)
    given = {_entry_at(c.arguments[place], tables) if place < len(c.arguments) else None for c in calls}
    (only,) = given if len(given) == 1 else (None,)
    if only is None or f.in_macro or not _is_seen(tables[only[0]], f):
        return []
    uses = list(_uses(f.parameters[place].symbol, only, f, around))
    masked = mask(program.source.text)
    lists = parameter_lists(f, program, masked)
    arguments = [argument_list(c, masked) for c in calls]
    if lists is None or None in arguments or None in uses:
        return []
    edits = [without(parts, place, "void") for parts in lists]
    edits += [without(parts, place, "") for parts in arguments if parts is not None]
    return [*edits, *(use for use in uses if use is not None)]


def _is_seen(table: StructTable, f: Function) -> bool:
    """Whether a function can name a table."""
    v = table.declared
    return v.symbol.storage == "global" and v.span.end < f.span.begin and not hides(f, v.symbol.name)


def _entry_at(argument: Expr, tables: _Tables) -> _Entry | None:
    """The entry that an argument is the address of."""
    match bare(argument):
        case tree.Unary(op="&", operand=tree.Index(base=tree.Name(symbol=symbol), subscript=subscript)):
            number = subscript
        case tree.Binary(op="+", left=tree.Name(symbol=symbol), right=right):
            number = right
        case _:
            return None
    if not isinstance(number, tree.IntLiteral) or number.macro is not None or symbol not in tables:
        return None
    return (symbol, number.value) if number.value < len(tables[symbol].entries) else None


def _uses(parameter: Symbol, entry: _Entry, f: Function, around: Parents) -> Iterator[Edit | None]:
    """The entry in the place of each use of a parameter; None for another use than of its members, or as an
    argument."""
    shown = f"{entry[0].name}[{entry[1]}]"
    for n in tree.walk(f.body):
        if isinstance(n, tree.Name) and n.symbol == parameter:
            match around[id(n)]:
                case tree.Member(base=base, arrow=True, field=field, in_macro=False) as member if base is n:
                    yield Edit(member.span, f"{shown}.{field}")
                case tree.Call(arguments=arguments) if any(a is n for a in arguments) and not n.in_macro:
                    yield Edit(n.span, f"&{shown}")
                case _:
                    yield None
