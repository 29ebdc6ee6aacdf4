"""Play a local authority's school days on the real platform, and prove what became of them."""

import argparse
import asyncio
import signal
import sys
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Final

import httpx

from attendance_testing.platform import Platform, Refused
from demo_authority.authority.figures import UnknownAuthorityError
from demo_authority.authority.generator import DemoAuthority, generate
from demo_authority.play.draining import Drain, NotDrained
from demo_authority.play.loading import LoadRefused, before_play, load_history, load_roll
from demo_authority.play.own_stack import OWN, stack_for_demo
from demo_authority.play.pace import after_first_morning, first_morning
from demo_authority.play.playing import Player
from demo_authority.proof import results
from demo_authority.proof.latencies import Latency, mark_to_view
from demo_authority.proof.proving import STEPS, Played, Proof, prove
from demo_authority.show import closing
from demo_authority.show.screen import Screen
from demo_authority.show.watching import Watched, look, watch
from local_stack.errors import StackError

RESULTS: Final = Path("build/demo.json")
_INTERRUPTED: Final = 130


def main() -> int:
    """Run the demo; return 0 if the proof holds, 1 if it does not or something went wrong."""
    arguments = _parser().parse_args()
    screen = Screen()
    try:
        return asyncio.run(_run(arguments, screen))
    except (StackError, UnknownAuthorityError, LoadRefused, NotDrained) as error:
        screen.say(str(error))
    except (Refused, httpx.TransportError) as error:
        screen.say(f"{error}\nThe services' logs say more: {arguments.stacks}/*/logs/.")
    except (KeyboardInterrupt, asyncio.CancelledError):
        return _INTERRUPTED
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo_authority", description=__doc__)
    parser.add_argument("--authority", default="332", help="three digits, as the DfE numbers them")
    parser.add_argument("--pupils", type=_at_least_one, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--days", type=int, default=3, choices=range(1, 16), metavar="1-15", help="days played"
    )
    parser.add_argument("--exit", action="store_true", help="end after the proof")
    parser.add_argument("--stack", default=OWN, help="play on this stack, if it is up")
    parser.add_argument("--stacks", type=Path, default=Path(".stack"), help="the stacks' folder")
    return parser


def _at_least_one(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("at least one")
    return count


async def _run(arguments: argparse.Namespace, screen: Screen) -> int:
    _end_on_terminate()
    async with AsyncExitStack() as opened:
        with screen.part("generate", "Generating the authority"):
            authority = await asyncio.to_thread(
                generate,
                arguments.authority,
                pupils=arguments.pupils,
                seed=arguments.seed,
                played_days=arguments.days,
            )
        with screen.part("stack", "Starting PostgreSQL, Kafka and the services"):
            stack = stack_for_demo(arguments.stacks, arguments.stack)
            file = await opened.enter_async_context(stack)
        platform = await opened.enter_async_context(await Platform.from_file(file))
        if platform.stack.clock.kind != "driven":
            raise StackError("A demo needs a driven clock: start the stack with `--clock driven`.")
        drain = await opened.enter_async_context(Drain(platform))
        proof = await _demonstrate(platform, authority, drain, screen)
        results.write(RESULTS, proof, screen.seconds)
        closing.show(screen.console, proof)
        screen.say(f"The same figures are in {RESULTS}.")
        if not arguments.exit:
            closing.show_addresses(screen.console, platform, authority)
            screen.say("\nEverything stays up until Ctrl-C.")
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
        return 0 if proof.holds else 1


async def _demonstrate(
    platform: Platform, authority: DemoAuthority, drain: Drain, screen: Screen
) -> Proof:
    """Load, play and prove, each with its progress."""
    await platform.set_clock(before_play(authority))
    with screen.part("roll", "Loading schools and rolls", len(authority.roll.schools)) as advance:
        loaded = await load_roll(platform, authority, advance)
    with screen.part("history", "Bringing in the term so far", _history(authority)) as advance:
        await load_history(platform, authority, advance)
    with screen.part("apply", "Waiting until every view has it"):
        await drain.wait()
    player = Player(platform, authority.roll.enrolments, loaded, drain.wait)
    watched = Watched()
    async with screen.playing(player.counters, watched, len(authority.timeline)):
        watching = asyncio.create_task(watch(platform, authority, watched))
        try:
            before = await mark_to_view(platform)
            await player.play(first_morning(authority))
            to_view = Latency.of((await mark_to_view(platform)).since(before))
            await player.play(after_first_morning(authority))
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        await look(platform, authority, watched)
    played = Played(authority, loaded, player.journal, to_view)
    with screen.part("proof", "Checking everything from outside", STEPS) as advance:
        return await prove(platform, played, lambda: advance(1))


def _history(authority: DemoAuthority) -> int:
    """Count the marks before the played days."""
    marks = authority.marks
    before = {
        urn: sum(day < marks.play_from for day, _ in sessions)
        for urn, sessions in marks.sessions.items()
    }
    return sum(
        before[one.school_urn] - marks.rows[one.key][: before[one.school_urn]].count(0)
        for one in authority.roll.enrolments
    )


def _end_on_terminate() -> None:
    """End as Ctrl-C does when the process is told to end."""
    demo = asyncio.current_task()
    if demo is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, demo.cancel)


if __name__ == "__main__":
    sys.exit(main())
