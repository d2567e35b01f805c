"""Talking with a model: questions, a context, a history."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from chatmpi.analysis.diagnostics import ChatmpiError
from chatmpi.model.asking import Answerer, Sampling, question_of
from chatmpi.model.prompt_template import PromptTemplate
from chatmpi.model.tuples import Tuple

HELP = """\
/context TEXT  sets the context of what follows; without TEXT it is asked for, and empty ends it
/adapter NAME  answers with that adapter; without NAME they are listed
/help          this
/bye           ends"""

NO_ADAPTERS: Mapping[str, Callable[[], None]] = MappingProxyType({})

Read = Callable[[str], str]
Write = Callable[[str], None]


def talk(
    answerer: Answerer,
    template: PromptTemplate,
    sampling: Sampling,
    label: str,
    whole: bool,
    read: Read,
    write: Write,
    adapters: Mapping[str, Callable[[], None]] = NO_ADAPTERS,
) -> None:
    """Until `/bye` or the end of the input. `whole`: prompts are shown with their answers, as ChatHPC does.

    `adapters`: what switches to each. A context that bears the name of one switches to it.
    """
    context = ""
    write("Use '/bye' to exit.\nUse '/context' to set context.\n")
    while True:
        try:
            line = read(f"{label} ({context})> " if context else f"{label}> ")
        except EOFError:
            write("\n")
            return
        command, _, rest = line.strip().partition(" ")
        if command == "/bye":
            return
        if command == "/help":
            write(HELP + "\n")
        elif command == "/context":
            context = rest.strip() or _asked(read)
            if context in adapters:
                adapters[context]()
        elif command == "/adapter":
            write(_switched(rest.strip(), adapters) + "\n")
        elif command.startswith("/") and command[1:].isalpha():
            write(f"there is no command {command}; /help lists them\n")
        elif line.strip():
            _answer(Tuple(line, context=context), answerer, template, sampling, whole, write)


def _answer(
    item: Tuple, answerer: Answerer, template: PromptTemplate, sampling: Sampling, whole: bool, write: Write
) -> None:
    try:
        question = question_of(item, template)
        if whole:
            write(question.prompt.before)
        answer = answerer.answer(question, sampling, write)
    except ChatmpiError as error:
        write("\n".join(map(str, error.diagnostics)) + "\n")
        return
    if not answer.text.endswith("\n"):
        write("\n")
    if answer.cut:
        write(f"[cut after {answer.tokens} tokens; --max_response_tokens allows more]\n")


def _switched(name: str, adapters: Mapping[str, Callable[[], None]]) -> str:
    if name not in adapters:
        known = ", ".join(adapters) or "none"
        return f"there is no adapter {name}; there are: {known}" if name else f"adapters: {known}"
    adapters[name]()
    return f"answers come with the adapter {name}"


def _asked(read: Read) -> str:
    try:
        return read("Context: ").strip()
    except EOFError:
        return ""


@contextlib.contextmanager
def history(path: Path) -> Iterator[None]:
    """The arrow keys find what was asked before, where Python has readline."""
    try:
        import readline
    except ImportError:  # pragma: no cover
        yield
        return
    with contextlib.suppress(OSError):
        readline.read_history_file(path)
    try:
        yield
    finally:
        readline.set_history_length(1000)
        with contextlib.suppress(OSError):
            readline.write_history_file(path)
