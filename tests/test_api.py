"""`import chatmpi`: the command line's functions for programs, and no surprise in what they take."""

import importlib
import subprocess
import sys
from pathlib import Path
from types import FunctionType

import pytest

import chatmpi

ROOT = Path(chatmpi.__file__).parents[1]

AXPY = """\
double x[100], y[100];
int main(void) {
  for (int i = 0; i < 100; i++) x[i] = y[i] = i;
  for (int i = 0; i < 100; i++) y[i] += 2.0 * x[i];
  return y[99] > 0 ? 0 : 1;
}
"""


def test_every_public_name_is_there() -> None:
    for name in chatmpi.__all__:
        assert getattr(chatmpi, name) is not None
    assert set(chatmpi.__all__) <= set(dir(chatmpi))


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'frobnicate'"):
        chatmpi.frobnicate  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize(
    "before",
    [
        "",
        "import chatmpi.translate",
        "import chatmpi.verify.run",
        "from chatmpi.verify import run",
        "from chatmpi.translate import Translation",
        "import chatmpi.api, chatmpi.cli",
    ],
)
def test_functions_stay_functions_whatever_is_imported_first(before: str) -> None:
    script = f"{before}\nimport chatmpi\nprint(*(type(getattr(chatmpi, n)).__name__ for n in ('translate', 'verify')))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["function", "function"]


def test_modules_of_those_names_can_be_imported() -> None:
    assert importlib.import_module("chatmpi.verify").__name__ == "chatmpi.verify"
    assert isinstance(chatmpi.verify, FunctionType)


def test_text_path_and_source_are_the_same_program(tmp_path: Path) -> None:
    path = tmp_path / "axpy.c"
    path.write_text(AXPY)
    plans = [chatmpi.explain(code) for code in (AXPY, path, chatmpi.Source.from_str("axpy.c", AXPY))]
    assert len({p.arrays for p in plans}) == 1
    assert all(p.is_distributed for p in plans)


def test_file_name_as_text_is_refused_with_advice() -> None:
    with pytest.raises(chatmpi.UsageError, match=r"pass pathlib\.Path\('axpy\.c'\)"):
        chatmpi.explain("axpy.c")


def test_missing_file() -> None:
    with pytest.raises(chatmpi.UnreadableInput, match="no such file"):
        chatmpi.explain(Path("none.c"))


def test_analyze_gives_what_is_known_before_anything_is_decided() -> None:
    facts = chatmpi.analyze(AXPY)
    assert facts.function.symbol.name == "main"
    with pytest.raises(chatmpi.UnreadableInput, match="main"):
        chatmpi.analyze("int f(void) { return 1; }\n")


def test_translate_gives_program_plan_and_verdict() -> None:
    translation = chatmpi.translate(AXPY)
    assert "MPI_Init" in translation.source.text
    assert translation.plan == chatmpi.explain(AXPY)
    assert translation.verdict.stage_reached() == "proved"
    assert chatmpi.verify(AXPY, translation.source).accepted


def test_translate_with_a_trial_runs_it() -> None:
    verdict = chatmpi.translate(AXPY, trial=chatmpi.Trial(ranks=(1, 2))).verdict
    assert verdict.stage_reached() == "run"
    assert [c.scope for c in verdict.checks if c.stage == "run"] == ["1 rank", "2 ranks"]


def test_options_reach_the_parser(tmp_path: Path) -> None:
    (tmp_path / "size.h").write_text("#define LENGTH COUNT\n")
    text = "#include <size.h>\n" + AXPY.replace("100", "LENGTH")
    plan = chatmpi.explain(text.replace("y[99]", "y[0]"), include_dirs=[tmp_path], defines=["COUNT=50"], standard="c99")
    assert plan.is_distributed
