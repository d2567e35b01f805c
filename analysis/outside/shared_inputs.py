"""Calls that read standard input wherever they stand: rank 0 makes them, and every rank gets what they give.

`scanf` and `fscanf(stdin, …)` with a format that is written out, `fgets(…, stdin)`, `getchar` and its like, `feof`; the
same of a variable that may be standard input.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import Literal

from chatmpi.analysis import tree
from chatmpi.analysis.calls.library import ENDING, LIBRARY
from chatmpi.analysis.expressions import bare, is_step
from chatmpi.analysis.outside.streams import READING, alternatives, is_stdin, standard_inputs
from chatmpi.analysis.source import Span
from chatmpi.analysis.tree import Call, Expr, Node, Program, Symbol

_CONVERSION = re.compile(r"%(?:%|(\*?)(\d*)(?:hh|h|ll|l|j|z|t|L)?([diouxXaAeEfFgGcs]|\[\^?\]?[^\]]*\]))")


@dataclass(frozen=True, slots=True)
class Target:
    """The address that a conversion stores at; `text`: a string goes there, into an array of characters."""

    address: Expr
    text: bool


@dataclass(frozen=True, slots=True)
class InputCall:
    """`format` and `targets` are those of a scan; a line goes to the first argument of fgets. `stream`: a variable that
    need not be standard input."""

    call: Call
    kind: Literal["scan", "line", "character"]
    format: Expr | None = None
    targets: tuple[Target, ...] = ()
    stream: Expr | None = None


def input_calls(program: Program) -> tuple[list[InputCall], list[tuple[Node, str]]]:
    """All calls of a program that read standard input, or what may be it, and its uses that are none of them, with the
    reason."""
    found: dict[Span, InputCall] = {}  # a function that is read in the place of its call may be there twice
    faults: list[tuple[Node, str]] = []
    variables = standard_inputs(program)
    for function in program.functions:
        streams = _followed(function, variables)
        for n in tree.walk(function.body):
            if isinstance(n, Call) and _reads_input(n, variables):
                made = _input_call(n)
                streams |= {id(bare(a)) for a in n.arguments}
                if isinstance(made, str):
                    faults.append((n, made))
                else:
                    found[n.span] = made
            elif (isinstance(n, tree.Return) and function.symbol.name == "main") or _is_exit(n):
                read = (m for m in tree.walk(n) if isinstance(m, Call) and _reads_input(m, variables))
                faults += [(m, "the program's last value is read") for m in read]
            elif is_stdin(n) and id(n) not in streams:
                faults.append((n, "it uses standard input in a way that is not followed"))
    return list(found.values()), faults


def _followed(function: tree.Function, variables: Set[Symbol]) -> set[int]:
    """Where standard input is given to a variable, or compared with one."""
    found: set[int] = set()
    for n in tree.walk(function.body) if variables else ():
        match n:
            case tree.Assign(op="=", target=tree.Name(symbol=symbol), value=value) if symbol in variables:
                found |= {id(part) for part in alternatives(value)}
            case tree.VarDecl(symbol=symbol, init=tree.Expr() as value) if symbol in variables:
                found |= {id(part) for part in alternatives(value)}
            case tree.Return(value=tree.Expr() as value) if function.symbol in variables:
                found |= {id(part) for part in alternatives(value)}
            case tree.Binary(op="==" | "!=", left=left, right=right):
                found |= {id(bare(left)), id(bare(right))}
            case Call(name=name) if name not in LIBRARY:
                found |= {id(part) for argument in n.arguments for part in alternatives(argument)}
    return found


def _is_exit(node: Node) -> bool:
    return isinstance(node, Call) and LIBRARY.get(node.name or "") in ENDING


def _reads_input(call: Call, variables: Set[Symbol]) -> bool:
    if call.name in {"scanf", "getchar", "gets", "vscanf"}:
        return True
    position = READING.get(call.name or "", len(call.arguments))
    stream = bare(call.arguments[position]) if position < len(call.arguments) else None
    return is_stdin(stream) or (isinstance(stream, tree.Name) and stream.symbol in variables)


def _input_call(call: Call) -> InputCall | str:
    """Why a call is not understood, if it is not."""
    if call.in_macro or call.callee.in_macro:
        return f"a macro calls '{call.name}'"
    position = READING.get(call.name or "", len(call.arguments))
    stream = call.arguments[position] if position < len(call.arguments) else None
    variable = None if stream is None or is_stdin(bare(stream)) else stream
    match call.name:
        case "getchar" | "getc" | "fgetc" | "feof" | "ferror":
            return InputCall(call, "character", stream=variable)
        case "fgets":
            return InputCall(call, "line", stream=variable)
        case "scanf":
            return _scan(call, None, *call.arguments)
        case "fscanf":
            return _scan(call, variable, *call.arguments[1:])
    return f"'{call.name}' reads standard input in a way that is not followed"


def _scan(call: Call, stream: Expr | None, format: Expr, *addresses: Expr) -> InputCall | str:
    if not isinstance(format, tree.StringLiteral):
        return f"the format of '{call.name}' is not written out"
    conversions = list(_conversions(format.value))
    if len(conversions) != len(addresses):
        return f"the arguments of '{call.name}' do not fit its format"
    stored = [a.operand for a in map(bare, addresses) if isinstance(a, tree.Unary) and a.op == "&"]
    variables = {n.symbol for n in stored if isinstance(n, tree.Name)}
    targets = []
    for (kind, width), address in zip(conversions, addresses, strict=True):
        is_text = kind in "s[" or (kind == "c" and width not in ("", "1"))
        inner = bare(address)
        whole = isinstance(inner, tree.Name) and isinstance(inner.symbol.type, tree.Array)
        if is_text and not whole:
            return f"how long the text is that '{call.name}' reads is not known"
        if not (isinstance(inner, tree.Unary) and isinstance(inner.operand, tree.Name)) and any(
            isinstance(n, tree.Name) and n.symbol in variables for n in tree.walk(address)
        ):
            return f"'{call.name}' changes where it stores"
        if any(_has_effects(n) for n in tree.walk(address)):
            return f"an argument of '{call.name}' has effects of its own"
        targets.append(Target(address, is_text))
    return InputCall(call, "scan", format, tuple(targets), stream)


def _conversions(format: str) -> Iterator[tuple[str, str]]:
    """The conversions that store something: their letters, and their widths."""
    for found in _CONVERSION.finditer(format):
        if found[3] is not None and not found[1]:
            yield found[3][0], found[2]


def _has_effects(node: Node) -> bool:
    return isinstance(node, tree.Assign | Call) or is_step(node)
