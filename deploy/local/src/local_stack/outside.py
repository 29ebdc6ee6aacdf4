"""A command beside a running stack, with the settings that the stack gives one of its services."""

import os
import shutil
from collections.abc import Sequence
from typing import NoReturn

from local_stack import stack_file
from local_stack.clients import Client
from local_stack.errors import StackError
from local_stack.folder import StackFolder
from local_stack.services import Service


def settings_of(folder: StackFolder, service: Service) -> dict[str, str]:
    """Return what a running stack tells a service; raise `StackError` if the stack is not up."""
    document = stack_file.read(folder)
    known = document["clients"].get(service.client_id)
    client = Client(**known) if known else None
    return stack_file.addresses_in(document).environment(service, client)


def become(folder: StackFolder, service: Service, command: Sequence[str]) -> NoReturn:
    """Turn this process into the command: its signals and its exit status are its own.

    Raises `StackError` if the stack is not up or there is no such command.
    """
    environment = {**os.environ, **settings_of(folder, service)}
    program = shutil.which(command[0])
    if program is None:
        raise StackError(f"There is no command `{command[0]}` here; name it by its path.")
    os.execve(program, [*command], environment)  # noqa: S606 - what the person at the keyboard asked for
