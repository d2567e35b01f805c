"""Right MPI programs by hand, in other styles than ours, each beside its sequential program: all are accepted."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatmpi.analysis.parse import ParseOptions
from chatmpi.analysis.source import Source
from chatmpi.verify.simulate.job import Simulation
from chatmpi.verify.simulate.simulation import simulate

_FOLDER = Path(__file__).parent.parent / "corpus" / "baselines"
NAMES = sorted(p.stem.removesuffix("_mpi") for p in _FOLDER.glob("*_mpi.c"))


def simulated(name: str, old: str = "", new: str = "") -> Simulation:
    candidate = (_FOLDER / f"{name}_mpi.c").read_text()
    assert old in candidate
    sequential = Source.from_str(f"{name}.c", (_FOLDER / f"{name}.c").read_text())
    return simulate(sequential, Source.from_str(f"{name}_mpi.c", candidate.replace(old, new, 1)), ParseOptions())


def test_there_are_enough() -> None:
    assert len(NAMES) >= 12


@pytest.mark.parametrize("name", NAMES)
def test_a_baseline_is_accepted(name: str) -> None:
    found = simulated(name)
    assert found.result == "holds", found
    assert {1, 2, 3, 5} <= {ranks for _, ranks in found.runs}


def test_orders_of_messages_are_told() -> None:
    assert "all 4 at 3 ranks" in simulated("tasks_any").scope()


# A fault put into each, and what is said of it.
_FAULTS = {
    "saxpy_scatter": ("sum += counts[p];", "sum += N / size;", ""),
    "rod_isend": ("for (int i = 2; i < n; i++)", "for (int i = 1; i < n; i++)", "is read while the MPI_Irecv"),
    "rod_persistent": ("MPI_Startall(4, halo);", "MPI_Startall(2, halo);", ""),
    "ring_odd_even": ("rank % 2 == 0 && !(rank == ranks - 1)", "rank >= 0", "deadlock"),
    "plate_cartesian": ("MPI_Type_vector(rows, 1,", "MPI_Type_vector(rows - 1, 1,", ""),
    "particles_struct": (
        "MPI_Type_create_resized(inner, 0, sizeof(Particle)",
        "MPI_Type_create_resized(inner, 0, 8",
        "",
    ),
    "forces_ring": ("int from = (rank + step) % size;", "int from = rank;", ""),
    "tasks_dealt": ("status.MPI_TAG == STOP", "status.MPI_TAG == RESULT", ""),
    "tasks_any": ("status.MPI_TAG + i * size", "w + i * size", ""),
    "prefix_scan": ("MPI_Exscan(", "MPI_Scan(", ""),
    "wavefront_pipeline": ("2 * t + 1, line, MPI_STATUS_IGNORE", "2 * t, line, MPI_STATUS_IGNORE", ""),
    "plate_neighbors": ("memcpy(a[0], receive[0]", "memcpy(a[0], receive[1]", ""),
    "product_broadcast": ("(k + 1) % size, MPI_COMM_WORLD, &r)", "k % size, MPI_COMM_WORLD, &r)", ""),
    "nearest_operation": (", b[k].index = a[k].index;", ";", ""),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_fault_in_a_baseline_is_refuted(name: str) -> None:
    old, new, said = _FAULTS[name]
    found = simulated(name, old, new)
    assert found.result == "refuted", found
    assert found.refutation is not None
    assert said in found.refutation.message
