"""The values of C's numbers and strings as they are written."""

from __future__ import annotations

import re

_INTEGER = re.compile(r"(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)[uUlL]*\Z")
_NUMBER = re.compile(r"\.?\d(?:[eEpP][+-]|[\w.])*")
_STRING = re.compile(r'(?:u8|[LuU])?"(.*)"\Z', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:([0-7]{1,3})|x([0-9a-fA-F]+)|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_SIMPLE_ESCAPES = dict(zip("abfnrtv", "\a\b\f\n\r\t\v", strict=True))


def number_at(text: str, offset: int) -> str | None:
    """The number token that begins at `offset`."""
    found = _NUMBER.match(text, offset)
    return found.group() if found else None


def integer_value(token: str) -> int | None:
    """The value of an integer constant; None if the token is not one."""
    found = _INTEGER.match(token)
    if found is None:
        return None
    digits = found.group(1)
    if digits[:2].lower() in ("0x", "0b"):
        return int(digits, 0)
    return int(digits, 8 if digits.startswith("0") else 10)


def floating_value(token: str) -> float:
    """The value of a floating constant, hexadecimal ones and imaginary ones too; 0.0 if the token is not one."""
    digits = token.rstrip("fFlLiIjJ") if not token.lower().startswith("0x") else token.rstrip("lLiIjJ")
    try:
        return float.fromhex(digits.rstrip("fF")) if "p" in digits.lower() else float(digits)
    except ValueError:
        return 0.0


def string_value(written: str) -> str:
    """The characters of a string literal, of bytes where it is not a wide one; "" if it is none."""
    found = _STRING.match(written)
    return _ESCAPE.sub(_escaped, found.group(1)) if found else ""


def _escaped(escape: re.Match[str]) -> str:
    octal, hexadecimal, short, long, simple = escape.groups()
    if octal:
        return chr(int(octal, 8))
    if digits := hexadecimal or short or long:
        return chr(int(digits, 16))
    return _SIMPLE_ESCAPES.get(simple, simple)
