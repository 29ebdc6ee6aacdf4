import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence

import psutil

from local_stack import processes
from local_stack.child import Child, ChildSpec
from local_stack.errors import StackError
from local_stack.folder import StackFolder
from local_stack.processes import Recorded

_STORES = {"postgres", "kafka"}
_PATIENCE_SECONDS = 20.0
_LATE_SECONDS = 10.0
_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 15.0
_STEADY_SECONDS = 30.0


async def _never() -> bool:
    return False


async def side_by_side(*works: Coroutine[object, object, None]) -> None:
    """Do several things at once; when one fails the others stop, and its error is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for work in works:
                group.create_task(work)
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None


class Supervisor:
    """Starts processes, keeps them running, and ends every one of them when it ends."""

    def __init__(
        self, folder: StackFolder, tell: Callable[[str], None], *, restart: bool = True
    ) -> None:
        self.children: list[Child] = []
        self.changed: Callable[[], None] = lambda: None  # called when a pid has changed
        self._folder = folder
        self._tell = tell
        self._restart = restart
        self._watchers: list[asyncio.Task[None]] = []
        self._stopping = False

    def end_leftovers(self) -> None:
        """End what an earlier supervisor of this folder left behind, and nothing else."""
        left = processes.read(self._folder.processes_file)
        names = processes.end(left, patience_seconds=_PATIENCE_SECONDS)
        if names:
            self._tell(f"Ended what an earlier run left behind: {', '.join(names)}.")
        self._record()

    def _record(self) -> None:
        own = psutil.Process()
        recorded = [
            Recorded(child.spec.name, child.pid, child.create_time)
            for child in self.children
            if child.pid is not None
        ]
        supervisor = Recorded(processes.SUPERVISOR, own.pid, own.create_time())
        processes.write(self._folder.processes_file, [supervisor, *recorded])

    async def start(self, specs: Iterable[ChildSpec]) -> None:
        """Start processes side by side and wait until all of them serve."""
        fresh = [Child(spec, self._folder.log(spec.name)) for spec in specs]
        for child in fresh:
            await child.start()
            self.children.append(child)
        self._record()
        await side_by_side(*(self._await_ready(child) for child in fresh))
        self._watchers += [asyncio.create_task(self._keep(child)) for child in fresh]

    async def run(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Run a process to its end, which must be a good one."""
        spec = ChildSpec(name, tuple(command), _never, "its end", environment)
        child = Child(spec, self._folder.log(name))
        await child.start()
        self.children.append(child)
        self._record()
        try:
            code = await child.ended()
        finally:
            await child.stop()
            self.children.remove(child)
        if code:
            raise StackError(
                f"{name} failed with exit code {code}; its log is {child.log} and ends:\n"
                f"{child.last_words()}"
            )

    async def _await_ready(self, child: Child) -> None:
        spec = child.spec
        loop = asyncio.get_running_loop()
        started, told, pause = loop.time(), False, 0.05
        while not await spec.ready():
            waited = loop.time() - started
            if child.pid is None:
                code = await child.ended()
                raise StackError(
                    f"{spec.name} ended with exit code {code} before it served; its log is "
                    f"{child.log} and ends:\n{child.last_words()}"
                )
            if waited > spec.ready_seconds:
                raise StackError(
                    f"{spec.name} does not serve at {spec.awaited} after {waited:.0f} seconds; "
                    f"its log is {child.log} and ends:\n{child.last_words()}"
                )
            if waited > _LATE_SECONDS and not told:
                told = True
                self._tell(f"{spec.name} is late at {spec.awaited}; its log is {child.log}.")
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.5)

    async def _keep(self, child: Child) -> None:
        """Start a child again whenever it ends by itself, ever more slowly if it keeps ending."""
        loop = asyncio.get_running_loop()
        pause, started = _FIRST_PAUSE_SECONDS, loop.time()
        while True:
            code = await child.ended()
            if self._stopping or not self._restart:
                return
            steady = loop.time() - started > _STEADY_SECONDS
            pause = _FIRST_PAUSE_SECONDS if steady else pause
            self._tell(f"{child.spec.name} ended with exit code {code}; again in {pause:.1f} s.")
            await asyncio.sleep(pause)
            pause, started = min(pause * 2, _LONGEST_PAUSE_SECONDS), loop.time()
            await child.start()
            self._record()
            self.changed()

    async def stop(self) -> None:
        """End every child: those that use the stores first, then the stores."""
        self._stopping = True
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        users = [child for child in self.children if child.spec.name not in _STORES]
        stores = [child for child in self.children if child.spec.name in _STORES]
        for group in (users, stores):
            await asyncio.gather(*(child.stop() for child in group))
        self.children.clear()
        self._folder.processes_file.unlink(missing_ok=True)
