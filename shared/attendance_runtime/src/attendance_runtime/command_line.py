"""The words of a service's command line: `python -m <service> --help`.

What can be asked without a running platform needs none: help and the OpenAPI document are given
without settings, and a word that does not exist is refused before they are read.
"""

import inspect
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence


def chosen(
    program: str, purpose: str, words: Mapping[str, str], arguments: Sequence[str] | None = None
) -> str:
    """Return the word that a command line names, one of `words`, each with its help.

    `arguments` are the process's own unless others are given. Asked for help, it prints that and
    ends the process with 0; for no word or an unknown one it ends it with 2 and the usage.
    """
    parser = ArgumentParser(prog=f"python -m {program}", description=purpose, allow_abbrev=False)
    commands = parser.add_subparsers(dest="word", metavar="command", required=True)
    for word, says in words.items():
        commands.add_parser(word, help=says, description=says)
    found: str = parser.parse_args(arguments).word
    return found


def help_of(work: object) -> str:
    """Return the first sentence that a function's docstring says, as a command's help."""
    paragraph, _, _ = (inspect.getdoc(work) or "").partition("\n\n")
    return " ".join(paragraph.split())
