"""Macro definitions and uses: which tokens a use expands to, and whether these form one expression.

A place is written `raw`: clang's number of a place in a file, one per character, unique in a translation unit.
"""

from __future__ import annotations

import bisect
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from chatmpi.analysis.front_end.libclang import Token
from chatmpi.analysis.scan import closing, skip_space, split, strip
from chatmpi.analysis.source import Span

_IDENTIFIER = re.compile(r"[A-Za-z_]\w*\Z")
_ATOM = re.compile(r"[A-Za-z_0-9]|\.\d|L?[\"']")
_WORD = re.compile(r"[A-Za-z_]\w*")
_WORD_AT_END = re.compile(r"[\w.]+\Z")
_NUMBER = re.compile(r"\.?\d")
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_SUFFIX_SHAPES = {"[": "index", "(": "call"}
_DEEPEST = 8  # macros in macros that are looked into
_KEYWORDS = frozenset({"sizeof", "return", "if", "for", "while", "switch", "goto", "else", "case", "_Alignof"})


@dataclass(frozen=True, slots=True)
class Definition:
    """`#define name(parameters) body`; `parameters` is None for an object-like macro."""

    name: str
    begin: int
    end: int
    parameters: tuple[str, ...] | None
    body: tuple[Token, ...]

    @property
    def literal(self) -> Token | None:
        """The number that is all of an object-like macro's body, parentheses aside."""
        body = self.body
        while len(body) > 2 and body[0].text == "(" and body[-1].text == ")":
            body = body[1:-1]
        alone = self.parameters is None and len(body) == 1 and _NUMBER.match(body[0].text)
        return body[0] if alone else None


def definition(tokens: list[Token], end: int, function_like: bool) -> Definition:
    """Read a definition from its tokens, the name first; `end` is the place where the directive ends."""
    name, rest = tokens[0], tokens[1:]
    parameters: tuple[str, ...] | None = None
    if function_like:
        close = next(i for i, t in enumerate(rest) if t.text == ")")
        names = [t.text for t in rest[1:close] if t.text != ","]
        parameters = tuple("__VA_ARGS__" if n == "..." else n for n in names)
        rest = rest[close + 1 :]
    return Definition(name.text, name.raw, end, parameters, tuple(rest))


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """A macro's use as it stands in the main file, at offsets; `outer` is the use in whose arguments it stands."""

    span: Span
    definition: Definition | None
    outer: Use | None


class MacroTable:
    """All macro uses of the main file, and the definitions that they need."""

    def __init__(
        self,
        masked: str,
        base: int,
        uses: Iterable[tuple[Span, Definition | None]],
        named: Callable[[str], Definition | None],
    ) -> None:
        """`named` finds the definition of a name, None where there is none; it raises LookupError for several."""
        self._masked, self._base, self._named = masked, base, named
        self.by_begin: dict[int, Use] = {}
        self.by_end: dict[int, Use] = {}
        self._begins: list[int] = []
        self._nest(sorted(((self._reach(s, d), d) for s, d in uses), key=lambda u: (u[0].begin, -u[0].end)))

    def _nest(self, uses: list[tuple[Span, Definition | None]]) -> None:
        open_uses: list[Use] = []
        for span, defined in uses:
            if span.begin in self.by_begin:
                continue
            while open_uses and open_uses[-1].span.end <= span.begin:
                open_uses.pop()
            use = Use(span, defined, open_uses[-1] if open_uses else None)
            open_uses.append(use)
            self.by_begin[span.begin] = use
            self.by_end.setdefault(span.end, use)
            self._begins.append(span.begin)

    def _reach(self, span: Span, defined: Definition | None) -> Span:
        """The use with the arguments that its expansion takes from the text behind it (`#define F G`, `F(x)`)."""
        behind = skip_space(self._masked, span.end)
        if not self._masked.startswith("(", behind) or not self._ends_callable(defined, _DEEPEST):
            return span
        return Span(span.begin, closing(self._masked, behind) or span.end)

    def _ends_callable(self, defined: Definition | None, depth: int) -> bool:
        if defined is None or not defined.body or not depth or not self._masked:
            return False
        last = self._macro(defined.body[-1].text)
        return last is not None and (last.parameters is not None or self._ends_callable(last, depth - 1))

    def _macro(self, name: str) -> Definition | None:
        if not _IDENTIFIER.match(name):
            return None
        try:
            return self._named(name)
        except LookupError:
            return None

    def written_out(self, text: str, depth: int = _DEEPEST) -> str:
        """A type's text with what the macros in it stand for (`sizeof(REAL)`)."""

        def body(match: re.Match[str]) -> str:
            defined = self._macro(match.group())
            if defined is None or defined.parameters is not None or not depth:
                return match.group()
            if not all(_WORD.fullmatch(t.text) or t.text == "*" for t in defined.body):
                return match.group()  # a size
            return self.written_out(" ".join(t.text for t in defined.body), depth - 1)

        return _WORD.sub(body, text)

    def around(self, offset: int) -> Use | None:
        """The innermost use that begins before `offset` and ends behind it."""
        i = bisect.bisect_left(self._begins, offset) - 1
        use = self.by_begin[self._begins[i]] if i >= 0 else None
        while use is not None and use.span.end <= offset:
            use = use.outer
        return use

    def arguments(self, use: Use) -> list[Span]:
        """The text of the arguments of a function-like macro's use."""
        opening = self._masked.find("(", use.span.begin, use.span.end)
        if opening < 0:
            return []
        parts = split(self._masked, opening + 1, use.span.end - 1, ",")
        return [strip(self._masked, p) for p in parts]

    def argument(self, use: Use, parameter: str) -> Span | None:
        """The text that stands for `parameter` in a use."""
        if use.definition is None or parameter not in (use.definition.parameters or ()):
            return None
        place = (use.definition.parameters or ()).index(parameter)
        spans = self.arguments(use)
        return spans[place] if place < len(spans) else None

    def first(self, use: Use) -> int | None:
        """Where the first token of the expansion is spelled; None if it is not known, or spelled there twice."""
        if use.definition is None or not use.definition.body:
            return None
        text = use.definition.body[0].text
        if text in (use.definition.parameters or ()):
            return self._once(use, self._first_of_argument(use, text))
        return self._once(use, self._edge(use.definition, 0, _DEEPEST))

    def first_at(self, offset: int) -> int | None:
        """Where the first token of the use that begins at `offset` is spelled."""
        use = self.by_begin.get(offset)
        return self.first(use) if use else None

    def _first_of_argument(self, use: Use, parameter: str) -> int | None:
        span = self._argument_used_once(use, parameter)
        if span is None or span.begin == span.end:
            return None
        nested = self.by_begin.get(span.begin)
        return self.first(nested) if nested else self._base + span.begin

    def last(self, use: Use) -> int | None:
        """Where the last token of the expansion is spelled; None if it is not known, or spelled there twice."""
        if use.definition is None or not use.definition.body:
            return None
        text = use.definition.body[-1].text
        if text not in (use.definition.parameters or ()):
            return self._once(use, self._edge(use.definition, -1, _DEEPEST))
        span = self._argument_used_once(use, text)
        if span is None or span.end in self.by_end:
            return None
        word = _WORD_AT_END.search(self._masked, span.begin, span.end)
        return self._base + word.start() if word else None

    def _argument_used_once(self, use: Use, parameter: str) -> Span | None:
        """The argument's text, if the body has the parameter once."""
        body = use.definition.body if use.definition else ()
        return self.argument(use, parameter) if sum(t.text == parameter for t in body) == 1 else None

    def _edge(self, defined: Definition, index: int, depth: int) -> int | None:
        """Where a definition's first (0) or last (-1) token ends up being spelled."""
        if not defined.body or not depth:
            return None
        token = defined.body[index]
        try:
            nested = self._named(token.text)
        except LookupError:
            return None
        if nested is None or nested is defined:
            return token.raw
        if nested.parameters is None:
            return self._edge(nested, index, depth - 1)
        if len(defined.body) < 2 or defined.body[1].text != "(":
            return None
        edge = nested.body[0].text if nested.body else ""
        return None if index or edge in nested.parameters else self._edge(nested, index, depth - 1)

    def _once(self, use: Use, raw: int | None) -> int | None:
        """The place, if the expansion has the token that is spelled there once: from its body or from an argument."""
        if raw is None or use.definition is None:
            return None
        written = use.span.begin <= raw - self._base < use.span.end
        times = int(written) + self._occurrences(use.definition, raw, _DEEPEST)
        for begin in self._begins[bisect.bisect_right(self._begins, use.span.begin) :]:
            if begin >= use.span.end:
                break
            inner = self.by_begin[begin].definition
            times += self._occurrences(inner, raw, _DEEPEST) if inner is not None else 0
        return raw if times == 1 else None

    def _occurrences(self, defined: Definition, raw: int, depth: int) -> int:
        count = 0
        for token in defined.body:
            nested = self._macro(token.text)
            if token.raw == raw:
                count += 1
            elif nested is not None and nested is not defined and depth:
                count += self._occurrences(nested, raw, depth - 1)
        return count

    def partner(self, use: Use, opening: int) -> int | None:
        """Where the bracket that closes the one spelled at `opening` stands in the use's own body."""
        body = use.definition.body if use.definition else ()
        start = next((i for i, t in enumerate(body) if t.raw == opening), None)
        close = None if start is None else _close(body, start)
        return None if close is None else body[close].raw

    def holds_semicolon(self, use: Use) -> bool:
        """Whether a statement may end inside the use's expansion."""
        written = self._masked[use.span.begin : use.span.end]
        return use.definition is None or ";" in written or self._body_holds_semicolon(use.definition, _DEEPEST)

    def _body_holds_semicolon(self, defined: Definition, depth: int) -> bool:
        if not depth or any(t.text == ";" for t in defined.body):
            return True
        nested = (self._macro(t.text) for t in defined.body)
        return any(d is not defined and self._body_holds_semicolon(d, depth - 1) for d in nested if d)

    def shape(self, use: Use) -> str | None:
        """What the expansion is wherever it stands: atom, paren, index, call, member, block or do; else None.

        These forms bind tighter than any operator, so the parser makes one node of them.
        """
        return None if use.definition is None else self._shape(use.definition, _DEEPEST, self._named_arguments(use))

    def _named_arguments(self, use: Use) -> frozenset[str]:
        """The parameters for which a single name stands in a use: a body that begins with one begins with an atom."""
        parameters = (use.definition.parameters or ()) if use.definition else ()
        spans = {p: self.argument(use, p) for p in parameters}
        texts = {p: self._masked[s.begin : s.end] for p, s in spans.items() if s is not None}
        return frozenset(
            p
            for p, text in texts.items()
            if _IDENTIFIER.fullmatch(text) and text not in _KEYWORDS and not self._macro(text)
        )

    def _shape(self, defined: Definition, depth: int, atoms: frozenset[str] = frozenset()) -> str | None:
        body = defined.body
        if not body or not depth:
            return None
        if body[0].text in ("{", "do"):
            return _statement_shape(body)
        primary = self._primary(defined, depth, atoms)
        if primary is None:
            return None
        shape, at = primary
        while at < len(body):
            suffix = _suffix(body, at)
            if suffix is None:
                return None
            shape, at = suffix
        return shape

    def _primary(self, defined: Definition, depth: int, atoms: frozenset[str]) -> tuple[str, int] | None:
        """The shape of the primary expression that begins the body, and the index behind it."""
        body, first = defined.body, defined.body[0].text
        if first == "(":
            close = _close(body, 0)
            return None if close is None else ("paren", close + 1)
        if not _ATOM.match(first) or first in _KEYWORDS:
            return None
        if first in (defined.parameters or ()):
            return ("atom", 1) if first in atoms else None
        try:
            nested = self._named(first) if _IDENTIFIER.match(first) else None
        except LookupError:
            return None
        if nested is None or nested is defined:
            return "atom", 1
        shape = self._shape(nested, depth - 1)
        if shape is None or nested.parameters is None:
            return None if shape is None else (shape, 1)
        close = _close(body, 1) if len(body) > 1 and body[1].text == "(" else None
        return None if close is None else (shape, close + 1)


def _close(tokens: tuple[Token, ...], start: int) -> int | None:
    """The index of the bracket that closes the one at `start`."""
    depth = 0
    for i in range(start, len(tokens)):
        if tokens[i].text in _PAIRS:
            depth += 1
        elif tokens[i].text in _PAIRS.values():
            depth -= 1
            if depth == 0:
                return i
    return None


def _suffix(body: tuple[Token, ...], at: int) -> tuple[str, int] | None:
    """The shape that a postfix operator at `at` makes, and the index behind it."""
    text = body[at].text
    if text in _SUFFIX_SHAPES:
        close = _close(body, at)
        return None if close is None else (_SUFFIX_SHAPES[text], close + 1)
    if text in (".", "->") and at + 1 < len(body):
        return "member", at + 2
    return None


def _statement_shape(body: tuple[Token, ...]) -> str | None:
    """`{…}` and `do {…} while (…)`."""
    if body[0].text == "{":
        return "block" if _close(body, 0) == len(body) - 1 else None
    close = _close(body, 1) if len(body) > 1 and body[1].text == "{" else None
    if close is None or [t.text for t in body[close + 1 : close + 3]] != ["while", "("]:
        return None
    return "do" if _close(body, close + 2) == len(body) - 1 else None


def literal_macros(definitions: Iterable[Definition]) -> Mapping[int, str]:
    """Names of the object-like macros that are nothing but one number, by the place of that number.

    A macro that is defined again elsewhere stands for no one number, so its name is not kept.
    """
    every = list(definitions)
    times = Counter(d.name for d in every)
    return {d.literal.raw: d.name for d in every if d.literal is not None and times[d.name] == 1}
