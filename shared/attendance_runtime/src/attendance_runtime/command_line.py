"""The words of a service's command line: `python -m <service> --help`.

What can be asked without a running platform needs none: help and the OpenAPI document are given
without settings, and a word that does not exist is refused before they are read.
"""

import inspect
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """An option of one word, which may be given several times: `--restart a --restart b`."""

    word: str
    name: str
    value: str
    help: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a command line asks for: a word, and the values given to its options."""

    word: str
    values: Sequence[str]


def chosen(
    program: str,
    purpose: str,
    words: Mapping[str, str],
    *,
    options: Sequence[Option] = (),
    arguments: Sequence[str] | None = None,
) -> Chosen:
    """Return what a command line names: one of `words`, each with its help.

    `arguments` are the process's own unless others are given. Asked for help, it prints that and
    ends the process with 0; for no word or an unknown one it ends it with 2 and the usage.
    """
    parser = ArgumentParser(prog=f"python -m {program}", description=purpose, allow_abbrev=False)
    commands = parser.add_subparsers(dest="word", metavar="command", required=True)
    for word, says in words.items():
        own = commands.add_parser(word, help=says, description=says)
        own.set_defaults(values=[])
        for option in options:
            if option.word == word:
                own.add_argument(
                    option.name,
                    action="append",
                    dest="values",
                    metavar=option.value,
                    help=option.help,
                )
    found = parser.parse_args(arguments)
    return Chosen(found.word, tuple(found.values))


def help_of(work: object) -> str:
    """Return the first sentence that a function's docstring says, as a command's help."""
    paragraph, _, _ = (inspect.getdoc(work) or "").partition("\n\n")
    return " ".join(paragraph.split())
