"""What is kept in memory and in the journal."""

from pathlib import Path

from notify_sandbox.journal import FILE_NAME
from notify_sandbox.messages import Message
from notify_sandbox.store import Store


def a_message(name: str, *, to: str = "447700900123", reference: str | None = None) -> Message:
    return Message(
        number=0,
        id=name,
        reference=reference,
        type="sms",
        key_type="live",
        to=to,
        recipient=to,
        template="first-contact",
        template_id="t",
        body=f"words of {name}",
        created_at=1_795_000_000.25,
    )


def ids(store: Store) -> list[str]:
    return [message.id for message in store.newest_first()]


def test_a_new_store_finds_what_the_last_one_kept(tmp_path: Path) -> None:
    store = Store(tmp_path, keep=10)
    first, second = a_message("a", reference="r"), a_message("b")
    store.add(first)
    store.add(second)
    store.hand_over(first, at=1.5)
    store.finish(first, "delivered", at=2.5)
    store.settle(first, "acknowledged")
    again = Store(tmp_path, keep=10)
    assert ids(again) == ["b", "a"]
    assert again.get("a") == first
    assert again.with_reference("r") == [first]
    assert again.unfinished() == [second]
    assert again.counts("status") == {"created": 1, "delivered": 1}
    again.add(a_message("c"))
    assert [message.number for message in again.newest_first()] == [3, 2, 1]
    store.close()
    again.close()


def test_a_line_torn_by_a_stopped_machine_is_left_out(tmp_path: Path) -> None:
    store = Store(tmp_path, keep=10)
    store.add(a_message("a"))
    store.close()
    with (tmp_path / FILE_NAME).open("ab") as journal:
        journal.write(b'{"line":"message","number":2,"id":"b","ty')
    again = Store(tmp_path, keep=10)
    again.add(a_message("c"))
    again.close()
    third = Store(tmp_path, keep=10)
    assert ids(third) == ["c", "a"]
    third.close()


def test_only_the_newest_messages_are_kept(tmp_path: Path) -> None:
    store = Store(tmp_path, keep=3)
    for number in range(10):
        store.add(a_message(str(number), to=f"44770090000{number % 2}", reference=str(number)))
    assert 3 <= len(store) < 6
    kept = ids(store)
    assert kept == [str(number) for number in range(9, 9 - len(kept), -1)]
    assert store.get("0") is None
    assert store.with_reference("0") == []
    assert sum(store.counts("status").values()) == len(kept)
    assert len(store.to_recipient("447700900000") + store.to_recipient("447700900001")) == len(kept)
    store.close()
    again = Store(tmp_path, keep=3)
    assert ids(again) == ["9", "8", "7"]
    again.close()


def test_a_page_starts_just_before_a_number_even_after_a_trim(tmp_path: Path) -> None:
    store = Store(tmp_path, keep=3)
    for number in range(1, 8):
        store.add(a_message(str(number)))
    assert next(store.newest_first(before=7)).number == 6
    assert list(store.newest_first(before=1)) == []
    store.close()


def test_the_journal_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    Store(tmp_path, keep=3).close()
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o077 == 0


def test_forgetting_empties_the_journal(tmp_path: Path) -> None:
    store = Store(tmp_path, keep=3)
    message = a_message("a")
    store.add(message)
    store.forget_all()
    store.finish(message, "delivered", at=1.0)
    store.settle(message, "acknowledged")
    store.add(a_message("b"))
    store.close()
    again = Store(tmp_path, keep=3)
    assert ids(again) == ["b"]
    again.close()
