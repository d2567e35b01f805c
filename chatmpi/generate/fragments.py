"""Templates to text."""

from __future__ import annotations

import functools
from importlib import resources
from typing import Any

import jinja2

# In the order in which one may use another.
HELPERS = (
    "as_count",
    "block_begin",
    "block_owner",
    "work_before",
    "work_begin",
    "work_owner",
    "larger",
    "smaller",
    "used_begin",
    "used_owner",
    "first_step",
    "last_step",
    "rows_below",
    "allgather_rows",
    "allgather_blocks",
    "gather_blocks",
    "gather_round",
    "open_on_root",
    "share_int",
    "share_size",
    "share_time",
    "getenv_on_root",
    "share_items",
    "scan_on_root",
    "fgets_on_root",
    "fgets_for_all",
    "allgather_work",
    "allgather_used",
    "allgather_chunks",
    "packed_begin",
    "allgather_packed",
    "allgather_packed_work",
    "gather_whole",
    "add_blocks",
    "add_blocks_work",
    "column_type",
)
# The same function for blocks of equal work, and where only the first rows are dealt out.
VARIANTS = {
    "allgather_work": "allgather_blocks",
    "allgather_used": "allgather_blocks",
    "allgather_packed_work": "allgather_packed",
    "add_blocks_work": "add_blocks",
}


@functools.cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(_template),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )


def _template(name: str) -> str:
    return resources.files("chatmpi.templates").joinpath(*name.split("/")).read_text(encoding="utf-8")


def render(template: str, **values: Any) -> str:
    """The text of templates/<template>.c.j2 without its last newline."""
    return _environment().get_template(f"{template}.c.j2").render(**values).rstrip("\n")
