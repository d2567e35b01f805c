"""Options that several commands have: how to parse, what to run, and in which form to answer."""

from __future__ import annotations

import functools
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import click

from chatmpi.analysis.diagnostics import ChatmpiError
from chatmpi.plan.cost import RANKS
from chatmpi.plan.quantities import bytes_in
from chatmpi.verify.run import Trial
from chatmpi.verify.sandbox import Limits
from chatmpi.verify.simulate.trials import Wanted
from chatmpi.verify.sizes import Size, size_from_text

MOST_RANKS = 256  # in a trial on one machine
MOST_SIMULATED = 64

_SIZE_LIST = re.compile(r"([A-Za-z_]\w*)=(\d{1,9}(?:,\d{1,9})*)")
_DEFINE = re.compile(r"[A-Za-z_]\w*(\([^()]*\))?(=.*)?", re.DOTALL)

Command = Callable[..., None]


def _defines(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if not _DEFINE.fullmatch(value):
            raise click.BadParameter(f"'{value}' is not NAME or NAME=VALUE")
    return values


def _ranks(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[int, ...]:
    if value is None:
        return ()
    numbers = value.split(",")
    if not all(n.strip().isascii() and n.strip().isdigit() for n in numbers):
        raise click.BadParameter(f"'{value}' is not a number of ranks, or several as in 1,3,4")
    ranks = tuple(dict.fromkeys(int(n) for n in numbers))
    if not all(1 <= n <= MOST_RANKS for n in ranks):
        raise click.BadParameter(f"a number of ranks is from 1 to {MOST_RANKS}")
    return ranks


def _sizes(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[Size, ...]:
    try:
        sizes = tuple(size_from_text(value) for value in values)
    except ChatmpiError as error:
        raise click.BadParameter(error.diagnostics[0].message) from None
    names = [size.name for size in sizes]
    for name in names:
        if names.count(name) > 1:
            raise click.BadParameter(f"'{name}' is given {names.count(name)} times")
    return sizes


def _arguments(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(value or ""))
    except ValueError as error:
        raise click.BadParameter(f"{value!r}: {error}") from None


def parser_options(command: Command) -> Command:
    """`include_dirs`, `defines`, `standard`: what the C parser is told."""
    options = (
        click.option("-I", "include_dirs", multiple=True, metavar="DIR", help="Look for headers in DIR too."),
        click.option("-D", "defines", multiple=True, metavar="NAME[=VALUE]", callback=_defines, help="Define a macro."),
        click.option("--std", "standard", metavar="STD", help="C standard, as the compiler's -std: c11, gnu17, ..."),
    )
    return _with(options, command)


def _memory(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    size = None if value is None else bytes_in(value)
    if value is not None and size is None:
        raise click.BadParameter(f"'{value}' is no amount of memory, as 512M, 2GiB or a number of bytes")
    return size


def memory_options(command: Command) -> Command:
    """`memory_per_rank`, `nominal_ranks`: what a rank may hold, and for how many it is reckoned."""
    options = (
        click.option(
            "--memory-per-rank",
            metavar="SIZE",
            callback=_memory,
            help="Memory that a rank may use for arrays: 512M, 2GiB, ... Plans that need more are not taken.",
        ),
        click.option(
            "--nominal-ranks",
            type=click.IntRange(1, 10**7),
            default=RANKS,
            show_default=True,
            metavar="N",
            help="The number of ranks at which time and memory are reckoned; the program runs at any.",
        ),
    )
    return _with(options, command)


def run_options(command: Command) -> Command:
    """`trial`: the runs that are asked for, None without `--run`; `arguments`: those of `--args`."""

    @functools.wraps(command)
    def packed(
        *,
        ranks: tuple[int, ...],
        sizes: tuple[Size, ...],
        arguments: tuple[str, ...],
        standard_input: Path | None,
        tolerance: float | None,
        timeout: int | None,
        **others: object,
    ) -> None:
        if not ranks and (sizes or standard_input or tolerance is not None or timeout is not None):
            raise click.UsageError("--define, --stdin, --tolerance and --timeout need --run RANKS")
        given = standard_input.read_bytes() if standard_input else b""
        limits = Limits() if timeout is None else Limits(seconds=timeout)
        trial = Trial(ranks, sizes, arguments, given, tolerance, limits) if ranks else None
        command(trial=trial, arguments=arguments, **others)

    options = (
        click.option(
            "--run",
            "ranks",
            metavar="RANKS[,RANKS...]",
            callback=_ranks,
            help="Compile with mpicc, sanitizers on, run at these numbers of ranks, plainly and with synchronous "
            "sends, without a network where the system allows, and compare with the sequential program.",
        ),
        click.option(
            "--define",
            "sizes",
            multiple=True,
            metavar="NAME=VALUE",
            callback=_sizes,
            help="A size for --run: a macro's or a variable's value. The source stays as it is.",
        ),
        click.option(
            "--args",
            "arguments",
            metavar="ARGS",
            callback=_arguments,
            help="Arguments for both programs, run or (verify) simulated.",
        ),
        click.option(
            "--stdin",
            "standard_input",
            type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
            metavar="FILE",
            help="Standard input for both programs.",
        ),
        click.option(
            "--tolerance",
            type=click.FloatRange(0, 1),
            metavar="REL",
            help="Relative difference allowed in printed numbers; without it 0, or 1e-12 (float: 1e-5) where the "
            "plan reduces a floating-point sum.",
        ),
        click.option(
            "--timeout",
            type=click.IntRange(1, 86400),
            metavar="SECONDS",
            help=f"Time allowed for each run; without it {Limits().seconds:g}.",
        ),
    )
    return _with(options, packed)


def _small_sizes(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, tuple[int, ...]], ...]:
    found: dict[str, tuple[int, ...]] = {}
    for value in values:
        match = _SIZE_LIST.fullmatch(value)
        if match is None:
            raise click.BadParameter(f"'{value}' is not NAME=NUMBER or NAME=NUMBER,NUMBER,...")
        numbers = tuple(int(n) for n in match[2].split(","))
        found[match[1]] = (*found.get(match[1], ()), *numbers)
    return tuple((name, tuple(dict.fromkeys(numbers))) for name, numbers in found.items())


def _simulated_ranks(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[int, ...]:
    ranks = _ranks(ctx, param, value)
    if any(n > MOST_SIMULATED for n in ranks):
        raise click.BadParameter(f"at most {MOST_SIMULATED} ranks are simulated")
    return ranks


def simulation_options(command: Command) -> Command:
    """`wanted`: sizes, ranks and steps of the simulation."""

    @functools.wraps(command)
    def packed(
        *,
        small_sizes: tuple[tuple[str, tuple[int, ...]], ...],
        simulated_ranks: tuple[int, ...],
        steps: int | None,
        seconds: float,
        **others: object,
    ) -> None:
        wanted = Wanted(small_sizes, simulated_ranks, steps or 0, thorough=True, refusals=True, seconds=seconds)
        command(wanted=wanted, **others)

    options = (
        click.option(
            "--size",
            "small_sizes",
            multiple=True,
            metavar="NAME=N[,N...]",
            callback=_small_sizes,
            help="Simulate with these values of a size (a macro or variable); without it 1, P-1, P, P+1, 2P-1, 2P+1 "
            "and 3P+2 at P ranks.",
        ),
        click.option(
            "--ranks",
            "simulated_ranks",
            metavar="RANKS[,RANKS...]",
            callback=_simulated_ranks,
            help="Simulate these numbers of ranks; without it 1 to 8.",
        ),
        click.option(
            "--steps",
            type=click.IntRange(1, 1000),
            metavar="N",
            help="Simulate so many time steps; without it 3.",
        ),
        click.option(
            "--seconds",
            type=click.FloatRange(0.1, 86400),
            default=20.0,
            metavar="S",
            help="Work for the simulation, in seconds of a nominal processor (counted: the same on every machine); "
            "without it 20.",
        ),
    )
    return _with(options, packed)


def format_option(command: Command) -> Command:
    """`output_format`: "text" or "json"."""
    choice = click.Choice(["text", "json"])
    option = click.option("--format", "output_format", type=choice, default="text", help="Form of the answer.")
    return option(command)


def _with(options: tuple[Callable[[Command], Command], ...], command: Command) -> Command:
    return functools.reduce(lambda decorated, option: option(decorated), reversed(options), command)
