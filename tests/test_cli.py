"""The command line as a person meets it: what is written where, what is said, and the exit status."""

import dataclasses
import io
import json
import os
import pty
import re
import resource
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import chatmpi
from chatmpi import api, cli
from chatmpi.generate.mark import GENERATED_MARK
from chatmpi.translate import Translation
from chatmpi.translate import translate as right

ROOT = Path(chatmpi.__file__).parents[1]

HEAT = """\
#include <stdio.h>
#define N 64
double u[N], v[N];
int main(void) {
  for (int i = 0; i < N; i++) u[i] = i % 5;
  for (int i = 1; i < N - 1; i++) v[i] = 0.5 * (u[i - 1] + u[i + 1]);
  double largest = 0.0;
  for (int i = 1; i < N - 1; i++) if (v[i] > largest) largest = v[i];
  printf("%g\\n", largest);
  return 0;
}
"""

RECURRENCE = """\
#include <stdio.h>
double x[100];
int main(void) {
  x[0] = 1.0;
  for (int i = 1; i < 100; i++) x[i] = 0.5 * x[i - 1] + 1.0;
  printf("%g\\n", x[99]);
  return 0;
}
"""


@dataclass(frozen=True)
class Said:
    status: int
    out: str
    err: str


class Person:
    """Types commands in a folder that holds heat.c and recurrence.c."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys
        (folder / "heat.c").write_text(HEAT)
        (folder / "recurrence.c").write_text(RECURRENCE)

    def types(self, *arguments: str) -> Said:
        status = cli.exit_status(list(arguments))
        captured = self.capsys.readouterr()
        assert "Traceback" not in captured.err
        return Said(status, captured.out, captured.err)

    def files(self) -> list[str]:
        return sorted(str(p.relative_to(self.folder)) for p in self.folder.rglob("*") if p.is_file())

    def refused(self, status: int, *arguments: str) -> str:
        """What is said on standard error when a command is refused: nothing is printed, nothing written."""
        before = [(p, (self.folder / p).read_bytes()) for p in self.files()]
        said = self.types(*arguments)
        assert (said.status, said.out) == (status, "")
        assert [(p, (self.folder / p).read_bytes()) for p in self.files()] == before
        return said.err


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Person:
    monkeypatch.chdir(tmp_path)
    return Person(tmp_path, capsys)


def process(*arguments: str, folder: Path, **settings: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "chatmpi", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | settings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=_hear_interrupts,
    )


def _hear_interrupts() -> None:
    """Background jobs of a shell start with interrupts ignored; a person's own command does not."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


# ------------------------------------------------------------------------------------------------- help


def test_help_names_the_commands_and_the_exit_statuses(person: Person) -> None:
    said = person.types("--help")
    assert said.status == 0
    for word in ("translate", "explain", "verify", "Exit status", "refuted"):
        assert word in said.out


@pytest.mark.parametrize("command", ["translate", "explain", "verify"])
def test_each_command_has_help(person: Person, command: str) -> None:
    said = person.types(command, "--help")
    assert said.status == 0
    assert said.out.startswith(f"Usage: chatmpi {command} [OPTIONS]")


def test_version(person: Person) -> None:
    assert person.types("--version").out == f"chatmpi, version {chatmpi.__version__}\n"


def test_help_loads_neither_parser_nor_sets() -> None:
    script = "import sys, chatmpi.cli; chatmpi.cli.exit_status(['--help']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"clang", "islpy", "jinja2", "networkx", "chatmpi.api"} & set(done.stderr.split())


def test_help_is_quick() -> None:
    """The processor's time, which other processes on the machine do not lengthen as they do the clock's."""

    def seconds() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "chatmpi", "--help"], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime

    assert min(seconds() for _ in range(5)) < 0.25


# ---------------------------------------------------------------------------------------------- explain


def test_explain_for_people(person: Person) -> None:
    said = person.types("explain", "heat.c")
    assert (said.status, said.err) == (0, "")
    for line in ("Arrays", "Loops", "Communication"):
        assert line in said.out.splitlines()
    assert re.search(r"halo of u, 1 below, 1 above", said.out)
    assert max(map(len, said.out.splitlines())) <= 100
    assert "\x1b" not in said.out


def test_explain_as_json_is_the_plan(person: Person) -> None:
    said = person.types("explain", "heat.c", "--format", "json")
    assert said.status == 0
    assert json.loads(said.out)["version"] == 1
    assert {a["name"] for a in json.loads(said.out)["arrays"]} == {"u", "v"}


def test_explain_where_nothing_can_be_distributed_says_why(person: Person) -> None:
    said = person.types("explain", "recurrence.c")
    assert said.status == 3
    assert "nothing can be distributed" in said.out
    assert re.search(r"recurrence\.c:5:\d+: \[flow\]", said.out)
    assert "for (int i = 1; i < 100; i++) x[i]" in said.out


def test_explain_in_colour_on_a_terminal_only(person: Person) -> None:
    def on_a_terminal(**settings: str) -> str:
        ours, theirs = pty.openpty()
        environment = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
        job = subprocess.Popen(
            [sys.executable, "-m", "chatmpi", "explain", "heat.c"],
            cwd=person.folder,
            env=environment | {"PYTHONPATH": str(ROOT), "TERM": "xterm"} | settings,
            stdin=subprocess.DEVNULL,
            stdout=theirs,
        )
        os.close(theirs)
        said = b""
        try:
            while piece := os.read(ours, 4096):
                said += piece
        except OSError:  # Linux says so when the other end is closed
            pass
        os.close(ours)
        assert job.wait() == 0
        return said.decode()

    assert "\x1b[" in on_a_terminal()
    assert "\x1b[" not in on_a_terminal(NO_COLOR="1")


# -------------------------------------------------------------------------------------------- translate


def test_translate_writes_beside_the_source(person: Person) -> None:
    said = person.types("translate", "heat.c")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("heat.c -> heat_mpi.c\n")
    assert "verdict: PROVED" in said.out
    assert "for all sizes, ranks and block boundaries" in " ".join(said.out.split())
    written = (person.folder / "heat_mpi.c").read_text()
    assert GENERATED_MARK in "".join(written.splitlines(keepends=True)[:10])
    assert "MPI_Init" in written
    assert (person.folder / "heat.c").read_text() == HEAT
    assert person.files() == ["heat.c", "heat_mpi.c", "recurrence.c"]


def test_translate_again_replaces_what_chatmpi_wrote(person: Person) -> None:
    assert person.types("translate", "heat.c").status == 0
    assert person.types("translate", "heat.c").status == 0


def test_translate_to_standard_output(person: Person) -> None:
    said = person.types("translate", "heat.c", "-o", "-")
    assert said.status == 0
    assert "MPI_Init" in said.out
    assert "verdict" not in said.out
    assert "verdict: PROVED" in said.err
    assert person.files() == ["heat.c", "recurrence.c"]


def test_translate_elsewhere(person: Person) -> None:
    (person.folder / "out").mkdir()
    assert person.types("translate", "heat.c", "-o", "out/parallel.c").status == 0
    assert "MPI_Init" in (person.folder / "out" / "parallel.c").read_text()


def test_diff_makes_the_program_with_patch(person: Person) -> None:
    program = person.types("translate", "heat.c", "-o", "-").out
    said = person.types("translate", "heat.c", "--diff")
    assert said.status == 0
    assert said.out.startswith("--- heat.c\n+++ heat_mpi.c\n@@ ")
    assert "verdict: PROVED" in said.err
    assert person.files() == ["heat.c", "recurrence.c"]
    assert applied(HEAT, said.out) == program


def applied(before: str, diff: str) -> str:
    """The text that a unified diff makes of another (what `patch` does)."""
    old, new, position = before.splitlines(keepends=True), [], 0
    for line in diff.splitlines(keepends=True)[2:]:
        if hunk := re.match(r"@@ -(\d+)", line):
            new += old[position : int(hunk[1]) - 1]
            position = int(hunk[1]) - 1
        elif line.startswith("+"):
            new.append(line[1:])
        else:
            assert old[position] == line[1:]
            new += [line[1:]] if line.startswith(" ") else []
            position += 1
    return "".join(new + old[position:])


def test_diff_of_a_file_without_a_last_newline(person: Person) -> None:
    (person.folder / "heat.c").write_text(HEAT.rstrip("\n"))
    said = person.types("translate", "heat.c", "--diff")
    assert said.status == 0
    assert "\\ No newline at end of file\n" in said.out


def test_plan_goes_out_and_comes_back(person: Person) -> None:
    plan = person.types("explain", "heat.c", "--format", "json").out
    (person.folder / "plan.json").write_text(plan)
    usual = person.types("translate", "heat.c", "-o", "-").out
    assert person.types("translate", "heat.c", "-o", "-", "--plan", "plan.json").out == usual


def test_source_in_another_encoding_keeps_its_bytes(person: Person) -> None:
    comment = "/* Wärme, Größe */\n".encode("latin-1")
    (person.folder / "heat.c").write_bytes(comment + HEAT.encode())
    assert person.types("translate", "heat.c").status == 0
    assert comment.strip() in (person.folder / "heat_mpi.c").read_bytes()


def test_translate_and_run(person: Person) -> None:
    said = person.types("translate", "heat.c", "--run", "1,3", "--define", "N=17")
    assert (said.status, said.err) == (0, "")
    assert "for 1 rank, N=17; 3 ranks, N=17" in " ".join(said.out.split())
    assert "#define N 64" in (person.folder / "heat_mpi.c").read_text()


def test_nothing_distributed(person: Person) -> None:
    said = person.refused(3, "translate", "recurrence.c")
    assert "recurrence.c:5:" in said
    assert "for (int i = 1; i < 100; i++) x[i]" in said


def test_refuted_run_writes_nothing(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(source: chatmpi.Source, *others: Any) -> Translation:
        translation = right(source, *others)
        text = translation.source.text.replace('printf("%g\\n", largest)', 'printf("%g\\n", largest + 1)')
        assert text != translation.source.text
        return dataclasses.replace(translation, source=chatmpi.Source(translation.source.name, text))

    monkeypatch.setattr(api, "translate_program", wrong)
    said = person.refused(4, "translate", "heat.c", "--run", "2")
    assert "standard output differs: line 1" in said
    assert said.endswith("chatmpi: note: nothing is written\n")
    assert "2 ranks" in said


# ----------------------------------------------------------------------------------------------- verify


def test_verify_accepts_what_translate_wrote(person: Person) -> None:
    person.types("translate", "heat.c")
    said = person.types("verify", "heat.c", "heat_mpi.c")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("verdict: PROVED ")


def test_verify_refutes_a_broken_program(person: Person) -> None:
    person.types("translate", "heat.c")
    path = person.folder / "heat_mpi.c"
    broken = re.sub(r"(?s)\n[^\n]*MPI_Sendrecv.*?;\n", "\n", path.read_text(), count=1)
    assert broken != path.read_text()
    path.write_text(broken)
    said = person.types("verify", "heat.c", "heat_mpi.c")
    assert said.status == 4
    assert said.out.startswith("verdict: REFUTED ")
    as_json = person.types("verify", "heat.c", "heat_mpi.c", "--format", "json")
    assert as_json.status == 4
    content = json.loads(as_json.out)
    assert content["accepted"] is False
    assert content["verdict"] == "REFUTED"
    assert content["counterexamples"][0]["message"] in said.out


def test_verify_an_mpi_program_alone(person: Person) -> None:
    person.types("translate", "heat.c")
    said = person.types("verify", "heat_mpi.c", "--ranks", "2", "--size", "N=5")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("verdict: CHECKED ")
    path = person.folder / "heat_mpi.c"
    path.write_text(path.read_text().replace("MPI_Finalize();", ""))
    said = person.types("verify", "heat_mpi.c", "--ranks", "2", "--size", "N=5")
    assert said.status == 4
    assert "ends without MPI_Finalize [call ordering and matching]" in said.out
    (found,) = json.loads(person.types("verify", "heat_mpi.c", "--format", "json").out)["counterexamples"]
    assert found["kind"] == "call ordering and matching"


def test_verify_and_run(person: Person) -> None:
    person.types("translate", "heat.c")
    said = person.types("verify", "heat.c", "heat_mpi.c", "--run", "2", "--define", "N=9", "--format", "json")
    assert said.status == 0
    runs = [c for c in json.loads(said.out)["checks"] if c["stage"] == "run"]
    assert [c["scope"] for c in runs] == ["2 ranks, N=9"]


# ----------------------------------------------------------------------------------------- bad requests


@pytest.mark.parametrize("command", ["translate", "explain"])
@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.c", None, "'none.c' no such file"),
        ("empty.c", b"", "empty"),
        ("rubbish.c", bytes(range(256)) * 16, "error"),
        ("elf.c", b"\x7fELF\x02\x01\x01" + b"\0" * 64, "not text"),
        ("syntax.c", b"int main(void) {\n  int x = ;\n  return 0;\n}\n", "syntax.c:2:11: error: "),
        ("header.c", b'#include "none.h"\nint main(void) { return 0; }\n', "header.c:1:10: error: "),
        ("plus.c", b"#include <iostream>\nint main() { std::cout << 1; }\n", "C++"),
        ("deep.c", b"int main(void) { return " + b"(" * 10000 + b"1" + b")" * 10000 + b"; }\n", "nest"),
    ],
)
def test_bad_input_gives_one_clear_message(
    person: Person, command: str, name: str, content: bytes | None, message: str
) -> None:
    if content is not None:
        (person.folder / name).write_bytes(content)
    said = person.refused(1, command, name)
    assert message in said
    assert 0 < len(said.splitlines()) <= 25


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("int f(int x) { return x; }\n", "has no main function: chatmpi translates whole programs"),
        ("#include <mpi.h>\nint main(void) { MPI_Init(0, 0); return MPI_Finalize(); }\n", "uses MPI already"),
    ],
)
def test_program_that_is_not_translated_at_all(person: Person, text: str, message: str) -> None:
    (person.folder / "other.c").write_text(text)
    assert message in person.refused(3, "translate", "other.c")
    said = person.types("explain", "other.c")
    assert (said.status, said.err) == (3, "")
    assert "other.c: nothing can be distributed" in said.out
    assert message in said.out


def test_directory_as_input(person: Person) -> None:
    (person.folder / "folder.c").mkdir()
    assert "is a directory" in person.refused(1, "translate", "folder.c")


def test_syntax_error_shows_line_and_caret(person: Person) -> None:
    (person.folder / "bad.c").write_text("int main(void) {\n  int x = ;\n}\n")
    first, line, caret, *_ = person.refused(1, "explain", "bad.c").splitlines()
    assert first.startswith("bad.c:2:11: error: ")
    assert (line, caret) == ("    int x = ;", "            ^")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["frobnicate"], "No such command 'frobnicate'"),
        (["translate"], "Missing argument 'FILE'"),
        (["translate", "heat.c", "--frob"], "No such option"),
        (["translate", "heat.c", "--run", "0"], "from 1 to 256"),
        (["translate", "heat.c", "--run", "x"], "'x' is not a number of ranks"),
        (["translate", "heat.c", "--run", "-2"], "'-2' is not a number of ranks"),
        (["translate", "heat.c", "--run", "1,,2"], "'1,,2' is not a number of ranks"),
        (["translate", "heat.c", "--run", "100000"], "from 1 to 256"),
        (["translate", "heat.c", "--run", "2", "--define", "N"], "'N' is not NAME=VALUE"),
        (["translate", "heat.c", "--run", "2", "--define", "N=ten"], "'N=ten' is not NAME=VALUE"),
        (["translate", "heat.c", "--run", "2", "--define", "N=1", "--define", "N=2"], "'N' is given 2 times"),
        (["translate", "heat.c", "--run", "2", "--define", "K=1"], "no size 'K'"),
        (["translate", "heat.c", "--run", "2", "--args", "'open"], "No closing quotation"),
        (["translate", "heat.c", "--run", "2", "--stdin", "none"], "does not exist"),
        (["translate", "heat.c", "--run", "2", "--timeout", "0"], "0 is not in the range"),
        (["translate", "heat.c", "--define", "N=10"], "need --run"),
        (["translate", "heat.c", "--args", "10"], "needs --run"),
        (["translate", "heat.c", "-D", "3=x"], "'3=x' is not NAME or NAME=VALUE"),
        (["translate", "heat.c", "-o", "heat.c"], "the input itself"),
        (["translate", "heat.c", "-o", "heat.c", "--force"], "the input itself"),
        (["translate", "heat.c", "-o", "."], "directory"),
        (["translate", "heat.c", "-o", "recurrence.c"], "did not generate it"),
        (["translate", "heat.c", "-o", "none/out.c"], "no folder"),
        (["translate", "heat.c", "-o", "x.c", "--diff"], "--diff"),
        (["translate", "heat.c", "--plan", "none.json"], "cannot be read"),
        (["translate", "heat.c", "--plan", "heat.c"], "the plan is not JSON"),
        (["explain", "heat.c", "--format", "xml"], "'xml' is not one of"),
        (["verify"], "Missing argument 'SEQUENTIAL'"),
        (["verify", "heat.c"], "heat.c calls no MPI function"),
    ],
)
def test_request_that_makes_no_sense(person: Person, arguments: list[str], message: str) -> None:
    assert message in person.refused(2, *arguments)


def test_output_through_a_link_to_the_input(person: Person) -> None:
    (person.folder / "link.c").symlink_to("heat.c")
    (person.folder / "hard.c").hardlink_to(person.folder / "heat.c")
    for name in ("link.c", "hard.c"):
        assert "the input itself" in person.refused(2, "translate", "heat.c", "-o", name, "--force")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_output_in_a_folder_that_is_not_ours(person: Person) -> None:
    (person.folder / "theirs").mkdir(mode=0o555)
    assert "Permission denied" in person.refused(2, "translate", "heat.c", "-o", "theirs/out.c")


def test_standard_output_that_is_full(person: Person) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "chatmpi", "explain", "heat.c"],
            cwd=person.folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.decode() == "chatmpi: error: writing the output: No space left on device\n"


def test_standard_output_that_is_closed(person: Person) -> None:
    command = f"{sys.executable} -m chatmpi explain heat.c >&-"
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=person.folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_terminal_that_cannot_show_every_letter(person: Person) -> None:
    (person.folder / "bad.c").write_text("int main(void) { int gr€ = ; }\n")
    job = process("explain", "bad.c", folder=person.folder, PYTHONIOENCODING="latin-1")
    out, err = job.communicate()
    assert (job.returncode, out) == (1, b"")
    assert b"int gr? = ;" in err


def test_reader_that_goes_away(person: Person) -> None:
    job = process("explain", "heat.c", folder=person.folder)
    assert job.stdout is not None
    assert job.stderr is not None
    job.stdout.close()
    assert job.stderr.read() == b""
    assert job.wait() == -signal.SIGPIPE
    job.stderr.close()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_run_leaves_nothing(person: Person, number: signal.Signals, status: int) -> None:
    endless = HEAT.replace("return 0;", "volatile int on = 1; while (on) { }  return 0;")
    (person.folder / "endless.c").write_text(endless)
    temporary = person.folder / "tmp"
    temporary.mkdir()
    job = process("translate", "endless.c", "--run", "2", folder=person.folder, TMPDIR=str(temporary))
    deadline = time.monotonic() + 60
    while not list(temporary.rglob("stdout.0")) and time.monotonic() < deadline:
        time.sleep(0.05)
    job.send_signal(number)
    out, err = job.communicate(timeout=60)
    assert job.returncode == status
    assert (out, err.strip()) == (b"", b"")
    assert list(temporary.iterdir()) == []
    assert "endless_mpi.c" not in person.files()


# -------------------------------------------------------------------------------------- our own mistakes


def fail_inside(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object, **named: object) -> None:
        raise error

    monkeypatch.setattr(api, "explain", broken)


def test_internal_error_is_one_line(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHATMPI_DEBUG", raising=False)
    fail_inside(KeyError("oops"), monkeypatch)
    said = person.refused(70, "explain", "heat.c")
    assert said.startswith("chatmpi: error: internal error: KeyError: 'oops'; please report it")
    assert len(said.splitlines()) == 1


def test_debugging_shows_the_traceback(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHATMPI_DEBUG", "1")
    (tmp_path / "heat.c").write_text(HEAT)
    fail_inside(KeyError("oops"), monkeypatch)
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    assert cli.exit_status(["explain", str(tmp_path / "heat.c")]) == 70
    assert "Traceback" in said.getvalue()


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (RecursionError(), 1, "nested too deeply"),
        (MemoryError(), 1, "not enough memory"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_other_ends(
    person: Person, monkeypatch: pytest.MonkeyPatch, error: BaseException, status: int, message: str
) -> None:
    fail_inside(error, monkeypatch)
    assert message in person.refused(status, "explain", "heat.c")
