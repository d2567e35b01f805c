"""How deep a text can nest, before it is parsed: libclang runs out of stack on some thousands of levels.

Brackets are no matter: clang counts these itself. What it does not count are chains, such as signs, casts, sums,
unbraced loops or `else if`.
"""

from __future__ import annotations

import re

# As deep as clang lets brackets nest. Whoever walks the tree may recurse.
DEEPEST = 256

_COUNTED = re.compile(r"[-+*/%&|^!~<>=.?:(\[]|\b(?:for|while|if|else|do|switch|case|default|sizeof)\b|(?P<end>[;{},)])")
_ELSE = re.compile(r"\s*else\b")
_BLOCK_BEFORE = re.compile(r"(?:[;:}){]|\b(?:else|do))\s*\Z")
_LOOK_BACK = 80


class NestsTooDeep(Exception):
    """The tree would get more than DEEPEST levels; `offset` is where."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


def chain_too_long(masked: str, limit: int) -> int | None:
    """Where the operators and headers that can nest in each other exceed `limit`, None if they never do."""
    chain, parentheses, outside = 0, 0, 0
    levels: list[tuple[int, int, bool]] = []
    in_list = False
    for found in _COUNTED.finditer(masked):
        token = found.group()
        if found.group("end") is None:
            chain += 1
            parentheses += token == "("
        elif token == ")":
            parentheses = max(0, parentheses - 1)
        elif token == ",":
            chain = 0 if in_list or parentheses else chain + 1
        elif token == "{":
            before = masked[max(0, found.start() - _LOOK_BACK) : found.start()]
            levels.append((chain, parentheses, in_list))
            outside += chain
            in_list = not _BLOCK_BEFORE.search(before) or (in_list and before.rstrip().endswith("{"))
            chain = parentheses = 0
        else:
            if token == "}" and levels:
                chain, parentheses, in_list = levels.pop()
                outside -= chain
            if not parentheses and not _ELSE.match(masked, found.end()):
                chain = 0
        if chain + outside > limit:
            return found.start()
    return None
