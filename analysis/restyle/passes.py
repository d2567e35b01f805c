"""Programs written in other styles, spelled in the one that the analysis reads: arrays with subscripts, counted loops.

Each pass gives edits of the text; the text is parsed again after each, and places that people are told are those of
the file that they wrote.
"""

from __future__ import annotations

from collections.abc import Callable

from chatmpi.analysis.diagnostics import UnreadableInput
from chatmpi.analysis.lowering.switches import chained_switches
from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.restyle.adjusted_parameters import adjusted_parameters
from chatmpi.analysis.restyle.apart import effects_apart
from chatmpi.analysis.restyle.array_pointers import array_pointers
from chatmpi.analysis.restyle.array_typedefs import written_out_typedefs
from chatmpi.analysis.restyle.backward_gotos import without_backward_gotos
from chatmpi.analysis.restyle.chosen_targets import chosen_targets
from chatmpi.analysis.restyle.conditions_apart import conditions_apart
from chatmpi.analysis.restyle.copied_steps import copied_steps
from chatmpi.analysis.restyle.counted_loops import counted_loops
from chatmpi.analysis.restyle.declared_apart import declared_apart
from chatmpi.analysis.restyle.displaced_matrices import displaced_matrices
from chatmpi.analysis.restyle.displaced_vectors import displaced_vectors
from chatmpi.analysis.restyle.distinct_names import distinct_names
from chatmpi.analysis.restyle.early_frees import early_frees
from chatmpi.analysis.restyle.element_counts import element_counts
from chatmpi.analysis.restyle.exchanged_arrays import exchanged_arrays
from chatmpi.analysis.restyle.failure_flags import failure_flags
from chatmpi.analysis.restyle.first_apart import first_apart
from chatmpi.analysis.restyle.gotos import without_gotos
from chatmpi.analysis.restyle.headers import plain_headers
from chatmpi.analysis.restyle.index_tables import index_tables
from chatmpi.analysis.restyle.induction import closed_forms
from chatmpi.analysis.restyle.listed_memory import listed_memory
from chatmpi.analysis.restyle.macro_uses import declarations_of_macros, jumps_of_macros, loops_of_macros
from chatmpi.analysis.restyle.made_by_caller import made_by_caller
from chatmpi.analysis.restyle.member_functions import member_functions
from chatmpi.analysis.restyle.merged_updates import merged_updates
from chatmpi.analysis.restyle.mirrored_halves import mirrored_halves
from chatmpi.analysis.restyle.named_sizes import named_sizes
from chatmpi.analysis.restyle.numbered_levels import numbered_levels
from chatmpi.analysis.restyle.once import blocks_done_once
from chatmpi.analysis.restyle.one_entry import one_entry
from chatmpi.analysis.restyle.one_function import one_function
from chatmpi.analysis.restyle.own_values import own_values
from chatmpi.analysis.restyle.pointer_offsets import offset_pointers
from chatmpi.analysis.restyle.pointer_sums import pointer_sums
from chatmpi.analysis.restyle.pointer_tables import without_pointer_tables
from chatmpi.analysis.restyle.row_swaps import row_swaps
from chatmpi.analysis.restyle.single_steps import single_steps
from chatmpi.analysis.restyle.static_locals import static_locals
from chatmpi.analysis.restyle.struct_arrays import member_arrays
from chatmpi.analysis.restyle.table_loops import table_loops
from chatmpi.analysis.restyle.table_members import table_members
from chatmpi.analysis.restyle.table_tests import table_tests
from chatmpi.analysis.restyle.tested_memory import tested_memory
from chatmpi.analysis.restyle.time_levels import time_levels
from chatmpi.analysis.restyle.typed_contexts import typed_contexts
from chatmpi.analysis.restyle.upward_frees import upward_frees
from chatmpi.analysis.source import Edit, OverlappingEdits, edited
from chatmpi.analysis.tree import Program

PASSES: tuple[Callable[[Program], list[Edit]], ...] = (
    distinct_names,
    static_locals,
    jumps_of_macros,
    without_backward_gotos,
    without_gotos,
    effects_apart,
    early_frees,
    chosen_targets,
    declared_apart,
    listed_memory,
    tested_memory,
    failure_flags,
    conditions_apart,
    written_out_typedefs,
    one_function,
    one_entry,
    member_functions,
    typed_contexts,
    declarations_of_macros,
    array_pointers,
    merged_updates,
    loops_of_macros,
    element_counts,
    blocks_done_once,
    table_loops,
    table_tests,
    table_members,
    without_pointer_tables,
    plain_headers,
    time_levels,
    numbered_levels,
    exchanged_arrays,
    displaced_matrices,
    displaced_vectors,
    adjusted_parameters,
    pointer_sums,
    offset_pointers,
    row_swaps,
    counted_loops,
    first_apart,
    own_values,
    index_tables,
    upward_frees,
    copied_steps,
    closed_forms,
    made_by_caller,
    member_arrays,
    named_sizes,
    mirrored_halves,
    single_steps,
)
_ROUNDS = 60


Pass = Callable[[Program], list[Edit]]


def restyled(program: Program, options: ParseOptions, without: Pass | None = None) -> Program:
    """The program as the analysis reads it best; the same where nothing is to be done; `without` one of the passes.

    A pass whose edits do not go together, or are no program, is left out.
    """
    current, passes = program, [one for one in PASSES if one is not without]
    for _ in range(_ROUNDS):
        read = chained_switches(current)
        chosen = next(((one, found) for one in passes if (found := one(read))), None)
        if chosen is None:
            return current
        try:
            current = parse(edited(current.source, list(dict.fromkeys(chosen[1]))), options)
        except (OverlappingEdits, UnreadableInput):
            passes.remove(chosen[0])
    return current
