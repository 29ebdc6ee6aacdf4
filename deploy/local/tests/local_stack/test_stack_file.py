import pytest

from local_stack import stack_file
from local_stack.addresses import Addresses
from local_stack.clients import Clients
from local_stack.errors import StackError
from local_stack.folder import StackFolder
from local_stack.services import SERVICES

REGISTER = SERVICES[0]


def addresses() -> Addresses:
    return Addresses(
        kafka_bootstrap="127.0.0.1:20001",
        postgres_url="postgresql://postgres@127.0.0.1:20002/postgres",
        databases={"register": "postgresql://postgres@127.0.0.1:20002/register"},
        issuer_url="http://127.0.0.1:20003",
        sandbox_url="http://127.0.0.1:20004",
        door_url="http://127.0.0.1:20008",
        clock_file="/stack/clock",
        apis={"register": ["http://127.0.0.1:20005"], "notification": ["http://127.0.0.1:20007"]},
        workers={"register": ["http://127.0.0.1:20006"]},
    )


def test_what_is_written_is_what_a_script_reads(folder: StackFolder) -> None:
    Clients(folder.clients_file).add_defaults()
    stack_file.write(folder, addresses(), [])
    document = stack_file.read(folder)
    assert document["kafka"]["bootstrap_servers"] == "127.0.0.1:20001"
    assert document["issuer"]["token_endpoint"] == "http://127.0.0.1:20003/token"
    assert document["clock"]["control_url"] == "http://127.0.0.1:20003/clock"
    assert document["door"]["url"] == "http://127.0.0.1:20008"
    assert document["services"]["register"] == {
        "database_url": "postgresql://postgres@127.0.0.1:20002/register",
        "api": ["http://127.0.0.1:20005"],
        "worker": ["http://127.0.0.1:20006"],
    }
    assert document["clients"]["demo-mis"]["org"] == "supplier:demo-mis"
    assert document["clients"]["demo-mis"]["secret"]


def test_the_addresses_can_be_read_back(folder: StackFolder) -> None:
    given = addresses()
    given.databases |= {"notification": "postgresql://postgres@127.0.0.1:20002/notification"}
    stack_file.write(folder, given, [])
    assert stack_file.addresses_in(stack_file.read(folder)) == given


def test_a_stack_on_the_system_clock_offers_no_control(folder: StackFolder) -> None:
    plain = addresses()
    plain.clock_file = ""
    stack_file.write(folder, plain, [])
    assert stack_file.read(folder)["clock"] == {"kind": "system", "file": "", "control_url": ""}


def test_its_secrets_are_for_its_owner_alone(folder: StackFolder) -> None:
    stack_file.write(folder, addresses(), [])
    assert folder.stack_file.stat().st_mode & 0o077 == 0


def test_a_stack_that_is_not_up_is_one_sentence(folder: StackFolder) -> None:
    with pytest.raises(StackError, match="`trial` is not up"):
        stack_file.read(folder)


def test_each_service_is_told_its_own_settings(folder: StackFolder) -> None:
    clients = Clients(folder.clients_file)
    clients.add_defaults()
    by_id = {client.client_id: client for client in clients}
    told = addresses().environment(REGISTER, by_id[REGISTER.client_id])
    assert told["REGISTER_DATABASE_URL"].endswith("/register")
    assert told["KAFKA_BOOTSTRAP_SERVERS"] == "127.0.0.1:20001"
    assert told["FIRSTDAY_ISSUER_URL"] == "http://127.0.0.1:20003"
    assert told["FIRSTDAY_CLOCK"] == "driven:/stack/clock"
    assert told["FIRSTDAY_ENVIRONMENT"] == "local"
    assert not [name for name in told if name.startswith("NOTIFICATION_")]


def test_only_the_notification_service_is_told_the_notify_key() -> None:
    told = {service.name: set(addresses().environment(service, None)) for service in SERVICES}
    assert [name for name, names in told.items() if f"{name.upper()}_NOTIFY_API_KEY" in names] == [
        "notification"
    ]
