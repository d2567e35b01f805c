"""Where C headers are found: chatmpi's own, and those of the system's compiler."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from pathlib import Path

_OWN = Path(__file__).resolve().parent / "headers"
MPI = str(_OWN / "mpi")
STANDARD = str(_OWN / "standard")
_COMPILERS = ("cc", "gcc", "clang")
_BEGIN, _END = "#include <...> search starts here:", "End of search list."


@functools.cache
def system_directories() -> tuple[str, ...]:
    """The directories that the system's C compiler searches, none where there is no compiler."""
    compiler = next((found for name in _COMPILERS if (found := shutil.which(name))), None)
    if compiler is None:
        return ()
    try:
        ran = subprocess.run(
            [compiler, "-E", "-v", "-x", "c", os.devnull],
            env={**os.environ, "LC_ALL": "C"},
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    _, _, listed = ran.stderr.partition(_BEGIN)
    listed, _, _ = listed.partition(_END)
    return tuple(line.strip() for line in listed.splitlines() if line.strip())
