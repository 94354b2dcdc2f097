"""An independent TUS client (tuspy) uploads to the sandbox and reads the file back."""

import io

import pytest
import requests
from test_sandbox_media import Caller
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError

import occtoo_frames as of

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def client(box):
    """Tuspy with a data provider's token."""
    caller = Caller(box)
    return TusClient(f"{caller.url}/media/uploads/files", headers=caller.token)


@pytest.mark.parametrize("checksum", [False, True])
def test_tuspy_brings_a_file_over(client, name, checksum):
    """In chunks, with checksums and without; its bytes come back from its public address."""
    key = name()
    metadata = {"Filename": "a.bin", "UniqueIdentifier": key}
    client.uploader(
        file_stream=io.BytesIO(CONTENT), chunk_size=1000, metadata=metadata, upload_checksum=checksum
    ).upload()
    (row,) = _ready(key).to_dicts()
    assert requests.get(row["public_url"], timeout=10).content == CONTENT


def test_tuspy_goes_on_where_it_was(client, name):
    """It asks for the offset and sends the rest."""
    key = name()
    first = client.uploader(
        file_stream=io.BytesIO(CONTENT), chunk_size=1000, metadata={"Filename": "a.bin", "UniqueIdentifier": key}
    )
    first.upload(stop_at=3000)
    again = client.uploader(file_stream=io.BytesIO(CONTENT), url=first.url, chunk_size=4000)
    assert again.offset == 3000
    again.upload()
    (row,) = _ready(key).to_dicts()
    assert requests.get(row["public_url"], timeout=10).content == CONTENT


def test_tuspy_is_told_that_an_identifier_is_in_use(client, name):
    """409 at the creation."""
    metadata = {"Filename": "a.bin", "UniqueIdentifier": name()}
    client.uploader(file_stream=io.BytesIO(CONTENT), metadata=metadata).upload()
    with pytest.raises(TusCommunicationError, match="409"):
        client.uploader(file_stream=io.BytesIO(CONTENT), metadata=metadata).upload()


def _ready(key: str):
    for _ in range(200):
        found = of.read_media([key], frame="polars")
        if found["state"].item() == "ready":
            return found
    raise TimeoutError
