"""What whoever runs the demo sees while it runs: progress bars and live counters."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from rich.console import Console, Group
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from demo_authority.play.playing import Counters
from demo_authority.show.watching import Watched

Advance = Callable[[int], None]


@dataclass
class Screen:
    """A terminal, and how long each part of the demo took on it (real seconds by part)."""

    console: Console = field(default_factory=lambda: Console(highlight=False))
    seconds: dict[str, float] = field(default_factory=dict)

    def say(self, sentence: str) -> None:
        """Write a line."""
        self.console.print(sentence, markup=False, soft_wrap=True)

    @contextmanager
    def part(self, name: str, words: str, total: int | None = None) -> Iterator[Advance]:
        """Show a part's progress, with a bar that pulses while no total is known."""
        with self._timed(name), _progress(self.console) as progress:
            task = progress.add_task(words, total=total)

            def advance(by: int) -> None:
                progress.advance(task, by)

            yield advance
            _finish(progress, task)

    @asynccontextmanager
    async def playing(
        self, counters: Counters, watched: Watched, events: int
    ) -> AsyncIterator[None]:
        """Show the played days with live counters."""
        progress = _progress(self.console)
        task = progress.add_task("Playing the school days", total=events)

        def drawn() -> Group:
            progress.update(task, completed=counters.events)
            return Group(progress, *_counted(counters, watched))

        with self._timed("play"), Live(drawn(), console=self.console) as live:
            redrawing = asyncio.create_task(_redraw(live, drawn))
            try:
                yield
            finally:
                redrawing.cancel()
                _finish(progress, task)
                live.update(drawn())

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - began


async def _redraw(live: Live, drawn: Callable[[], Group]) -> None:
    while True:
        live.update(drawn())
        await asyncio.sleep(0.25)


def _counted(counters: Counters, watched: Watched) -> list[Text]:
    at = f"{counters.at:%A %d %B  %H:%M}" if counters.at else "the first morning"
    return [
        Text(f"  {at}", style="bold"),
        Text(
            f"  registers {counters.registers:,}   marks {counters.marks:,}   "
            f"late arrivals {counters.late_arrivals:,}   corrections {counters.corrections:,}   "
            f"old registers sent again {counters.resent:,}"
        ),
        Text(
            f"  texts and e-mails {watched.messages:,}   delivered {watched.delivered:,}   "
            f"of them corrections {watched.corrections:,}   "
            f"cases {watched.cases:,}   withdrawn {watched.withdrawn:,}\n"
        ),
    ]


def _progress(console: Console) -> Progress:
    return Progress(
        SpinnerColumn(finished_text="[green]✓[/]"),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


def _finish(progress: Progress, task: TaskID) -> None:
    """Fill the bar, also of a part whose total was never known."""
    total = progress.tasks[0].total or progress.tasks[0].completed or 1
    progress.update(task, total=total, completed=total)
