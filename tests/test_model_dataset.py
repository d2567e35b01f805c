"""Data sets: variations that stay programs, random programs, what is left out, what is imported."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from chatmpi import cli
from chatmpi.analysis import tree
from chatmpi.analysis.diagnostics import UsageError
from chatmpi.analysis.parse import parse
from chatmpi.analysis.source import Source
from chatmpi.model.dataset.families import SETS, program_path
from chatmpi.model.dataset.importing import from_folder, from_pareval
from chatmpi.model.dataset.making import Unlike, Wanted, item_of, items
from chatmpi.model.dataset.random_programs import random_program
from chatmpi.model.dataset.variations import vary
from chatmpi.model.tuples import read_tuples

DOT = program_path("kernels/dot.c")


def test_the_sets_share_no_program() -> None:
    names = [name for families in SETS.values() for name in families.values()]
    assert len(names) == len(set(names))
    assert all(program_path(name).is_file() for name in names)


def test_variations_hang_on_the_seed_alone() -> None:
    program = parse(Source.read(DOT))
    assert vary(program, 1) == vary(program, 1)
    assert len({vary(program, seed) for seed in range(8)}) == 8


def test_names_of_libraries_and_members_stay() -> None:
    text = "#include <stdio.h>\nstruct point { double x, y; };\nint main(void)\n{\n    struct point p = {1.0, 2.0};\n"
    text += '    double x = p.x;\n    printf("x %g\\n", x + p.y);\n    return 0;\n}\n'
    program = parse(Source.from_str("p.c", text))
    varied = [vary(program, seed) for seed in range(6)]
    for other in varied:
        assert re.search(r"\.x;", other)
        assert 'printf("x %g' in other
        parse(Source.from_str("p.c", other))
    assert any("p.x" not in other for other in varied)


@pytest.mark.parametrize("family", sorted(SETS["train"]))
def test_variations_parse_to_the_same_program_over_other_names(family: str) -> None:
    program = parse(Source.read(program_path(SETS["train"][family])))
    varied = [parse(Source.from_str("v.c", vary(program, seed))) for seed in range(4)]
    for other in varied:
        assert _loops_and_accesses(other) == _loops_and_accesses(program)
    names = [sorted(d.symbol.name for d in _declared(p)) for p in (program, *varied)]
    assert len(set(map(tuple, names))) == len(names)


def _loops_and_accesses(program: tree.Program) -> Counter[tuple[str, int]]:
    """Loops and accesses of arrays, by how many loops are around each."""
    found: Counter[tuple[str, int]] = Counter()

    def count(node: tree.Node, depth: int) -> None:
        if isinstance(node, tree.For | tree.While | tree.Index | tree.Call):
            found[type(node).__name__, depth] += 1
        for child in tree.children(node):
            count(child, depth + isinstance(node, tree.For | tree.While))

    for function in program.functions:
        count(function.body, 0)
    return found


def _declared(program: tree.Program) -> list[tree.VarDecl]:
    roots = (*program.globals, *(f.body for f in program.functions))
    return [n for root in roots for n in tree.walk(root) if isinstance(n, tree.VarDecl)]


def test_random_programs_parse_and_are_unlike() -> None:
    unlike = Unlike()
    texts = [random_program(seed) for seed in range(20)]
    assert texts[3] == random_program(3)
    assert sum(unlike.add(text) for text in texts) >= 18
    for text in texts:
        parse(Source.from_str("r.c", text))


def test_items_have_answers_that_the_gate_accepted() -> None:
    item = item_of(Source.read(DOT), "DOT", True)
    assert item.others["verified"] in ("proved", "simulated")
    assert "MPI_Reduce" in (item.answer or "")
    assert str(item.others["program"]).strip() in item.question
    assert str(item.others["plan"]) in item.question
    assert item.others["sizes"] == ["N"]
    assert str(item.others["plan"]) not in item_of(Source.read(DOT), "DOT", False).question


def test_what_is_like_another_or_too_long_is_left_out() -> None:
    said: list[str] = []
    unlike = Unlike()
    first = list(items({"DOT": DOT}, Wanted(1), unlike, said.append))
    assert len(first) == 1
    again = list(items({"DOT": DOT}, Wanted(1), unlike, said.append))
    assert "DOT 1: like one before" in said
    assert all(item.others["program"] != first[0].others["program"] for item in again)
    assert list(items({"DOT": DOT}, Wanted(1, tokens=16), Unlike(), said.append)) == []
    assert "tokens" in said[-1]


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "data.json"
    assert cli.exit_status(["model", "dataset", str(DOT), "--each", "2", "-o", str(output)]) == 0
    assert "2 items" in capsys.readouterr().out
    assert [item.others["family"] for item in read_tuples(output, True)] == ["dot", "dot"]
    assert cli.exit_status(["model", "dataset", "-o", str(output)]) == 2


def test_committed_sets_are_apart_and_whole() -> None:
    committed = {name: read_tuples(program_path(f"{name}.json"), True) for name in SETS}
    for name, tuples in committed.items():
        assert {item.others["family"] for item in tuples} <= set(SETS[name])
        assert len({item.others["family"] for item in tuples}) >= len(SETS[name]) - 1
        assert all("MPI_Init" in (item.answer or "") for item in tuples)
    programs = [item.others["program"] for tuples in committed.values() for item in tuples]
    assert len(programs) == len(set(programs))


def test_pareval_and_pairs(tmp_path: Path) -> None:
    prompts = [
        {"prompt": "sum it", "parallelism_model": "mpi", "problem_type": "reduce", "name": "01"},
        {"prompt": "sum it", "parallelism_model": "omp", "problem_type": "reduce", "name": "01"},
    ]
    (tmp_path / "prompts.json").write_text(json.dumps(prompts))
    (found,) = from_pareval(tmp_path / "prompts.json")
    assert (found.question, found.others["family"], found.others["name"]) == ("sum it", "reduce", "01")
    for name in ("a.c", "a_mpi.c", "b.c", "serial/c.c", "mpi/c.c"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"/* {name} */\n")
    assert [(x.answer or "").strip() for x in from_folder(tmp_path)] == ["/* a_mpi.c */", "/* mpi/c.c */"]
    (tmp_path / "bad.json").write_text("[1]")
    with pytest.raises(UsageError, match="no list of ParEval's prompts"):
        from_pareval(tmp_path / "bad.json")
