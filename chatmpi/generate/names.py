"""Names for what is inserted, none of which the program uses already."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_WORD = re.compile(r"[A-Za-z_]\w*")
_NO_WORD = re.compile(r"\W+")


@dataclass
class Names:
    """Hands out names; `taken` are all words of the source, comments included, and what was handed out."""

    taken: set[str]
    given: dict[str, str] = field(default_factory=dict)
    handed_out: set[str] = field(default_factory=set)

    @classmethod
    def beside(cls, text: str) -> Names:
        return cls(set(_WORD.findall(text)))

    def fixed(self, wanted: str) -> str:
        """The name that stands for `wanted` throughout the program."""
        if wanted not in self.given:
            self.given[wanted] = self.fresh(wanted)
        return self.given[wanted]

    def fresh(self, wanted: str) -> str:
        wanted = _NO_WORD.sub("_", wanted)  # `g.u` is a variable's name too
        name, number = wanted, 2
        if name in self.taken and wanted not in self.handed_out:
            name = wanted = f"mpi_{wanted}"
        while name in self.taken:
            name, number = f"{wanted}{number}", number + 1
        self.handed_out.add(wanted)
        self.taken.add(name)
        return name
