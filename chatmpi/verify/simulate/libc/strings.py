"""The C library's functions on strings in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind, Unsupported
from chatmpi.verify.simulate.formats import characters, printed
from chatmpi.verify.simulate.layouts import FLOATING_SIZES
from chatmpi.verify.simulate.memory import CHARS, literal, string_at, typed
from chatmpi.verify.simulate.text_inputs import characters_at
from chatmpi.verify.simulate.values import NULL, Object, Pointer, bad_access
from chatmpi.verify.simulate.variadic import arguments

STRING_SIGNATURES = {
    **{"strcpy": "pp", "strncpy": "ppu", "strcat": "pp", "strncat": "ppu", "strchr": "pi", "strrchr": "pi"},
    **{"strstr": "pp", "strdup": "p", "memcmp": "ppu", "memchr": "piu", "getenv": "s", "strcasecmp": "ss"},
    **{"sprintf": "ps.", "snprintf": "pus.", "strcspn": "ss", "strspn": "ss", "isalnum": "i", "isupper": "i"},
    **{"islower": "i", "ispunct": "i", "isxdigit": "i", "isblank": "i", "iscntrl": "i", "isgraph": "i", "isprint": "i"},
    **{"strnlen": "su", "strncasecmp": "ssu", "strcoll": "ss", "strpbrk": "pp", "strndup": "pu", "strerror": "i"},
    **{"strtok": "pp", "strtok_r": "ppp"},
}


def _put(to: Pointer, text: list[int]) -> None:
    """Store characters; memory without a type becomes characters."""
    target, index = typed(to, CHARS)
    if index < 0 or index + len(text) > len(target):
        raise bad_access(target, index + len(text) - 1)
    target[index : index + len(text)] = text


def _strcpy(to: Pointer, source: Pointer) -> Pointer:
    text = [*characters_at(source), 0]
    if to[0] is source[0] and abs(to[1] - source[1]) < len(text):
        raise Fault("strcpy between strings that overlap", kind=Kind.MEMORY)
    _put(to, text)
    return to


def _strncpy(to: Pointer, source: Pointer, most: int) -> Pointer:
    text = [*characters_at(source), 0][:most]
    _put(to, text + [0] * (most - len(text)))
    return to


def _strcat(to: Pointer, source: Pointer, most: int = 2**31) -> Pointer:
    end = len(string_at(to))
    _put((to[0], to[1] + end), [*characters_at(source)[:most], 0])
    return to


def _strchr(text: Pointer, c: int) -> Pointer:
    at = (string_at(text) + "\0").find(chr(c % 256))
    return NULL if at < 0 else (text[0], text[1] + at)


def _strrchr(text: Pointer, c: int) -> Pointer:
    at = (string_at(text) + "\0").rfind(chr(c % 256))
    return NULL if at < 0 else (text[0], text[1] + at)


def _strstr(text: Pointer, part: Any) -> Pointer:
    at = string_at(text).find(string_at(part))
    return NULL if at < 0 else (text[0], text[1] + at)


def _strpbrk(text: Pointer, letters: Any) -> Pointer:
    whole, known = string_at(text), string_at(letters)
    at = next((k for k, c in enumerate(whole) if c in known), None)
    return NULL if at is None else (text[0], text[1] + at)


def next_word(text: Pointer, letters: Any, state: Pointer) -> Pointer:
    """The next word, cut off by a zero; `state` is where to go on."""
    target, index = state[0][state[1]] if text[0] is NULL[0] else text
    whole, known = string_at((target, index)), string_at(letters)
    start = next((k for k, c in enumerate(whole) if c not in known), len(whole))
    end = next((k for k in range(start, len(whole)) if whole[k] in known), len(whole))
    state[0][state[1]] = (target, index + min(end + 1, len(whole)))
    if start == len(whole):
        return NULL
    if end < len(whole):
        target[index + end] = 0
    return (target, index + start)


def _strdup(text: Pointer, most: int | None = None) -> Pointer:
    found = [*characters_at(text)[:most], 0]
    return (Object(found, CHARS, "a string", len(found)), 0)


def _memcmp(a: Pointer, b: Pointer, size: int) -> int:
    one, other = _bytes(a, size), _bytes(b, size)
    return (one > other) - (one < other)


def _bytes(pointer: Pointer, size: int) -> bytes:
    """Integers as they stand in memory, the lowest byte first."""
    cells = _cells(pointer, size)
    width = size // len(cells) if cells else 1
    return b"".join((value % 256**width).to_bytes(width, "little") for value in cells)


def _cells(pointer: Pointer, size: int) -> list[int]:
    target, index = pointer
    layout = target.layout
    if layout is None:
        raise bad_access(target, index)
    if len(layout.kinds) != 1 or layout.kinds[0] in (*FLOATING_SIZES, "pointer") or size % layout.size:
        raise Unsupported("memcmp of such memory")
    count = size // layout.size
    if index < 0 or index + count > len(target):
        raise bad_access(target, index + count - 1)
    return [value + 0 for value in target[index : index + count]]


def _memchr(pointer: Pointer, c: int, size: int) -> Pointer:
    for k, value in enumerate(_cells(pointer, size)):
        if value % 256 == c % 256:
            return (pointer[0], pointer[1] + k)
    return NULL


def _formatted(form: Any, arguments: tuple[Any, ...]) -> list[int]:
    return characters(printed(string_at(form), arguments, characters_at))


def _sprintf(to: Pointer, form: Any, arguments: tuple[Any, ...]) -> int:
    text = _formatted(form, arguments)
    _put(to, [*text, 0])
    return len(text)


def _snprintf(to: Pointer, size: int, form: Any, arguments: tuple[Any, ...]) -> int:
    text = _formatted(form, arguments)
    if size > 0:
        _put(to, [*text[: size - 1], 0])
    return len(text)


def _compared(a: Any, b: Any, most: int | None = None) -> int:
    one, other = string_at(a).lower()[:most], string_at(b).lower()[:most]
    return (one > other) - (one < other)


def _ordered(a: Any, b: Any) -> int:
    one, other = string_at(a), string_at(b)
    return (one > other) - (one < other)


def _span(inside: bool) -> Callable[[Any, Any], int]:
    def span(text: Any, letters: Any) -> int:
        whole, known = string_at(text), string_at(letters)
        return next((k for k, c in enumerate(whole) if (c in known) != inside), len(whole))

    return span


def _is(test: Callable[[str], bool]) -> Callable[[int], int]:
    return lambda c: int(0 <= c < 128 and test(chr(c)))


STRING_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{"strcpy": _strcpy, "strncpy": _strncpy, "strcat": _strcat, "strncat": _strcat, "strchr": _strchr},
    **{"strrchr": _strrchr, "strstr": _strstr, "strdup": _strdup, "memcmp": _memcmp, "memchr": _memchr},
    "vsprintf": lambda to, form, given: _sprintf(to, form, arguments(given)),
    "vsnprintf": lambda to, size, form, given: _snprintf(to, size, form, arguments(given)),
    **{"sprintf": _sprintf, "snprintf": _snprintf, "strcasecmp": _compared, "getenv": lambda _: NULL},
    **{"strcspn": _span(False), "strspn": _span(True), "isalnum": _is(str.isalnum), "isupper": _is(str.isupper)},
    **{"islower": _is(str.islower), "ispunct": _is(lambda c: c.isprintable() and not c.isalnum() and c != " ")},
    "isxdigit": _is(lambda c: c in "0123456789abcdefABCDEF"),
    **{"isblank": _is(lambda c: c in " \t"), "iscntrl": _is(lambda c: not c.isprintable())},
    **{"isprint": _is(str.isprintable), "isgraph": _is(lambda c: c.isprintable() and c != " ")},
    **{"strnlen": lambda text, most: min(len(string_at(text)), most), "strncasecmp": _compared, "strcoll": _ordered},
    **{"strpbrk": _strpbrk, "strndup": _strdup, "strtok_r": next_word},
    "strerror": lambda _code: literal("an error"),
}
