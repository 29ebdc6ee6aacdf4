"""Run the sandbox: `python -m notify_sandbox --host 127.0.0.1 --port 6012 --state FOLDER`."""

import sys

import uvicorn
from pydantic_settings import CliApp

from notify_sandbox.app import create_app
from notify_sandbox.settings import Settings

# Clients keep connections; the server must not close one just as the next message is written.
KEEP_ALIVE_SECONDS = 75


def main(arguments: list[str]) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    settings = CliApp.run(Settings, cli_args=arguments)
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=2,
        server_header=False,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
