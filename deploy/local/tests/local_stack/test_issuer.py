from collections.abc import Mapping
from dataclasses import replace

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from attendance_runtime.access import Principal
from attendance_runtime.access.callers import TokenVerifier
from attendance_runtime.access.issuer_keys import GivenKeys
from attendance_runtime.access.tokens import TokenRules
from attendance_runtime.errors import Unauthenticated
from local_stack.addresses import AUDIENCES
from local_stack.clients import Client, Clients
from local_stack.errors import StackError
from local_stack.folder import StackFolder
from local_stack.issuer import TOKEN_SECONDS, create_issuer

URL = "http://issuer.example.org"
SUPPLIER = Client("mis", "a secret/of ours", "mis-1", "supplier:mis", "register.write roll.write")
LOCAL = {"FIRSTDAY_ENVIRONMENT": "local"}
GRANT = {"grant_type": "client_credentials"}
AUTH = (SUPPLIER.client_id, SUPPLIER.secret)


def caller(
    folder: StackFolder, environment: Mapping[str, str] = LOCAL, address: str = "127.0.0.1"
) -> httpx.AsyncClient:
    app = create_issuer(folder, url=URL, environment=environment)
    transport = httpx.ASGITransport(app=app, client=(address, 4000))
    return httpx.AsyncClient(transport=transport, base_url=URL)


@pytest.fixture
def issuer(folder: StackFolder) -> httpx.AsyncClient:
    Clients(folder.clients_file).add(SUPPLIER)
    return caller(folder)


async def verifier_of(
    issuer: httpx.AsyncClient, audience: str = AUDIENCES["register"]
) -> TokenVerifier:
    """What a service would verify tokens with, were this its issuer."""
    published = (await issuer.get("/jwks")).json()
    return TokenVerifier(TokenRules(URL, audience), GivenKeys.of(published["keys"]))


async def published_keys(issuer: httpx.AsyncClient) -> KeySet:
    discovery = (await issuer.get("/.well-known/openid-configuration")).json()
    assert discovery["issuer"] == URL
    return KeySet.import_key_set((await issuer.get(discovery["jwks_uri"])).json())


async def test_a_token_verifies_with_the_published_keys(issuer: httpx.AsyncClient) -> None:
    answer = await issuer.post("/token", data=GRANT | {"scope": "register.write"}, auth=AUTH)
    bearer = await (await verifier_of(issuer)).verify(answer.json()["access_token"])
    assert bearer == Principal("mis-1", "supplier:mis", frozenset({"register.write"}))


async def test_a_token_is_an_access_token_as_rfc_9068_describes(issuer: httpx.AsyncClient) -> None:
    answer = await issuer.post("/token", data=GRANT, auth=AUTH)
    decoded = jwt.decode(answer.json()["access_token"], await published_keys(issuer))
    assert decoded.header["typ"] == "at+jwt"
    assert decoded.header["alg"] == "RS256"
    assert decoded.claims["client_id"] == "mis"
    assert decoded.claims["scope"] == SUPPLIER.scopes
    assert decoded.claims["exp"] - decoded.claims["iat"] == TOKEN_SECONDS
    assert decoded.claims["jti"]
    assert answer.headers["cache-control"] == "no-store"


async def test_a_secret_in_the_form_is_as_good_as_in_the_header(issuer: httpx.AsyncClient) -> None:
    form = GRANT | {"client_id": SUPPLIER.client_id, "client_secret": SUPPLIER.secret}
    assert (await issuer.post("/token", data=form)).status_code == 200


@pytest.mark.parametrize(
    "auth", [("mis", "another secret"), ("nobody", "a secret"), ("mis", ""), ("", "")]
)
async def test_a_wrong_secret_is_refused(issuer: httpx.AsyncClient, auth: tuple[str, str]) -> None:
    answer = await issuer.post("/token", data=GRANT, auth=auth)
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"


async def test_an_unreadable_header_is_refused(issuer: httpx.AsyncClient) -> None:
    answer = await issuer.post("/token", data=GRANT, headers={"Authorization": "Basic ?"})
    assert answer.json()["error"] == "invalid_client"


async def test_a_client_gets_no_scope_beyond_its_own(issuer: httpx.AsyncClient) -> None:
    answer = await issuer.post("/token", data=GRANT | {"scope": "care.write"}, auth=AUTH)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_scope"


async def test_only_client_credentials_are_granted(issuer: httpx.AsyncClient) -> None:
    answer = await issuer.post("/token", data={"grant_type": "password"}, auth=AUTH)
    assert answer.json()["error"] == "unsupported_grant_type"


REGISTER, REPORTING = AUDIENCES["register"], AUDIENCES["reporting"]


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ([], list(AUDIENCES.values())),
        ([REGISTER], [REGISTER]),
        ([REGISTER, REPORTING], [REGISTER, REPORTING]),
    ],
)
async def test_a_token_is_for_the_services_that_its_client_names(
    issuer: httpx.AsyncClient, asked: list[str], given: list[str]
) -> None:
    """RFC 8707: of those it may have tokens for; all of them if it names none."""
    answer = await issuer.post("/token", data=GRANT | {"resource": asked}, auth=AUTH)
    claims = jwt.decode(answer.json()["access_token"], await published_keys(issuer)).claims
    assert claims["aud"] == given


async def test_no_token_is_given_for_a_service_that_the_client_has_none_for(
    folder: StackFolder,
) -> None:
    Clients(folder.clients_file).add(replace(SUPPLIER, services="register"))
    asked = GRANT | {"resource": [REGISTER, REPORTING]}
    answer = await caller(folder).post("/token", data=asked, auth=AUTH)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_target"
    bearer = await caller(folder).post("/token", data=GRANT, auth=AUTH)
    with pytest.raises(Unauthenticated):
        await (await verifier_of(caller(folder), REPORTING)).verify(bearer.json()["access_token"])


async def test_a_client_added_while_running_gets_tokens(issuer: httpx.AsyncClient) -> None:
    new = {"client_id": "worker-7", "sub": "w7", "org": "authority:332", "scopes": "caseload.read"}
    added = (await issuer.post("/clients", json=new)).json()
    answer = await issuer.post("/token", data=GRANT, auth=("worker-7", added["secret"]))
    assert answer.json()["scope"] == "caseload.read"


async def test_only_this_machine_adds_clients(folder: StackFolder) -> None:
    new = {"client_id": "worker-7", "sub": "w7", "org": "authority:332"}
    answer = await caller(folder, address="192.0.2.1").post("/clients", json=new)
    assert answer.status_code == 403
    assert list(Clients(folder.clients_file)) == []


async def test_tokens_outlive_a_restart_of_the_issuer(
    issuer: httpx.AsyncClient, folder: StackFolder
) -> None:
    token = (await issuer.post("/token", data=GRANT, auth=AUTH)).json()["access_token"]
    verifier = await verifier_of(caller(folder))
    assert (await verifier.verify(token)).subject == "mis-1"


async def test_another_stacks_token_does_not_verify(
    issuer: httpx.AsyncClient, folder: StackFolder
) -> None:
    token = (await issuer.post("/token", data=GRANT, auth=AUTH)).json()["access_token"]
    (folder.path / "issuer-key.json").unlink()
    verifier = await verifier_of(caller(folder))
    with pytest.raises(Unauthenticated):
        await verifier.verify(token)


@pytest.mark.parametrize("environment", [{}, {"FIRSTDAY_ENVIRONMENT": "production"}])
def test_the_issuer_refuses_to_start_outside_local_and_test(
    folder: StackFolder, environment: dict[str, str]
) -> None:
    with pytest.raises(StackError, match="FIRSTDAY_ENVIRONMENT is local or test"):
        create_issuer(folder, url=URL, environment=environment)


def test_every_stack_has_its_own_secrets(folder: StackFolder) -> None:
    clients = Clients(folder.clients_file)
    clients.add_defaults()
    first = {client.client_id: client.secret for client in clients}
    assert {"register-service", "demo-mis", "platform-administrator"} <= first.keys()
    again = Clients(folder.clients_file)
    again.add_defaults()
    assert {client.client_id: client.secret for client in again} == first
    assert len(set(first.values())) == len(first)
    assert folder.clients_file.stat().st_mode & 0o077 == 0
