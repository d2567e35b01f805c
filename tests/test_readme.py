"""The README shows what chatmpi really prints."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

import chatmpi
from chatmpi import cli

ROOT = Path(chatmpi.__file__).parents[1]
README = (ROOT / "README.md").read_text()
EXAMPLE = ROOT / "corpus" / "serial" / "stencil" / "jacobi_swap.c"

# `<!-- prints: chatmpi … -->` and a block: the whole output. `<!-- prints among others: … -->`: lines of it.
SHOWN = re.findall(r"<!-- prints( among others)?: chatmpi ([^\n]*) -->\n```\w*\n(.*?)```\n", README, re.DOTALL)


@pytest.mark.parametrize(("part", "arguments", "shown"), SHOWN, ids=[arguments for _, arguments, _ in SHOWN])
def test_output_in_the_readme_is_real(
    part: str,
    arguments: str,
    shown: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copy(EXAMPLE, tmp_path)
    monkeypatch.chdir(tmp_path)
    assert cli.exit_status(shlex.split(arguments)) == 0
    said = capsys.readouterr().out
    assert shown in said if part else shown == said


def test_the_readme_has_examples() -> None:
    assert len(SHOWN) >= 2


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_every_option_is_in_the_readme(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.exit_status([command, "--help"]) == 0
    options = re.findall(r"^  (--?[\w-]+)", capsys.readouterr().out, re.MULTILINE)
    assert options
    assert [option for option in options if option not in README and option != "-h"] == []


def test_every_exit_status_is_in_the_readme() -> None:
    for status in (*re.findall(r"^  (\d)", cli.EXIT_STATUSES, re.MULTILINE), str(cli.INTERNAL_ERROR)):
        assert re.search(rf"^\| {status} \|", README, re.MULTILINE)
