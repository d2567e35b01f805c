"""Before and after, one pair for each behaviour: `translations/NAME.c` becomes `translations/NAME_mpi.c`.

After a wanted change, write the pairs anew with `python tests/test_translations.py` and read the diff.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from chatmpi.analysis.source import Source
from chatmpi.translate import translate

FOLDER = Path(__file__).parent / "translations"
PROGRAMS = sorted(p for p in FOLDER.glob("*.c") if not p.stem.endswith("_mpi"))


def translated(path: Path) -> str:
    return translate(Source.read(path)).source.shown


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
def test_a_program_becomes_its_pair(path: Path) -> None:
    assert translated(path) == path.with_name(f"{path.stem}_mpi.c").read_text()


if __name__ == "__main__":
    for program in PROGRAMS:
        program.with_name(f"{program.stem}_mpi.c").write_text(translated(program))
