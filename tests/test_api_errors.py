"""Faulty MPI programs are found to be so, with the class and the line; right ones are not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Source
from chatmpi.judge_alone import judge_alone
from chatmpi.verify.simulate.alone import Alone, simulate_alone
from chatmpi.verify.simulate.trials import Wanted

_PROGRAMS = Path(__file__).parent / "api_errors"
_HEAD = """#include <assert.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define W MPI_COMM_WORLD
#define IGNORE MPI_STATUS_IGNORE
"""
_MAIN = """int main(int argc, char **argv) {
int rank, size;
MPI_Init(&argc, &argv);
MPI_Comm_rank(W, &rank);
MPI_Comm_size(W, &size);
"""
_END = "MPI_Finalize();\nreturn 0;\n}\n"


@dataclass(frozen=True)
class Case:
    name: str
    kind: str
    text: str

    @property
    def line(self) -> int:
        """The line to blame, 0 if it may be any."""
        return next((k for k, s in enumerate(self.text.splitlines(), 1) if "/*!*/" in s), 0)

    @property
    def ranks(self) -> tuple[int, ...]:
        found = re.search(r"/\* ranks ([\d ]+) \*/", self.text)
        return tuple(map(int, found[1].split())) if found else (2, 3)

    def simulated(self) -> Alone:
        return simulate_alone(parse(Source.from_str("a.c", self.text), ParseOptions()), self.ranks)


def cases(path: Path) -> list[Case]:
    found = []
    for part in path.read_text().split("=== ")[1:]:
        title, body = part.split("\n", 1)
        name, _, kind = title.partition(": ")
        text = _HEAD + (body if "int main(" in body else _MAIN + body + _END)
        found.append(Case(name, kind or path.stem, text))
    return found


_FILES = sorted(_PROGRAMS.glob("*.txt"))
FAULTY = [c for p in _FILES if not p.stem.startswith("right") for c in cases(p)]
RIGHT = [c for p in _FILES if p.stem.startswith("right") for c in cases(p)]


@pytest.mark.parametrize("case", FAULTY, ids=lambda c: f"{c.kind}-{c.name}".replace(" ", "-"))
def test_a_fault_is_found(case: Case) -> None:
    found = case.simulated()
    assert case.kind in {f.kind for f in found.findings}, found
    first = next(f for f in found.findings if f.kind == case.kind)
    assert case.line in (0, first.line), found


@pytest.mark.parametrize("case", RIGHT, ids=lambda c: c.name.replace(" ", "-"))
def test_right_programs_have_no_fault(case: Case) -> None:
    found = case.simulated()
    assert found.result == "clean", found
    assert not found.findings


def test_there_are_enough_programs() -> None:
    assert len(FAULTY) >= 80
    assert len(RIGHT) >= 40


def test_what_it_has_no_model_of_is_unknown() -> None:
    """Never fine: it says what and where."""
    text = f'{_HEAD}{_MAIN}MPI_Comm c;\nMPI_Comm_connect("port", MPI_INFO_NULL, 0, W, &c);\nMPI_Comm_free(&c);\n{_END}'
    found = Case("", "", text).simulated()
    assert found.result == "unknown"
    assert "MPI_Comm_connect" in found.reason
    assert text.splitlines()[found.line - 1].startswith("MPI_Comm_connect")


def test_a_rank_that_is_not_there_may_be_so_for_too_few() -> None:
    """Where there are enough, the program is right: that it needs so many is a warning."""
    send = "if (rank == 0) MPI_Send(&x, 1, MPI_INT, 3, 0, W);\n"
    receive = "if (rank == 3) MPI_Recv(&x, 1, MPI_INT, 0, 0, W, IGNORE);\n"
    found = Case("", "", f"{_HEAD}{_MAIN}int x = rank;\n{send}{receive}{_END}").simulated()
    assert found.result == "clean"
    assert found.ranks == (4, 5)
    assert [f.message for f in found.findings] == ["at 2 ranks: MPI_Send: there is no rank 3 among 2"]
    everywhere = send.replace("3", "size")
    assert Case("", "", f"{_HEAD}{_MAIN}int x = rank;\n{everywhere}{_END}").simulated().result == "faulty"


def test_what_a_text_says_of_numbers_of_ranks_proves_nothing() -> None:
    send, receive = "MPI_Send(&x, 1, MPI_INT, 1, 0, W);\n", "MPI_Recv(&x, 1, MPI_INT, 0, 0, W, IGNORE);\n"
    body = f"int x = rank;\nif (rank == 0) {send}else {receive}"
    text = f"/* run: mpirun -np 2 ./a.out */\n{_HEAD}{_MAIN}{body}{_END}"
    verdict = judge_alone(Source.from_str("a.c", text))
    assert verdict.word == "UNKNOWN"
    assert "--ranks 2" in verdict.undecided[0]
    assert judge_alone(Source.from_str("a.c", text), wanted=Wanted(ranks=(2,))).word == "CHECKED"
    assert any(w.message.startswith("at 3 ranks: deadlock") for w in verdict.warnings)
    assert judge_alone(Source.from_str("a.c", text.replace("mpirun -np 2", "two ranks"))).word == "REFUTED"


def test_more_orders_than_can_be_tried_are_unknown() -> None:
    """Eight messages of each of three ranks."""
    body = (
        "int x = rank;\nif (rank) for (int k = 0; k < 8; k++) MPI_Send(&x, 1, MPI_INT, 0, 0, W);\n"
        "else for (int k = 0; k < 24; k++) MPI_Recv(&x, 1, MPI_INT, MPI_ANY_SOURCE, 0, W, IGNORE);\n/* ranks 4 */"
    )
    found = Case("", "", _HEAD + _MAIN + body + _END).simulated()
    assert found.result == "unknown"
    assert "more than" in found.reason


def test_a_send_that_is_freed_under_way_is_warned_of() -> None:
    """It is allowed (MPI 4.1, 3.7.3)."""
    send = "if (rank == 0) { MPI_Isend(&x, 1, MPI_INT, 1, 0, W, &r); MPI_Request_free(&r); }\n"
    receive = "if (rank == 1) MPI_Recv(&x, 1, MPI_INT, 0, 0, W, IGNORE);\n"
    found = Case("", "", f"{_HEAD}{_MAIN}int x = rank;\nMPI_Request r;\n{send}{receive}{_END}").simulated()
    assert found.result == "clean"
    assert [(f.kind, f.severity) for f in found.findings] == [("request life cycle", "warning")]


def test_a_deadlock_tells_the_cycle() -> None:
    case = next(c for c in FAULTY if c.name == "a ring of receives")
    (found,) = case.simulated().findings
    assert "rank 0 (line 14, MPI_Recv from rank 1, tag 0) waits for rank 1" in found.message
    assert found.state[1] == "rank 1: line 14, MPI_Recv from rank 0, tag 0"


def test_a_program_is_run_with_the_arguments_that_its_text_states() -> None:
    main = _MAIN.replace("int rank, size;", "int rank, size, n = argc > 1 ? atoi(argv[1]) : 0;")
    body = "if (n != 41 || rank == 0) MPI_Barrier(W);\n"
    command = "/* $ mpirun -np 2 ${EXE} 40\n   $ mpirun -np 2 ${EXE} 41\n*/\n"
    (found,) = Case("", "", f"{command}{_HEAD}{main}{body}{_END}").simulated().findings
    assert found.message.startswith("with the arguments '41': ")
    assert Case("", "", f"{_HEAD}{main}{body}{_END}").simulated().result == "clean"


def test_a_made_up_argument_may_not_suit_a_program() -> None:
    main = _MAIN.replace("int rank, size;", "int rank, size, n = argc > 1 ? atoi(argv[1]) : 0;")
    found = Case("", "", f"{_HEAD}{main}MPI_Bcast(&size, 1, MPI_INT, n, W);\n{_END}").simulated()
    assert found.result == "unknown"
    assert "made-up arguments" in found.reason
