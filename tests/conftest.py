"""What the tests share."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
import translating
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # how long an example takes depends on what else runs
settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    """A folder for translations; workers of pytest-xdist inherit it."""
    if translating.FOLDER not in os.environ:
        folder = tempfile.TemporaryDirectory(prefix="chatmpi-tests-")
        os.environ[translating.FOLDER] = folder.name
        config.add_cleanup(folder.cleanup)


@pytest.fixture(scope="session")
def executables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of compiled programs, one for all workers of pytest-xdist."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "executables"
