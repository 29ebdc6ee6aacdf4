"""Run the platform's own PostgreSQL, Kafka, stand-ins and services on this machine."""

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from local_stack import jars, outside, processes, stack_file, up
from local_stack.errors import StackError
from local_stack.folder import StackFolder
from local_stack.services import SERVICES
from local_stack.stack import PARTS, Wanted

_console = Console(highlight=False, soft_wrap=True)


def main() -> int:
    """Run the command that was asked for and return the exit status."""
    arguments = _parser().parse_args()
    try:
        arguments.run(arguments)
    except StackError as error:
        _console.print(str(error), style="red", markup=False)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local_stack", description=__doc__)
    commands = parser.add_subparsers(required=True)
    start = commands.add_parser("up", help="start a stack and keep it up until Ctrl-C")
    start.add_argument("--only", default=",".join(PARTS), help="parts, separated by commas")
    start.add_argument("--api", type=int, default=1, help="API processes of each service")
    start.add_argument("--worker", type=int, default=1, help="worker processes of each service")
    start.add_argument("--clock", choices=("system", "driven"), default="system")
    start.add_argument("--no-restart", action="store_true", help="leave a process that ends ended")
    start.add_argument("--throwaway", action="store_true", help="remove its folder at the end")
    start.add_argument("--detach", action="store_true", help="return when the stack is healthy")
    end = commands.add_parser("down", help="end a stack")
    status = commands.add_parser("status", help="show a stack's processes and addresses")
    logs = commands.add_parser("logs", help="show the end of a stack's logs")
    logs.add_argument("process", nargs="?", default="*", help="a process; * stands for any")
    logs.add_argument("--lines", type=int, default=20)
    beside = commands.add_parser("run", help="run a command with the settings of a service")
    beside.add_argument("--service", choices=[s.name for s in SERVICES], required=True)
    beside.add_argument("words", nargs="+", metavar="command", help="after --, with its arguments")
    record = commands.add_parser("record-jars", help="resolve Kafka afresh, record jars and sums")
    record.set_defaults(run=_record_jars)
    works = {start: _up, end: _down, status: _status, logs: _logs, beside: _run}
    for command, run in works.items():
        command.set_defaults(run=run)
        command.add_argument("--name", default="local", help="which stack")
        command.add_argument("--stacks", type=Path, default=Path(".stack"), help="their folder")
    return parser


def _tell(sentence: str) -> None:
    _console.print(sentence, markup=False)


def _folder(arguments: argparse.Namespace) -> StackFolder:
    return StackFolder.of(arguments.stacks, arguments.name)


def _up(arguments: argparse.Namespace) -> None:
    parts = frozenset(arguments.only.split(","))
    if unknown := sorted(parts - set(PARTS)):
        raise StackError(f"No part is called {', '.join(unknown)}; there are {', '.join(PARTS)}.")
    folder = _folder(arguments).make()
    if arguments.detach:
        up.detached(folder, [word for word in sys.argv[1:] if word != "--detach"])
        _tell(f"Up: {folder.stack_file}")
        return
    up.in_foreground(
        folder,
        Wanted(parts, arguments.api, arguments.worker, arguments.clock == "driven"),
        _tell,
        restart=not arguments.no_restart,
        throwaway=arguments.throwaway,
    )


def _down(arguments: argparse.Namespace) -> None:
    folder = _folder(arguments)
    left = up.down(folder)
    _tell(f"Ended by hand: {', '.join(left)}." if left else "Down.")


def _status(arguments: argparse.Namespace) -> None:
    folder = _folder(arguments)
    recorded = processes.read(folder.processes_file)
    table = Table("process", "pid", "state")
    for entry in recorded:
        table.add_row(entry.name, str(entry.pid), "running" if entry.running() else "ended")
    _console.print(table)
    if not any(entry.name == processes.SUPERVISOR and entry.running() for entry in recorded):
        raise StackError(f"The stack `{arguments.name}` is not up.")
    document = stack_file.read(folder)
    urls = {name: " ".join(service["api"]) for name, service in document["services"].items()}
    urls |= {"door": document["door"]["url"]}
    urls |= {"tokens": document["issuer"]["token_endpoint"], "messages": document["sandbox"]["url"]}
    for name, url in urls.items():
        _tell(f"{name}: {url or 'not running'}")
    _tell(f"logs: {folder.path / 'logs'}")
    _tell(f"everything else: {folder.stack_file}")


def _logs(arguments: argparse.Namespace) -> None:
    folder = _folder(arguments)
    for log in sorted((folder.path / "logs").glob(f"{arguments.process}.log")):
        _console.rule(str(log), align="left")
        lines = log.read_text(errors="replace").splitlines()
        _tell("\n".join(lines[-arguments.lines :]))


def _run(arguments: argparse.Namespace) -> None:
    service = next(service for service in SERVICES if service.name == arguments.service)
    outside.become(_folder(arguments), service, arguments.words)


def _record_jars(_: argparse.Namespace) -> None:
    count = jars.record(jars.RECORD, jars.cache_folder())
    _tell(f"Recorded {count} jars of Kafka {jars.VERSION} in {jars.RECORD}.")


if __name__ == "__main__":
    sys.exit(main())
