"""chatmpi: from a sequential C program to a verified MPI program.

The library is the command line's own functions:

    >>> from pathlib import Path
    >>> import chatmpi
    >>> plan = chatmpi.explain(Path("heat.c"))              # the decomposition, as `chatmpi explain` prints it
    >>> translation = chatmpi.translate(Path("heat.c"))     # the MPI program, its plan and its verdict
    >>> verdict = chatmpi.verify(Path("heat.c"), Path("heat_mpi.c"))

A `str` is C source text, a `pathlib.Path` is a file, a `Source` is taken as it is. Every error that chatmpi
raises on purpose is a `ChatmpiError`.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatmpi.analysis.diagnostics import (
        ChatmpiError,
        Diagnostic,
        NothingDistributed,
        Refuted,
        UnreadableInput,
        UsageError,
    )
    from chatmpi.analysis.source import Source
    from chatmpi.api import analyze, explain, translate, verify
    from chatmpi.plan.plan import Plan
    from chatmpi.translate import Translation
    from chatmpi.verify.run import Trial
    from chatmpi.verify.verdict import Verdict

__version__ = "0.1.0"

__all__ = [
    "ChatmpiError",
    "Diagnostic",
    "NothingDistributed",
    "Plan",
    "Refuted",
    "Source",
    "Translation",
    "Trial",
    "UnreadableInput",
    "UsageError",
    "Verdict",
    "__version__",
    "analyze",
    "explain",
    "translate",
    "verify",
]

# Where each name lives: imported when first used (PEP 562), so that `chatmpi --help` need not load the analysis.
_HOMES = {
    "analyze": "chatmpi.api",
    "explain": "chatmpi.api",
    "translate": "chatmpi.api",
    "verify": "chatmpi.api",
    "Translation": "chatmpi.translate",
    "Trial": "chatmpi.verify.run",
    "Plan": "chatmpi.plan.plan",
    "Verdict": "chatmpi.verify.verdict",
    "Source": "chatmpi.analysis.source",
    "Diagnostic": "chatmpi.analysis.diagnostics",
    "ChatmpiError": "chatmpi.analysis.diagnostics",
    "UnreadableInput": "chatmpi.analysis.diagnostics",
    "UsageError": "chatmpi.analysis.diagnostics",
    "NothingDistributed": "chatmpi.analysis.diagnostics",
    "Refuted": "chatmpi.analysis.diagnostics",
}


if not TYPE_CHECKING:  # type checkers read the imports above, and complain of names that are not there

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module 'chatmpi' has no attribute {name!r}")
        found = getattr(importlib.import_module(_HOMES[name]), name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted(__all__)


class _Package(ModuleType):
    """`chatmpi.translate` and `chatmpi.verify` are the functions, although modules bear these names too.

    Importing a submodule binds it as an attribute of its package; for these two names that is not let happen.
    `from chatmpi.verify.run import …` works as ever.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if name in _HOMES and isinstance(value, ModuleType):
            return
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
