"""Translations, each made once for all tests and all workers of pytest-xdist."""

from __future__ import annotations

import contextlib
import os
import pickle
import tempfile
from functools import cache
from pathlib import Path

from chatmpi.analysis.source import Source
from chatmpi.translate import Translation, translate

FOLDER = "CHATMPI_TEST_TRANSLATIONS"  # set by conftest.py, for as long as the tests run


@cache
def translated(path: Path) -> Translation:
    """Raises what `translate` raises."""
    kept = Path(os.environ[FOLDER]) / str(path).replace("/", "%")
    with contextlib.suppress(FileNotFoundError):
        found: Translation = pickle.loads(kept.read_bytes())
        return found
    made = translate(Source.read(path))
    with tempfile.NamedTemporaryFile(dir=kept.parent, delete=False) as file:
        file.write(pickle.dumps(made))
    Path(file.name).rename(kept)
    return made
