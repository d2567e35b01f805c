"""The C tree: frozen dataclasses for expressions, statements and functions, each with its place in the source.

Parentheses and implicit conversions are dropped; macros are expanded, and what came from them still knows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from chatmpi.analysis.options import AS_USUAL, ParseOptions
from chatmpi.analysis.source import Source, Span

# ---------------------------------------------------------------------------------------------- types


@dataclass(frozen=True, slots=True)
class Scalar:
    """An arithmetic type by its canonical name: `int`, `unsigned long`, `_Complex double`, `char`, … (enums: `int`)."""

    name: str

    @property
    def is_floating(self) -> bool:
        return self.name in {"float", "double", "long double"} or self.is_complex

    @property
    def is_complex(self) -> bool:
        return self.name.startswith("_Complex")

    @property
    def is_integer(self) -> bool:
        return not self.is_floating

    @property
    def is_unsigned(self) -> bool:
        return self.name.startswith("unsigned") or self.name in {"_Bool"}


@dataclass(frozen=True, slots=True)
class Pointer:
    target: CType


@dataclass(frozen=True, slots=True)
class Array:
    """`extent` is the number of elements where the compiler knows it, else None (variable length or unknown)."""

    element: CType
    extent: int | None


@dataclass(frozen=True, slots=True)
class OtherType:
    """void, structs, unions, functions and all else, by canonical spelling."""

    name: str


CType = Scalar | Pointer | Array | OtherType
VOID = OtherType("void")


def is_long(kind: CType | None) -> bool:
    """Whether it is an integer type of 64 bits."""
    return isinstance(kind, Scalar) and kind.is_integer and "long" in kind.name


def array_core(kind: CType) -> CType:
    """What an array, of however many dimensions, is an array of."""
    while isinstance(kind, Array):
        kind = kind.element
    return kind


@dataclass(frozen=True, slots=True)
class MemberLayout:
    """A member of a structure or union: `offset` in bytes; `is_bits` tells a bit field."""

    name: str
    type: CType
    offset: int
    is_bits: bool = False


@dataclass(frozen=True, slots=True)
class StructLayout:
    """A structure or union in memory: its size in bytes and its members, those of unnamed ones inside it too."""

    size: int
    fields: tuple[MemberLayout, ...]


@dataclass(frozen=True, slots=True)
class Symbol:
    """A declared name. `uid` tells two variables of one name apart; a redeclaration has the first one's uid."""

    name: str
    uid: int
    type: CType
    storage: str  # "local", "static" (in a function), "parameter", "global", "function", "enumerator"
    const: bool = False

    def __str__(self) -> str:
        return self.name


# ---------------------------------------------------------------------------------------- expressions


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """`span` is where the text stands in the file: for what a macro's body wrote, the macro's whole use.

    `in_macro` is false where other text may take the place of the text at `span`, and nothing but this node changes:

    - what is written out in the file, and what a macro's *argument* holds: its span is the argument's own (the
      argument's text may reach several nodes). A node that begins or ends with a macro's whole use counts too, such
      as `i < N`.
    - what is precisely the whole expansion of one use: the literal behind `N`, the sum behind `IDX(i, j)`, the loop
      behind `SWAP(a, b);`.

    It is true for all else that a macro's body wrote, wholly or in part: the `2` behind `#define M (N+2)`, the product
    inside `IDX(i, j)`. Where it cannot be told (a body such as `x*x`, without parentheses, in an expression), it is
    true as well.
    """

    span: Span
    in_macro: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Expr(Node):
    type: CType


@dataclass(frozen=True, slots=True, kw_only=True)
class IntLiteral(Expr):
    """`macro`: name of the object-like macro that is nothing but this literal, if the literal came from one."""

    value: int
    macro: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FloatLiteral(Expr):
    value: float
    text: str
    macro: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StringLiteral(Expr):
    """`value` holds one character per byte, escapes resolved, without the final NUL."""

    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Name(Expr):
    symbol: Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class Unary(Expr):
    """`op`: `-`, `+`, `!`, `~`, `*`, `&`, `++x`, `--x`, `x++`, `x--`."""

    op: str
    operand: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary(Expr):
    """Any binary operator but assignments; the comma too."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign(Expr):
    """`op`: `=`, `+=`, `-=`, …"""

    op: str
    target: Expr
    value: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditional(Expr):
    condition: Expr
    then: Expr
    otherwise: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Index(Expr):
    """`base[subscript]`."""

    base: Expr
    subscript: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Expr):
    callee: Expr
    arguments: tuple[Expr, ...]

    @property
    def name(self) -> str | None:
        """Name of the function called, None if it is called through a pointer."""
        match self.callee:
            case Name(symbol=symbol) if symbol.storage == "function":
                return symbol.name
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast(Expr):
    """An explicit conversion to `type`."""

    operand: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizeof(Expr):
    """`sizeof expr` (operand set) or `sizeof(type)` (of set); of `sizeof(double[n][m])` the `extents` too."""

    operand: Expr | None
    of: CType | None
    extents: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Member(Expr):
    """`base.field` or, with `arrow`, `base->field`."""

    base: Expr
    field: str
    arrow: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InitList(Expr):
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownExpr(Expr):
    """Something this tree has no form for (`kind` says what); its parts are kept, so that nothing is hidden."""

    kind: str
    children: tuple[Node, ...]


# ----------------------------------------------------------------------------------------- statements


@dataclass(frozen=True, slots=True, kw_only=True)
class Stmt(Node):
    """`id` numbers the statements of a file in source order, from 0."""

    id: int


@dataclass(frozen=True, slots=True)
class RowStorage:
    """How rows that pointers lead to (`double **`) get and lose their memory, in text that the tree does not show.

    `loops` do nothing but this, over all rows; `block`: the call that allocates all rows in one piece, None if each
    row has a piece of its own; `named`: whether a pointer of its own holds that piece. `makers`: the statements that
    make a row, where the loop around them, `mixed`, does other things too; `checks`: those outside of loops that see
    whether a row is there; `empty`: those that give the first row no memory, where the loops begin with the second.

    With a `depth` of 2 (`double ***`) the rows are planes, and pointers lead to the rows of these; `table`: the call
    that allocates the pointers of all planes in one piece.

    `vectors`: the calls that give one row each its memory, where rows are few and it is their elements that are dealt
    out: the array's first dimension counts these, its last one the pointers. (`depth` is 2: what belongs to one number
    of the first dimension lies apart.)
    """

    loops: tuple[For, ...]
    block: Call | None
    named: bool = False
    mixed: For | None = None
    makers: tuple[Stmt, ...] = ()
    checks: tuple[Stmt, ...] = ()
    empty: tuple[Stmt, ...] = ()
    depth: int = 1
    table: Call | None = None
    vectors: tuple[Call, ...] = ()

    @property
    def in_blocks(self) -> bool:
        return self.block is not None or self.table is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class VarDecl(Node):
    """One declarator. `extents` holds the array sizes, outermost first; `brackets` the spans of their `[…]`.

    Of a pointer to an array, `double (*a)[n]`, these are the sizes of the array. Sizes that a typedef holds are not
    among them; where a macro wrote the declarator, there are no brackets.
    `span` covers the declarator with its initialiser; `name_span` only the name. `rows` is set for what the text
    declares as a pointer to pointers, and the tree as one to arrays.
    """

    symbol: Symbol
    name_span: Span
    extents: tuple[Expr | None, ...] = ()
    brackets: tuple[Span, ...] = ()
    init: Expr | None = None
    rows: RowStorage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration(Stmt):
    """`int i, *p = 0;` in a function; types and tags declared there have no variables."""

    variables: tuple[VarDecl, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExprStmt(Stmt):
    """`expr;`: the span covers the semicolon."""

    expr: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Block(Stmt):
    body: tuple[Stmt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class If(Stmt):
    condition: Expr
    then: Stmt
    otherwise: Stmt | None


@dataclass(frozen=True, slots=True, kw_only=True)
class For(Stmt):
    init: Stmt | None
    condition: Expr | None
    step: Expr | None
    body: Stmt


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockLoop(For):
    """The loop over elements that a call of memcpy, memmove, memset or fwrite stands for: its text is the call's."""

    call: Call


@dataclass(frozen=True, slots=True, kw_only=True)
class While(Stmt):
    condition: Expr
    body: Stmt


@dataclass(frozen=True, slots=True, kw_only=True)
class DoWhile(Stmt):
    body: Stmt
    condition: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Return(Stmt):
    value: Expr | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Break(Stmt):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Continue(Stmt):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave(Stmt):
    """The return of a function whose body stands in the place of its call: control goes on behind the block with the
    id `block`. No parser makes it."""

    block: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Empty(Stmt):
    """`;`"""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownStmt(Stmt):
    """switch, goto, labels, asm, …: `kind` says what; its parts are kept. `label`: the name of a label, or of the one
    that a goto names."""

    kind: str
    children: tuple[Node, ...]
    label: str | None = None


# ----------------------------------------------------------------------------------------------- files


@dataclass(frozen=True, slots=True, kw_only=True)
class Function(Node):
    """A function with a body; `span` runs from its first declaration specifier to the closing brace."""

    symbol: Symbol
    name_span: Span
    parameters: tuple[VarDecl, ...]
    body: Block
    returns: CType


@dataclass(frozen=True, slots=True)
class Include:
    """`#include <name>` in the main file itself; `span` covers the whole directive up to the line's end."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Macro:
    """`#define name(parameters) body` in the main file; `parameters` is None for an object-like macro."""

    name: str
    span: Span
    body_span: Span
    parameters: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Record:
    """A struct with the declarators of its members. `is_plain`: all its members have memory and names of their own
    (no unions, no bit fields, nothing unnamed), and none is volatile."""

    name: str
    fields: tuple[VarDecl, ...]
    is_plain: bool


@dataclass(frozen=True, slots=True)
class Coalesced:
    """Statements in which pointers have the names of those whose memory they took over: `names` holds, by the name that
    the tree has, the pointer's own; `span` is where the text says it."""

    statements: frozenset[int]
    span: Span
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Constant:
    """An enumerator that is given a value: `value` is its text, `number` what that comes to."""

    name: str
    value: Span
    number: int


@dataclass(frozen=True, slots=True)
class Program:
    """One translation unit. `globals` holds the file-scope variables of the main file, in source order.

    `system_functions` are the functions that system headers declare, `declared_functions` those that the main
    file or its own headers declare without a body. `records`: the structs of its variables, by their canonical name;
    `layouts`: all structures and unions met, in memory; `enumerators`: the enumerators' values, by uid;
    `inner_enumerators`: those that a function declares; `constants`: those of the main file that are given a value.
    `copies` of functions that the program has once, with the names by which people know them. `kept_values`: variables
    that it has not, for extrema of which it keeps the places only, by these searches' places in the text. `moved`: by
    the name of a pointer that the text has, the pointer that the tree has in its place; `coalesced`: where that is
    so in some places only. `led_into`: arrays that have numbers where the text has pointers to entries of lists, and
    these lists: no rank's memory but its own is found so.
    `options`: how it was read.
    """

    source: Source
    functions: tuple[Function, ...]
    globals: tuple[VarDecl, ...]
    includes: tuple[Include, ...]
    macros: tuple[Macro, ...]
    system_functions: frozenset[str]
    declared_functions: frozenset[str]
    records: Mapping[str, Record] = field(default_factory=dict)
    layouts: Mapping[str, StructLayout] = field(default_factory=dict, compare=False)
    enumerators: Mapping[int, int] = field(default_factory=dict, compare=False)
    inner_enumerators: frozenset[int] = frozenset()
    constants: tuple[Constant, ...] = ()
    copies: Mapping[str, str] = field(default_factory=dict)
    kept_values: Mapping[int, str] = field(default_factory=dict)
    moved: Mapping[str, str] = field(default_factory=dict)
    coalesced: tuple[Coalesced, ...] = ()
    led_into: frozenset[Symbol] = frozenset()
    options: ParseOptions = AS_USUAL

    def function(self, name: str) -> Function | None:
        return next((f for f in self.functions if f.symbol.name == name), None)

    @property
    def leading_includes(self) -> tuple[Include, ...]:
        """Those that stand before every function, so that all of them know what is declared there."""
        first = min((f.span.begin for f in self.functions), default=len(self.source.text))
        return tuple(i for i in self.includes if i.span.begin < first)


# ------------------------------------------------------------------------------------------- traversal


# The fields of each class that hold parts, in the order of the source.
_PARTS: dict[type[Node], tuple[str, ...]] = {
    Unary: ("operand",),
    Binary: ("left", "right"),
    Assign: ("target", "value"),
    Conditional: ("condition", "then", "otherwise"),
    Index: ("base", "subscript"),
    Call: ("callee", "arguments"),
    Cast: ("operand",),
    Sizeof: ("operand", "extents"),
    Member: ("base",),
    InitList: ("items",),
    UnknownExpr: ("children",),
    VarDecl: ("extents", "init"),
    Declaration: ("variables",),
    ExprStmt: ("expr",),
    Block: ("body",),
    If: ("condition", "then", "otherwise"),
    For: ("init", "condition", "step", "body"),
    BlockLoop: ("init", "condition", "step", "body"),
    While: ("condition", "body"),
    DoWhile: ("body", "condition"),
    Return: ("value",),
    UnknownStmt: ("children",),
    Function: ("parameters", "body"),
}

_PARTS_BACKWARDS = {kind: names[::-1] for kind, names in _PARTS.items()}


def part_names(node: Node) -> tuple[str, ...]:
    """The fields of a node that hold its parts, in the order of the source."""
    return _PARTS.get(type(node), ())


def children(node: Node) -> list[Node]:
    """The parts of a node, in the order of the source."""
    parts: list[Node] = []
    for name in _PARTS.get(type(node), ()):
        part = getattr(node, name)
        if isinstance(part, tuple):
            parts.extend(p for p in part if p is not None)
        elif part is not None:
            parts.append(part)
    return parts


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, parents first, in the order of the source."""
    stack: list[Node | None] = [node]
    while stack:
        top = stack.pop()
        if top is None:
            continue
        yield top
        for name in _PARTS_BACKWARDS.get(type(top), ()):
            part = getattr(top, name)
            if isinstance(part, tuple):
                stack += part[::-1]
            else:
                stack.append(part)


def statements(node: Node) -> Iterator[Stmt]:
    """All statements below and including `node`."""
    return (n for n in walk(node) if isinstance(n, Stmt))
