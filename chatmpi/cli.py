"""The command `chatmpi`: its subcommands, loaded when used, and what becomes of errors.

No traceback reaches a person: an error chatmpi raises on purpose is printed as a diagnostic and sets its own exit
status; anything else is one line that asks for a report.
"""

from __future__ import annotations

import importlib
import io
import os
import signal
import sys
import traceback
from types import FrameType
from typing import NoReturn

import click

from chatmpi import __version__
from chatmpi.analysis.diagnostics import ChatmpiError

INTERRUPTED = 130
INTERNAL_ERROR = 70  # EX_SOFTWARE of sysexits.h

EXIT_STATUSES = """\b
Exit status:
  0  done
  1  the input cannot be read or parsed
  2  usage: an option, a plan or an output path makes no sense
  3  nothing in the program can be distributed
  4  the candidate was refuted
  5  nothing can be said of the candidate (verify)"""

# Name → where the command lives, and its help in one line, so that `--help` imports none of them.
COMMANDS = {
    "translate": ("chatmpi.commands.translate:translate", "Write the MPI program for a sequential one."),
    "explain": ("chatmpi.commands.explain:explain", "Show the decomposition: what is divided how, and why."),
    "verify": ("chatmpi.commands.verify:verify", "Decide whether an MPI program does what a sequential one does."),
    "model": ("chatmpi.commands.model:model", "Make data for models, tune, test and ask them, as with ChatHPC."),
}


class LazyGroup(click.Group):
    """A group that imports a subcommand when it is used (click's documented pattern)."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_text) for name, (_, help_text) in COMMANDS.items()])


@click.command(cls=LazyGroup, epilog=EXIT_STATUSES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="chatmpi")
def cli() -> None:
    """Read a sequential C program and write the MPI program that a careful HPC engineer would have written.

    \b
      chatmpi explain heat.c            what would be distributed how, and why
      chatmpi translate heat.c          write heat_mpi.c, proved for all sizes and ranks
      chatmpi translate heat.c --run 4  and compare a real run at 4 ranks
      chatmpi verify heat.c heat_mpi.c  check an MPI program that exists already
    """


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit status."""
    _follow_unix_manners()
    status = exit_status(arguments)
    _drop_unwritten_output()
    sys.exit(status)


def chathpc(arguments: list[str] | None = None) -> NoReturn:
    """The command `chathpc`: `chatmpi model` under the name that ChatHPC's users know."""
    main(["model", *(sys.argv[1:] if arguments is None else arguments)])


def exit_status(arguments: list[str] | None = None) -> int:
    """Run the command line; errors are printed and become the status returned."""
    try:
        status = cli.main(arguments, prog_name="chatmpi", standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return INTERRUPTED
    except ChatmpiError as error:
        for diagnostic in error.diagnostics:
            click.echo(str(diagnostic), err=True)
        return error.exit_status
    except RecursionError:
        return _fail(1, "the program is nested too deeply to be read")
    except MemoryError:
        return _fail(1, "not enough memory for this program")
    except OSError as error:
        return _fail(2, f"{error.filename or 'writing the output'}: {error.strerror}")
    except Exception as error:
        if os.environ.get("CHATMPI_DEBUG"):
            traceback.print_exc()
        about = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        return _fail(INTERNAL_ERROR, f"internal error: {about}; please report it (CHATMPI_DEBUG=1 shows where)")


def _fail(status: int, message: str) -> int:
    click.echo(f"chatmpi: error: {message}", err=True)
    return status


def _follow_unix_manners() -> None:
    """A closed pipe ends chatmpi silently, as it ends `cat`; being terminated still removes temporary files.

    What cannot be encoded is printed as `?`.
    """
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, _terminate)
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller: no file of ours shall get its number
            setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _drop_unwritten_output() -> None:
    """What a full disk did not take is not tried again, and not complained about twice, when Python ends."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _terminate(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
