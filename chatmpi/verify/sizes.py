"""Change a problem size for a run: rewrite its one definition, in both programs alike.

A size is an object-like macro, an enumerator, or an arithmetic variable that is set once, outside loops, from literals,
macros and the command line: `const int n = 64`, `int n = argc > 1 ? atoi(argv[1]) : 64`, `int n; n = 64;`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chatmpi.analysis.diagnostics import Diagnostic, UsageError
from chatmpi.analysis.expressions import is_step
from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Edit, Source, Span, apply_edits
from chatmpi.analysis.tree import (
    Assign,
    Call,
    Conditional,
    DoWhile,
    Expr,
    For,
    Function,
    Index,
    Macro,
    Name,
    Pointer,
    Program,
    Scalar,
    Symbol,
    Unary,
    VarDecl,
    While,
    walk,
)

_NUMBER = r"[-+]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)[uUlLfF]*"
_SETTING = re.compile(rf"\s*([A-Za-z_]\w*)\s*=\s*({_NUMBER})\s*")
_SUFFIXED = re.compile(r"(?:0[xX][0-9a-fA-F]+?|\d+)([uUlL]+)")
_NOT_A_VALUE = re.compile(r"[\"'{};]|\b(?:int|long|short|char|float|double|unsigned|signed|void|struct|static)\b")


@dataclass(frozen=True, slots=True)
class Size:
    """A new value for a named size, as C text."""

    name: str
    value: str

    def __str__(self) -> str:
        return f"{self.name}={self.value}"


@dataclass(frozen=True, slots=True)
class Definition:
    """Where a program says what a size is: `span` is the value's text; `uid` is the variable's, where it is one;
    `given` are the places where the command line may set it to another value."""

    name: str
    span: Span
    uid: int | None = None
    given: tuple[Span, ...] = ()


def size_from_text(text: str) -> Size:
    """`NAME=VALUE` with a number for the value; raises UsageError."""
    match = _SETTING.fullmatch(text)
    if match is None:
        message = f"'{text}' is not NAME=VALUE with a number for VALUE"
        raise UsageError(Diagnostic("error", message, hint="for example --define N=64"))
    return Size(match[1], match[2])


def resized(source: Source, sizes: Iterable[Size], options: ParseOptions) -> Source:
    """The program with other sizes. Raises UsageError if a size has no definition here, or several."""
    wanted = tuple(sizes)
    if not wanted:
        return source
    _refuse_command_line_macros(wanted, options)
    known = tuple(definitions(parse(source, options)))
    edits = []
    for size in wanted:
        span = _definition(source, known, size).span
        edits.append(Edit(span, _as_c(size.value + _suffix(source.at(span), size.value))))
    return apply_edits(source, edits)


def _suffix(written: str, value: str) -> str:
    """What a number bears behind its digits in the source, for a value that has none: its type says how it computes."""
    found = _SUFFIXED.fullmatch(written.strip().strip("()"))
    return found[1] if found is not None and value.isdigit() else ""


def definitions(program: Program) -> Iterator[Definition]:
    """Every size the program defines, macros and enumerators first, each in the order of the source."""
    for macro in program.macros:
        if _is_value(program.source, macro):
            yield Definition(macro.name, macro.body_span)
    yield from (Definition(c.name, c.value) for c in program.constants)
    main = program.function("main")
    command_line = {p.symbol.uid for p in main.parameters} if main else set()
    changing = {uid for function in program.functions for uid in _changing(function, command_line)}
    set_later = _given(program, command_line)
    for symbol, values in _first_values(program).items():
        if isinstance(symbol.type, Scalar) and symbol.uid not in changing:
            settled = [v for v in values if _from_outside(v, command_line)]
            alone = [v for v in settled if _from_outside(v, set())]  # what it is without arguments
            for v in alone if len(alone) == 1 else settled:
                given = tuple(span for span in set_later.get(symbol, ()) if span != v.span)
                yield Definition(symbol.name, v.span, symbol.uid, given)


def _definition(source: Source, known: tuple[Definition, ...], size: Size) -> Definition:
    found = [d for d in known if d.name == size.name]
    if len(found) == 1:
        return found[0]
    names = ", ".join(dict.fromkeys(d.name for d in known)) or "none"
    if not found:
        message = f"{source.name} defines no size '{size.name}' that --define could change"
        raise UsageError(Diagnostic("error", message, hint=f"sizes it defines: {names}"))
    lines = ", ".join(str(source.location(d.span.begin).line) for d in found)
    message = f"{source.name} defines '{size.name}' {len(found)} times (lines {lines})"
    raise UsageError(Diagnostic("error", message, hint="--define changes a size that has one definition"))


def _refuse_command_line_macros(sizes: tuple[Size, ...], options: ParseOptions) -> None:
    given = {d.partition("=")[0] for d in options.defines}
    for size in sizes:
        if size.name in given:
            message = f"'{size.name}' is set by -D already"
            raise UsageError(Diagnostic("error", message, hint=f"give -D {size} instead of --define"))


def _is_value(source: Source, macro: Macro) -> bool:
    body = source.at(macro.body_span).strip()
    return macro.parameters is None and bool(body) and not _NOT_A_VALUE.search(body)


def _first_values(program: Program) -> dict[Symbol, list[Expr]]:
    """Every variable's initialiser, or what is assigned to it where it has none."""
    found: dict[Symbol, list[Expr]] = {}
    bare: set[Symbol] = set()
    for top in (*program.globals, *program.functions):
        for node in walk(top):
            match node:
                case VarDecl(symbol=symbol, init=None):
                    bare.add(symbol)
                case VarDecl(symbol=symbol, init=init) if init is not None:
                    found.setdefault(symbol, []).append(init)
                case Assign(op="=", target=Name(symbol=symbol), value=value) if symbol in bare:
                    found.setdefault(symbol, []).append(value)
    return found


def _given(program: Program, command_line: set[int]) -> dict[Symbol, list[Span]]:
    """What is assigned to variables from the command line, but for what steps to its next word besides."""
    found: dict[Symbol, list[Span]] = {}
    for function in program.functions:
        for node in walk(function):
            match node:
                case Assign(op="=", target=target, value=value) if _from_outside(value, command_line):
                    if any(is_step(n) for n in walk(value)):
                        continue
                    for symbol in _set(target) if not _from_outside(value, set()) else ():
                        found.setdefault(symbol, []).append(value.span)
    return found


def _changing(function: Function, command_line: set[int]) -> Iterator[int]:
    """Variables that are stepped, or set in a loop by what is no option's value: they are no sizes."""
    loops = [node for node in walk(function) if isinstance(node, For | While | DoWhile)]
    for node in walk(function):
        match node:
            case Unary(op="++x" | "--x" | "x++" | "x--", operand=Name(symbol=symbol)):
                yield symbol.uid
            case Assign(op=op, target=target) if op != "=":
                yield from (symbol.uid for symbol in _set(target))
    for loop in loops:
        for node in walk(loop):
            match node:
                case Assign(target=target, value=value):
                    names = {n.symbol for n in walk(value) if isinstance(n, Name) and n.symbol.storage != "function"}
                    is_word = bool(names) and _from_outside(value, command_line, any_word=True)
                    if not is_word or _takes_all(value, command_line):
                        yield from (symbol.uid for symbol in _set(target))
                case VarDecl(symbol=symbol):
                    yield symbol.uid
        for node in walk(loop.condition) if loop.condition is not None else ():
            if isinstance(node, Assign):  # by a number in its place, the loop would never end
                yield from (symbol.uid for symbol in _set(node.target))


def _takes_all(value: Expr, command_line: set[int]) -> bool:
    """Whether a call is given all words of the command line, and goes through them: `getopt(argc, argv, "n:")`."""
    arguments = (a for node in walk(value) if isinstance(node, Call) for a in node.arguments)
    return any(isinstance(a, Name) and isinstance(a.type, Pointer) and a.symbol.uid in command_line for a in arguments)


def _set(target: Expr) -> Iterator[Symbol]:
    """The variables that an assignment to this may set: `x`, `*(k == 1 ? &x : &y)`."""
    match target:
        case Name(symbol=symbol):
            yield symbol
        case Unary(op="*", operand=Conditional(then=then, otherwise=otherwise)):
            for chosen in (then, otherwise):
                yield from _set(Unary(span=target.span, type=target.type, op="*", operand=chosen))
        case Unary(op="*", operand=Unary(op="&", operand=operand)):
            yield from _set(operand)


def _from_outside(value: Expr, command_line: set[int], any_word: bool = False) -> bool:
    """Made of literals, macros and the command line, not of what the program computes; with `any_word`, this may say
    which word of the command line it is: `atoi(argv[++k])`."""
    choosing = {id(node) for place in _places(value, command_line) for node in walk(place)} if any_word else set()
    symbols = (node.symbol for node in walk(value) if isinstance(node, Name) and id(node) not in choosing)
    return all(
        s.storage in ("function", "enumerator")
        or s.uid in command_line
        or (s.storage == "global" and s.name == "optarg")
        for s in symbols
    )


def _places(value: Expr, command_line: set[int]) -> Iterator[Expr]:
    """What tells which words of the command line are read."""
    for node in walk(value):
        match node:
            case Index(base=Name(symbol=symbol), subscript=place) if symbol.uid in command_line:
                yield place


def _as_c(value: str) -> str:
    """In parentheses where it bears a sign: a macro's body may stand anywhere in an expression."""
    return f"({value})" if value[0] in "+-" else value
