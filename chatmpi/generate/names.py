"""Names for what is inserted, none of which the program uses already."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_NOT_A_NAME = re.compile(r"\W+")
_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass
class Names:
    """Hands out names; `taken` are all words of the source, comments included, and what was handed out.

    What a helper function alone uses is asked for as `dot::i_end`: it may be the same name in every function, if
    nothing at file scope has it (`everywhere`).
    """

    taken: set[str]
    everywhere: set[str] = field(default_factory=set)
    inside: dict[str, set[str]] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)
    handed_out: set[str] = field(default_factory=set)

    @classmethod
    def beside(cls, text: str) -> Names:
        return cls(set(_WORD.findall(text)))

    def fixed(self, wanted: str) -> str:
        """The name that stands for `wanted` throughout the program."""
        if wanted not in self.given:
            self.taken |= {name for mine in self.inside.values() for name in mine}
            self.given[wanted] = self.fresh(wanted)
            self.everywhere.add(self.given[wanted])
        return self.given[wanted]

    def settle(self) -> None:
        """All names handed out so far are known everywhere."""
        self.everywhere |= self.taken

    def fresh(self, wanted: str) -> str:
        scope, _, wanted = wanted.rpartition("::")
        wanted = _NOT_A_NAME.sub("_", wanted).strip("_")
        if scope:
            mine = self.inside.setdefault(scope, set())
            name = _free(wanted, self.everywhere | mine)
            mine.add(name)
            return name
        if wanted in self.taken and wanted not in self.handed_out:
            wanted = f"mpi_{wanted}"
        name = _free(wanted, self.taken)
        self.handed_out.add(wanted)
        self.taken.add(name)
        return name


def _free(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}{number}", number + 1
    return name
