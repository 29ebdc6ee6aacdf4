"""`python -m attendance_runtime topics`: what is done once for all services together."""

import argparse
import asyncio
import sys

from attendance_runtime.messaging.topics import TopicsNotMade, create_topics
from attendance_runtime.settings import KafkaSettings


def main() -> None:
    """Run the command that the words name."""
    parser = argparse.ArgumentParser(prog="python -m attendance_runtime")
    commands = parser.add_subparsers(required=True, metavar="command")
    commands.add_parser(
        "topics",
        help="make the topics that are missing, at the brokers that KAFKA_BOOTSTRAP_SERVERS names",
    )
    parser.parse_args()
    try:
        asyncio.run(create_topics(KafkaSettings()))
    except TopicsNotMade as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
