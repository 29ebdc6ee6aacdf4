"""The stack a demo plays on: its own, fresh each time, or one that is up already."""

import asyncio
import fcntl
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

from local_stack import up
from local_stack.errors import StackError
from local_stack.folder import StackFolder

OWN: Final = "demo"


@asynccontextmanager
async def stack_for_demo(stacks: Path, name: str) -> AsyncIterator[Path]:
    """Yield the path of a running stack's `stack.json`.

    A stack that is up is used and left as it is, except one left behind by an earlier demo. One
    that is not is started with a driven clock and ended afterwards. Raises `StackError`.
    """
    if name != OWN and (stacks / name / "stack.json").exists():
        yield (stacks / name / "stack.json").resolve()
        return
    if name != OWN and (stacks / name).exists():
        raise StackError(
            f"The stack `{name}` is down and has data of its own: start it with `make up "
            f"STACK={name}`, or let the demo use a stack of its own."
        )
    with _held(stacks, name):
        folder = await asyncio.to_thread(_emptied, StackFolder.of(stacks, name))
        words = ["up", "--name", name, "--stacks", str(stacks), "--clock", "driven"]
        try:
            await asyncio.to_thread(up.detached, folder, words)
            yield folder.stack_file
        finally:
            await asyncio.to_thread(up.down, folder)


def _emptied(folder: StackFolder) -> StackFolder:
    """End what an earlier demo has left behind, and remove its data."""
    up.down(folder)
    shutil.rmtree(folder.path, ignore_errors=True)
    return folder.make()


@contextmanager
def _held(stacks: Path, name: str) -> Iterator[None]:
    """Hold the name: one demo at a time plays on it."""
    stacks.mkdir(parents=True, exist_ok=True)
    with (stacks / f"{name}.demo").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(
                f"Another demo plays on the stack `{name}`; end it, or name another: --stack NAME."
            ) from None
        yield
