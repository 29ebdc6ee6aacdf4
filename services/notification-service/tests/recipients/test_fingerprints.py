"""An address that failed is known again, by whoever has the key and nobody else."""

from notification_service.recipients.domain import fingerprint

KEY, NUMBER = b"a key", "+447700900123"


def test_an_address_is_known_again_whatever_its_capitals() -> None:
    assert fingerprint(NUMBER, KEY) == fingerprint(NUMBER, KEY)
    assert fingerprint("Parent@Example.org", KEY) == fingerprint("parent@example.org", KEY)


def test_another_address_or_another_key_gives_another_fingerprint() -> None:
    others = [fingerprint("+447700900124", KEY), fingerprint(NUMBER, b"another key")]
    assert fingerprint(NUMBER, KEY) not in others
