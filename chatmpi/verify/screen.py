"""What a candidate of foreign hand may not contain: what acts before main, outside C, or reads other files.

It is looked at as text, before anything parses it: the parser would read the files that it includes, and what an
attribute or an assembler line does is seen by no stage of the gate.
"""

from __future__ import annotations

import re

from chatmpi.analysis.source import Location, Source
from chatmpi.verify.verdict import Counterexample

LONGEST = 1024 * 1024

STANDARD = frozenset(
    f"{name}.h"
    for name in (
        *("assert", "complex", "ctype", "errno", "fenv", "float", "inttypes", "iso646", "limits", "locale", "math"),
        *("stdalign", "stdarg", "stdbool", "stddef", "stdint", "stdio", "stdlib", "stdnoreturn", "string", "tgmath"),
        *("time", "wchar", "wctype", "mpi"),
    )
)
_FORBIDDEN = re.compile(
    r"\b(__attribute__|__attribute|__declspec|asm|__asm__|__asm|_Pragma|__pragma|__has_include|__has_embed)\b"
    r"|^[ \t]*(?:#|%:)[ \t]*(embed|include_next|import|line|ident|sccs)\b|(\?\?[=/'()!<>-])|(\[\[|<:\s*<:)",
    re.MULTILINE,
)
_STRINGS = r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
_DIRECTIVE = re.compile(r"^[ \t]*(?:#|%:)[ \t]*(\w+)[ \t]*(.*)$", re.MULTILINE)


def screen(candidate: Source, sequential: Source) -> list[Counterexample]:
    """What stands in the candidate, and not in the sequential program, that no candidate may have."""
    text, own = _joined(candidate.text), _joined(sequential.text)
    words, own_words = _without_strings(text), _without_strings(own)
    if len(text) > LONGEST:
        return [Counterexample("read", f"the candidate has more than {LONGEST} bytes", None)]
    known = {m[0].strip() for m in _FORBIDDEN.finditer(own_words)}
    found = [
        _refused(f"{m[0].strip()!r} may not stand in a candidate", m.start(), text, candidate)
        for m in _FORBIDDEN.finditer(words)
        if m[0].strip() not in known
    ]
    allowed = {(m[1], " ".join(m[2].split())) for m in _DIRECTIVE.finditer(own)}
    for m in _DIRECTIVE.finditer(text):
        rest = " ".join(m[2].split())
        if (m[1], rest) not in allowed and (problem := _problem(m[1], rest)):
            found.append(_refused(problem, m.start(), text, candidate))
    return found


def _problem(directive: str, rest: str) -> str:
    if directive == "include":
        name = re.match(r"[<\"]([^>\"]*)[>\"]", rest)
        if name is None or name[1] not in STANDARD:
            return f"{rest or 'nothing'} may not be included: it is no standard header, and the program has it not"
    elif directive == "pragma":
        return "a pragma that the program has not may not stand in a candidate"
    elif directive == "define" and "##" in rest:
        return "a macro that pastes names may not stand in a candidate"
    return ""


def _without_strings(text: str) -> str:
    return re.sub(_STRINGS, lambda m: '"' + " " * (len(m[0]) - 2) + '"', text)


def _joined(text: str) -> str:
    """Lines that end in a backslash joined as the compiler joins them; comments blanked, newlines kept."""
    joined = re.sub(r"\\[ \t\r]*\n", "", text)
    return re.sub(rf"({_STRINGS})|//[^\n]*|/\*.*?(?:\*/|\Z)", _blank, joined, flags=re.DOTALL)


def _blank(match: re.Match[str]) -> str:
    return match[0] if match[1] else re.sub(r"[^\n]", " ", match[0])


def _refused(message: str, offset: int, text: str, candidate: Source) -> Counterexample:
    line = text.count("\n", 0, offset + len(text[offset:]) - len(text[offset:].lstrip())) + 1
    return Counterexample("read", message, Location(candidate.name, line, 1))
