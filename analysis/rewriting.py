"""Trees with some of their parts replaced."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TypeVar

from chatmpi.analysis import tree
from chatmpi.analysis.tree import Node

AnyNode = TypeVar("AnyNode", bound=Node)


def rewritten(node: AnyNode, change: Callable[[Node], Node]) -> AnyNode:
    """The tree with `change` made at every node, from the leaves up; what does not change stays the same object."""
    parts: dict[str, object] = {}
    for name in tree.part_names(node):
        part = getattr(node, name)
        if isinstance(part, tuple):
            fresh = tuple(None if p is None else rewritten(p, change) for p in part)
            if any(a is not b for a, b in zip(fresh, part, strict=True)):
                parts[name] = fresh
        elif part is not None and (one := rewritten(part, change)) is not part:
            parts[name] = one
    changed = dataclasses.replace(node, **parts) if parts else node  # type: ignore[arg-type]
    return change(changed)  # type: ignore[return-value]
