"""Writing the program: never over the input, all or nothing, not over somebody's own work."""

import os
import stat
from pathlib import Path

import pytest

from chatmpi.analysis.diagnostics import UsageError
from chatmpi.commands.destination import Destination, default_path, destination
from chatmpi.generate.mark import GENERATED_MARK

OURS = f"/* {GENERATED_MARK} from heat.c */\nint main(void) {{ return 0; }}\n".encode()
THEIRS = b"int main(void) { return 1; }\n"
NEW = b"int main(void) { return 2; }\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "heat.c"
    path.write_bytes(THEIRS)
    return path


def refused(path: Path, source: Path, force: bool = False) -> str:
    """The message with which the path is refused, nothing changed."""
    before = sorted((p, p.read_bytes()) for p in source.parent.rglob("*") if p.is_file())
    with pytest.raises(UsageError) as caught:
        Destination(path, force).check(source)
    assert sorted((p, p.read_bytes()) for p in source.parent.rglob("*") if p.is_file()) == before
    return caught.value.diagnostics[0].message


@pytest.mark.parametrize(
    ("name", "written"), [("heat.c", "heat_mpi.c"), ("a.b/heat.v2.c", "a.b/heat.v2_mpi.c"), ("heat", "heat_mpi.c")]
)
def test_default_is_beside_the_source(name: str, written: str) -> None:
    assert destination(Path(name), None, force=False).path == Path(written)
    assert default_path(Path(name)) == Path(written)


def test_source_that_is_no_file_needs_a_place() -> None:
    with pytest.raises(UsageError, match="-o FILE"):
        destination(Path(os.devnull), None, force=False)
    assert destination(Path(os.devnull), "out.c", force=False).path == Path("out.c")


def test_dash_is_standard_output() -> None:
    assert destination(Path("heat.c"), "-", force=False).path is None


def test_new_file_is_written_with_the_usual_mode(source: Path) -> None:
    path = source.with_name("new.c")
    target = Destination(path)
    target.check(source)
    previous = os.umask(0o027)
    try:
        target.write(NEW)
    finally:
        os.umask(previous)
    assert path.read_bytes() == NEW
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(p.name for p in source.parent.iterdir()) == ["heat.c", "new.c"]


def test_generated_file_is_overwritten_and_keeps_its_mode(source: Path) -> None:
    path = source.with_name("heat_mpi.c")
    path.write_bytes(OURS)
    path.chmod(0o751)
    target = Destination(path)
    target.check(source)
    target.write(NEW)
    assert path.read_bytes() == NEW
    assert stat.S_IMODE(path.stat().st_mode) == 0o751


def test_file_of_somebody_needs_force(source: Path) -> None:
    path = source.with_name("other.c")
    path.write_bytes(THEIRS)
    assert "did not generate" in refused(path, source)
    target = Destination(path, force=True)
    target.check(source)
    target.write(NEW)
    assert path.read_bytes() == NEW


def test_mark_may_follow_the_programs_own_opening_comment(source: Path) -> None:
    path = source.with_name("licensed.c")
    path.write_bytes(b"/*\n" + b" * Terms and conditions.\n" * 40 + b" */\n" + OURS)
    Destination(path).check(source)


@pytest.mark.parametrize(
    "text",
    [
        b"\n" * 200 + OURS,
        f'char *mark = "{GENERATED_MARK}";\n'.encode(),
        f"/* Not {GENERATED_MARK} */\n".encode(),
    ],
)
def test_mark_counts_only_where_the_generator_puts_it(source: Path, text: bytes) -> None:
    path = source.with_name("other.c")
    path.write_bytes(text)
    assert "did not generate" in refused(path, source)


def test_empty_file_is_nobodys_work(source: Path) -> None:
    path = source.with_name("empty.c")
    path.touch()
    Destination(path).check(source)


@pytest.mark.parametrize("force", [False, True])
def test_input_is_never_overwritten(source: Path, force: bool) -> None:
    source.write_bytes(OURS)  # even if chatmpi generated it
    folder = source.parent
    (folder / "link.c").symlink_to(source)
    (folder / "hard.c").hardlink_to(source)
    (folder / "sub").mkdir()
    for path in (source, folder / "link.c", folder / "hard.c", folder / "sub" / ".." / "heat.c"):
        assert "the input itself" in refused(path, source, force)


def test_input_reached_through_a_link_is_the_input(source: Path) -> None:
    link = source.with_name("link.c")
    link.symlink_to(source)
    with pytest.raises(UsageError, match="the input itself"):
        Destination(source, force=True).check(link)


def test_link_to_a_generated_file_stays_a_link(source: Path) -> None:
    real, link = source.with_name("real.c"), source.with_name("link.c")
    real.write_bytes(OURS)
    link.symlink_to(real)
    target = Destination(link)
    target.check(source)
    target.write(NEW)
    assert link.is_symlink()
    assert real.read_bytes() == NEW


def test_directory_is_refused(source: Path) -> None:
    assert "directory" in refused(source.parent, source, force=True)


def test_missing_folder_is_refused(source: Path) -> None:
    assert "no folder" in refused(source.parent / "none" / "out.c", source, force=True)


def test_path_through_a_file_is_refused(source: Path) -> None:
    assert "cannot write" in refused(source / "out.c", source, force=True)


def test_device_is_written_to_not_replaced(source: Path) -> None:
    target = Destination(Path(os.devnull))
    target.check(source)
    target.write(NEW)
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


def test_failed_write_leaves_the_old_file(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = source.with_name("heat_mpi.c")
    path.write_bytes(OURS)

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(UsageError, match="No space left"):
        Destination(path).write(NEW)
    assert path.read_bytes() == OURS
    assert sorted(p.name for p in source.parent.iterdir()) == ["heat.c", "heat_mpi.c"]
