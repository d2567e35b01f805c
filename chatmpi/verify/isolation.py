"""Whether programs can be run without a network here, and how."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from dataclasses import dataclass

_LOOPBACK = 'ip link set lo up && exec "$@"'  # Open MPI's launcher talks to its ranks by it
_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Isolation:
    """What a command has to begin with to have no network but the loopback, and what is to be said of it."""

    prefix: tuple[str, ...]
    note: str


@functools.cache
def isolation() -> Isolation:
    """A network namespace of its own, where the system allows it."""
    unshare = shutil.which("unshare")
    if unshare is None or shutil.which("ip") is None:
        return Isolation((), "the network stays on: there is no unshare or no ip here")
    for flags in ("-n",) if os.geteuid() == 0 else ("-rn",):
        prefix = (unshare, flags, "/bin/sh", "-c", _LOOPBACK, "sh")
        if _works(prefix):
            return Isolation(prefix, "no network")
    return Isolation((), "the network stays on: the system does not allow a network namespace")


def _works(prefix: tuple[str, ...]) -> bool:
    try:
        done = subprocess.run([*prefix, "true"], capture_output=True, check=False, timeout=_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
