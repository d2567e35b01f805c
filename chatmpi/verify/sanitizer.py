"""Read what AddressSanitizer and UndefinedBehaviorSanitizer say of a run."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chatmpi.analysis.source import Location, Source
from chatmpi.verify.build import written_name

_ADDRESS = re.compile(r"ERROR: AddressSanitizer: (?:attempting )?(?P<fault>[\w-]+)")
_FRAME = r"#\d+ 0x[0-9a-f]+ in \S+ \S*/{name}:(?P<line>\d+)(?::(?P<column>\d+))?"
_UNDEFINED = r"{name}:(?P<line>\d+):(?P<column>\d+): runtime error: (?P<fault>.*)"


@dataclass(frozen=True, slots=True)
class Report:
    """What the sanitizer found, and the innermost place in the program's own text."""

    message: str
    location: Location | None


def sanitizer_report(stderr: bytes, source: Source) -> Report | None:
    """The first fault that a sanitizer reports, None if there is none."""
    said = stderr.decode("utf-8", "replace")
    name = re.escape(written_name(source))
    if undefined := re.search(_UNDEFINED.format(name=name), said):
        return Report(undefined["fault"], _location(source, undefined))
    if address := _ADDRESS.search(said):
        frame = re.compile(_FRAME.format(name=name)).search(said, address.end())
        return Report(address["fault"], _location(source, frame) if frame else None)
    return None


def _location(source: Source, match: re.Match[str]) -> Location:
    column = match["column"]
    return Location(source.name, int(match["line"]), int(column) if column else 1)
