"""Levels of time kept in one array, `u[3][N][M]`, as arrays of their own that pointers lead to.

    double u[3][N];                                double u_old[N], u_now[N], u_new[N];
    int old = 0, now = 1, new = 2;     becomes     double *old = u_old, *now = u_now, *new = u_new;
    … u[now][i] …                                  … now[i] …
    tmp = old; old = now; …                        tmp = old; old = now; …

A variable that is nothing but a level, set to a number first and then only to other levels, is as good as a pointer to
that level: each assignment keeps this so. Levels may also be told by one variable that turns (`cur = 1 - cur`, the
other being `u[1 - cur]`; `v = (v + 1) % 3`), or by the parity of a loop's variable (`u[t % 2]`, `u[(t + 1) % 2]`):
pointers that are exchanged where the variable turns, or after each step, are then `u[cur]` and `u[1 - cur]` at all
times. A variable that is used for more than that stays.
"""

from __future__ import annotations

from chatmpi.analysis.restyle.alternating_levels import alternating
from chatmpi.analysis.restyle.derived_levels import derived
from chatmpi.analysis.restyle.levels import level_arrays, levels_of
from chatmpi.analysis.restyle.rotating_levels import rotating
from chatmpi.analysis.restyle.shared_levels import told_apart
from chatmpi.analysis.restyle.turning_levels import turning
from chatmpi.analysis.source import Edit
from chatmpi.analysis.tree import Program


def time_levels(program: Program) -> list[Edit]:
    """The edits for one array of levels, or for variables that several arrays share."""
    main = program.function("main")
    if main is None:
        return []
    every = [x for a in level_arrays(program, main) if (x := levels_of(a, program, main)) is not None]
    first = next((edits for x in every if (edits := derived(x))), None) or told_apart(every)
    if first:
        return first
    return next((edits for x in every if (edits := rotating(x) or turning(x) or alternating(x))), [])
