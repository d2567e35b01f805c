"""How a program is to be read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ParseOptions:
    """`defines` are written `NAME` or `NAME=VALUE`; `standard` as in `-std`."""

    include_dirs: tuple[str, ...] = ()
    defines: tuple[str, ...] = ()
    standard: str | None = None


AS_USUAL = ParseOptions()
