"""A family of two who may be told, and what came of telling them."""

from notification_testing.stand_ins import Sandbox, a_contact

SENT, FAILED, EXHAUSTED = (
    f"uk.firstday.contact.{fact}.v1" for fact in ("sent", "failed", "exhausted")
)
MOTHER = a_contact(mobile="07700 900301", email="mother@example.org", priority=1)
FATHER = a_contact(mobile="07700 900302", priority=2)


def told(sandbox: Sandbox) -> list[str]:
    """Return to whom messages went, in the order of acceptance."""
    return [str(message["recipient"]) for message in reversed(sandbox.messages())]
