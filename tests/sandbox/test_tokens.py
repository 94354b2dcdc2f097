import pytest

from occtoo_frames._sandbox.tokens import Tokens


def test_a_provider_gets_its_token_in_the_envelope(client):
    """The shape that the live service answers with."""
    answer = client.post(
        "/dataProviders/tokens", json={"id": client.platform.provider_id, "secret": client.platform.provider_secret}
    )
    document = answer.json()
    assert answer.status_code == 200
    assert document["result"]["expiresIn"] == 3600
    assert document["errors"] == []
    assert document["requestId"]


def test_an_application_gets_its_token_flat(client):
    """The shape that the documents show."""
    path = f"/destinations/{client.platform.destination_id}/token"
    answer = client.post(
        path, json={"clientId": client.platform.client_id, "clientSecret": client.platform.client_secret}
    )
    assert answer.status_code == 200
    assert set(answer.json()) == {"accessToken", "expiresIn"}


def test_names_of_credentials_match_in_any_case(client):
    """One client sends Id and Secret."""
    answer = client.post(
        "/dataProviders/tokens", json={"Id": client.platform.provider_id, "SECRET": client.platform.provider_secret}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("body", [{"id": "a", "secret": "b"}, {"id": "å", "secret": "ö"}])
def test_wrong_credentials_are_401_without_a_result(client, body):
    """The refusal stands in the envelope."""
    answer = client.post("/dataProviders/tokens", json=body)
    assert (answer.status_code, answer.json()["result"]) == (401, None)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"id":1,"secret":2}', b"\xff"])
def test_malformed_credentials_are_400(client, body):
    """Nothing that is sent to a token endpoint breaks it."""
    assert client.post("/dataProviders/tokens", data=body).status_code == 400
    assert client.post(f"/destinations/{client.platform.destination_id}/token", data=body).status_code == 400


def test_an_application_is_refused_elsewhere(client):
    """Another destination is not found, other credentials are not taken."""
    right = {"clientId": client.platform.client_id, "clientSecret": client.platform.client_secret}
    assert client.post("/destinations/other/token", json=right).status_code == 404
    path = f"/destinations/{client.platform.destination_id}/token"
    assert client.post(path, json={**right, "clientSecret": "x"}).status_code == 401


def test_a_token_ends_with_its_lifetime():
    """Until then it holds, for its own grant only."""
    now = [0.0]
    tokens = Tokens(10, lambda: now[0])
    header = f"Bearer {tokens.issue('provider').access_token}"
    assert tokens.holds("provider", header)
    assert not tokens.holds("application", header)
    now[0] = 10.0
    assert not tokens.holds("provider", header)
