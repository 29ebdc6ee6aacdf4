"""What the embedded broker is started with."""

from local_stack.kafka import new_cluster_id


def test_a_cluster_id_never_looks_like_an_option() -> None:
    ids = [new_cluster_id() for _ in range(2000)]
    assert {len(one) for one in ids} == {22}
    assert not any(one.startswith("-") for one in ids)
