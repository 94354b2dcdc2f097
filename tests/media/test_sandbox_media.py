"""The sandbox's media calls over real HTTP: shapes, limits, states, TUS, and the files themselves."""

import hashlib
import time
from base64 import b64encode

import pytest
import requests
from media_box import png
from test_words import FILE, UPLOAD

import occtoo_frames as of

TUS = {"Tus-Resumable": "1.0.0"}
CHUNK = {**TUS, "Content-Type": "application/offset+octet-stream"}


class Caller:
    """Plain HTTP with a data provider's token."""

    def __init__(self, box: of.Sandbox) -> None:
        found = {"id": box.connection.provider_id, "secret": box.connection.provider_secret.reveal()}
        token = requests.post(f"{box.url}/dataProviders/tokens", json=found, timeout=10).json()["result"]["accessToken"]
        self.url, self.token = box.url, {"Authorization": f"Bearer {token}"}

    def __call__(self, method: str, path: str, headers: dict | None = None, **more: object) -> requests.Response:
        """The answer."""
        url = path if path.startswith("http") else self.url + path
        return requests.request(method, url, headers={**self.token, **(headers or {})}, timeout=10, **more)

    def create(self, length: int, **metadata: str) -> requests.Response:
        """The answer to a new TUS upload."""
        said = {"Filename": "a.png", **metadata}
        header = ",".join(f"{name} {b64encode(value.encode()).decode()}" for name, value in said.items())
        return self("POST", "/media/uploads/files", {**TUS, "Upload-Length": str(length), "Upload-Metadata": header})

    def upload(self, content: bytes, **metadata: str) -> str:
        """The id of a file, sent in one chunk and processed."""
        place = self.create(len(content), **metadata).headers["Location"]
        assert self("PATCH", place, {**CHUNK, "Upload-Offset": "0"}, data=content).status_code == 204
        file_id = place.rpartition("/")[2]
        assert self.ended(file_id)["state"] == "Completed"
        return file_id

    def ended(self, upload_id: str) -> dict:
        """The upload once it has ended."""
        for _ in range(200):
            upload = self("GET", f"/media/uploads/{upload_id}").json()["result"]
            if upload["state"] in {"Completed", "Failed", "Cancelled"}:
                return upload
            time.sleep(0.01)
        raise TimeoutError

    def start(self, *links: dict) -> dict:
        """The result of a request with links."""
        answer = self("PUT", "/media/uploads/links", json={"links": list(links)})
        assert answer.status_code == 202, answer.text
        return answer.json()["result"]


@pytest.fixture
def call(box):
    """Plain HTTP to the sandbox."""
    return Caller(box)


def test_a_link_is_fetched_and_becomes_a_file(call, web, name):
    """Created, then completed; its type and pixels come from its bytes."""
    key = name()
    result = call.start({"link": f"{web}/chair.png", "filename": "chair.png", "uniqueidentifier": key})
    assert result["failures"] == {}
    upload = result["succeeded"][key]
    assert upload["state"] in {"Created", "Progress"}
    assert call.ended(upload["id"])["progress"]["isCompleted"]
    file = call("GET", f"/media/files/{upload['id']}").json()["result"]
    assert file["metadata"]["mimeType"] == "image/png"
    assert file["metadata"]["mediaInfo"]["image"] == {"width": 4, "height": 3}
    assert requests.get(file["publicUrl"], timeout=10).content == png(4, 3)


def test_answers_have_the_documented_members(call, name):
    """Of uploads and files, at every level; what is ours stands beside."""
    file_id = call.upload(png(), UniqueIdentifier=name())
    upload = call("GET", f"/media/uploads/{file_id}").json()
    file = call("GET", f"/media/files/{file_id}").json()
    assert set(upload) == set(file) == {"result", "errors", "requestId"}
    assert _members(upload["result"]) == _members(UPLOAD)
    assert _members(file["result"]) - {"metadata.uniqueIdentifier"} == _members(FILE)


def _members(document: dict, path: str = "") -> set[str]:
    inner = [_members(value, f"{path}{key}.") for key, value in document.items() if isinstance(value, dict)]
    return {f"{path}{key}" for key in document}.union(*inner)


def test_some_links_succeed_and_some_fail_in_one_request(call, web, name):
    """Other hosts, bad names and twins are refused at once; the dead one fails while it is fetched."""
    good = name()
    result = call.start(
        {"link": f"{web}/chair.png", "filename": "a.png", "uniqueIdentifier": good},
        {"link": f"{web}/none.png", "filename": "b.png"},
        {"link": "http://localhost:1/a", "filename": "c.png"},
        {"link": f"{web}/table.png", "filename": "../c.png"},
        {"link": "ftp://127.0.0.1/x", "filename": "d.png"},
        {"link": f"{web}/to/chair.png", "filename": "e.png"},
        {"link": f"{web}/empty.png", "filename": "f.png"},
    )
    assert set(result["succeeded"]) == {good, f"{web}/none.png", f"{web}/to/chair.png", f"{web}/empty.png"}
    assert "media_hosts=['localhost']" in result["failures"]["http://localhost:1/a"]["message"]
    ended = {key: call.ended(upload["id"]) for key, upload in result["succeeded"].items()}
    assert {key for key, upload in ended.items() if upload["state"] == "Failed"} == set(ended) - {good}
    assert "answered 404" in ended[f"{web}/none.png"]["message"]
    assert "answered 302" in ended[f"{web}/to/chair.png"]["message"]


def test_fifty_links_are_taken_and_no_more(call, web):
    """51, none at all and other shapes are 400 in the envelope."""

    def links(count):
        return {"links": [{"link": f"{web}/chair.png?{n}", "filename": "a.png"} for n in range(count)]}

    assert call("PUT", "/media/uploads/links", json=links(50)).status_code == 202
    for body in (links(51), links(0), {}, {"links": {}}, {"links": [{"link": "x"}]}, []):
        answer = call("PUT", "/media/uploads/links", json=body)
        assert (answer.status_code, answer.json()["result"]) == (400, None)
    assert call("PUT", "/media/uploads/links", data=b"{").status_code == 400


def test_an_identifier_is_of_one_file_until_that_is_deleted(call, web, name):
    """By link and by TUS alike."""
    key = name()
    file_id = call.upload(png(), UniqueIdentifier=key)
    assert call.create(3, UniqueIdentifier=key).status_code == 409
    again = {"link": f"{web}/chair.png", "filename": "a.png", "uniqueIdentifier": key}
    assert key in call.start(again)["failures"]
    assert call("DELETE", f"/media/files/{file_id}").status_code == 204
    assert call("DELETE", f"/media/files/{file_id}").status_code == 404
    assert key in call.start(again)["succeeded"]


def test_a_failed_upload_frees_its_identifier(call, web, name):
    """A dead link can be mended and sent again."""
    key = name()
    dead = {"link": f"{web}/none.png", "filename": "a.png", "uniqueIdentifier": key}
    call.ended(call.start(dead)["succeeded"][key]["id"])
    assert key in call.start({**dead, "link": f"{web}/chair.png"})["succeeded"]


def test_files_are_found_by_identifier(call, name):
    """200 if all are, 202 if some are not."""
    key = name()
    file_id = call.upload(png(), UniqueIdentifier=key)
    answer = call("POST", "/media/files/batch", json={"uniqueIdentifiers": [key]})
    assert (answer.status_code, answer.json()["result"]["succeeded"][key]["id"]) == (200, file_id)
    answer = call("POST", "/media/files/batch", json={"uniqueIdentifiers": [key, "nobody"]})
    assert answer.status_code == 202
    assert set(answer.json()["result"]["failures"]) == {"nobody"}
    assert call("POST", "/media/files/batch", json={"uniqueIdentifiers": ["x"] * 51}).status_code == 400


def test_states_move_with_time(call):
    """Created, progress, completed; the file has no address before that."""
    place = call.create(6).headers["Location"]
    upload_id = place.rpartition("/")[2]
    assert call("GET", f"/media/uploads/{upload_id}").json()["result"]["state"] == "Created"
    call("PATCH", place, {**CHUNK, "Upload-Offset": "0"}, data=b"abc")
    upload = call("GET", f"/media/uploads/{upload_id}").json()["result"]
    assert (upload["state"], upload["progress"]["completedPercentage"]) == ("Progress", 50)
    assert call("GET", f"/media/files/{upload_id}").json()["result"]["publicUrl"] is None
    call("PATCH", place, {**CHUNK, "Upload-Offset": "3"}, data=b"def")
    assert call.ended(upload_id)["state"] == "Completed"


def test_every_call_needs_a_token(call):
    """All eight; the files' public addresses do not."""
    calls = [("PUT", "uploads/links"), ("GET", "uploads/x"), ("POST", "uploads/files"), ("PATCH", "uploads/files/x")]
    calls += [("HEAD", "uploads/files/x"), ("GET", "files/x"), ("POST", "files/batch"), ("DELETE", "files/x")]
    call.token = {}
    assert {call(method, f"/media/{path}", data=b"x" * 100_000).status_code for method, path in calls} == {401}


@pytest.mark.parametrize("path", ["uploads/x", "files/x", "uploads/links"])
def test_an_unknown_id_is_404(call, path):
    """In the envelope."""
    answer = call("GET", f"/media/{path}")
    assert (answer.status_code, answer.json()["result"]) == (404, None)


def test_tus_says_what_it_speaks(call):
    """Version, extensions, algorithms, the largest size."""
    answer = call("OPTIONS", "/media/uploads/files")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert set(answer.headers["Tus-Extension"].split(",")) == {"creation", "checksum"}
    assert int(answer.headers["Tus-Max-Size"]) == 1 << 30


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload-Offset": "1"}, 409),
        ({"Upload-Offset": "-1"}, 409),
        ({}, 409),
        ({"Upload-Offset": "0", "Content-Type": "text/plain"}, 415),
        ({"Upload-Offset": "0", "Tus-Resumable": "0.2.2"}, 412),
        ({"Upload-Offset": "0", "Upload-Checksum": "crc7 AAAA"}, 400),
        ({"Upload-Offset": "0", "Upload-Checksum": "sha1 AAAA"}, 460),
    ],
)
def test_a_wrong_chunk_is_refused_and_leaves_nothing(call, headers, status):
    """Offset, type, version, checksum."""
    place = call.create(6).headers["Location"]
    assert call("PATCH", place, {**CHUNK, **headers}, data=b"abc").status_code == status
    assert call("HEAD", place, TUS).headers["Upload-Offset"] == "0"


def test_a_chunk_behind_the_end_is_refused(call):
    """With its length said and without."""
    place = call.create(2).headers["Location"]
    assert call("PATCH", place, {**CHUNK, "Upload-Offset": "0"}, data=b"abc").status_code == 413
    assert call("PATCH", place, {**CHUNK, "Upload-Offset": "0"}, data=iter([b"abc"])).status_code == 413
    assert call("HEAD", place, TUS).headers["Upload-Offset"] == "0"


def test_a_chunk_with_its_checksum_is_kept(call):
    """SHA-1, which every TUS server with checksums knows."""
    place = call.create(3).headers["Location"]
    said = f"sha1 {b64encode(hashlib.sha1(b'abc', usedforsecurity=False).digest()).decode()}"
    assert (
        call("PATCH", place, {**CHUNK, "Upload-Offset": "0", "Upload-Checksum": said}, data=b"abc").status_code == 204
    )


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Upload-Length": "-1"},
        {"Upload-Length": "x"},
        {"Upload-Defer-Length": "1"},
        {"Upload-Length": "1"},
        {"Upload-Length": "1", "Upload-Metadata": "Filename !"},
        {"Upload-Length": "1", "Upload-Metadata": "Filename " + b64encode(b"../x").decode()},
        {"Upload-Length": "1", "Upload-Metadata": "Filename " + b64encode(b"a\n").decode()},
    ],
)
def test_a_file_that_is_not_described_is_refused(call, headers):
    """Length and name are needed, in base 64."""
    assert call("POST", "/media/uploads/files", {**TUS, **headers}).status_code == 400


def test_a_file_larger_than_the_largest_is_refused(call):
    """413 before a byte is sent."""
    assert call.create((1 << 30) + 1).status_code == 413


def test_a_file_is_served_in_ranges_to_everybody(call):
    """Whole, in part, only its head, and not beyond its end."""
    content = png(more=bytes(range(200)))
    url = call("GET", f"/media/files/{call.upload(content)}").json()["result"]["publicUrl"]
    whole = requests.get(url, timeout=10)
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, content, "image/png")
    assert whole.headers["x-content-type-options"] == "nosniff"
    part = requests.get(url, headers={"Range": "bytes=-200"}, timeout=10)
    assert (part.status_code, part.content) == (206, bytes(range(200)))
    assert requests.get(url, headers={"Range": "bytes=9999-"}, timeout=10).status_code == 416
    assert requests.head(url, timeout=10).headers["content-length"] == str(len(content))


@pytest.mark.parametrize(
    ("filename", "content", "mime_type"),
    [
        ("a.txt", png(), "image/png"),
        ("a.png", b"just words", "application/octet-stream"),
        ("a.csv", b"a;b\n1;2\n", "text/csv"),
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" width="7" height="8"/>', "image/svg+xml"),
        (
            "a.docx",
            b"PK\x03\x04" + b"\0" * 40,
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("a.zip", b"PK\x03\x04" + b"\0" * 40, "application/zip"),
        ("a.pdf", b"%PDF-1.7\n%", "application/pdf"),
        ("a", b"\0\1\2", "application/octet-stream"),
    ],
)
def test_a_files_type_is_that_of_its_bytes(call, filename, content, mime_type):
    """The name is believed only where bytes are silent."""
    file_id = call.upload(content, Filename=filename, MimeType="video/mp4")
    assert call("GET", f"/media/files/{file_id}").json()["result"]["metadata"]["mimeType"] == mime_type


def test_what_was_acknowledged_is_there_after_a_restart(tmp_path, web):
    """Files and their identifiers, and what was complete but for its mark."""
    with of.sandbox(tmp_path / "box.sqlite", media_delay_s=0, media_hosts=["127.0.0.1"]) as box:
        call = Caller(box)
        whole = call.upload(png(), UniqueIdentifier="whole")
        half = call.create(6, UniqueIdentifier="half").headers["Location"].rpartition("/")[2]
        call("PATCH", f"/media/uploads/files/{half}", {**CHUNK, "Upload-Offset": "0"}, data=b"abc")
    with (tmp_path / "box.sqlite.media" / half).open("ab") as file:
        file.write(b"def")  # as if it had been killed between the last byte and its mark
    with of.sandbox(tmp_path / "box.sqlite", media_delay_s=0) as box:
        call = Caller(box)
        file = call("GET", f"/media/files/{whole}").json()["result"]
        assert requests.get(file["publicUrl"], timeout=10).content == png()
        assert call.create(3, UniqueIdentifier="half").status_code == 409
        assert call.ended(half)["state"] == "Completed"


def test_a_sandbox_fetches_from_nowhere_by_default(web):
    """Its owner has to name the host; this machine is no exception."""
    with of.sandbox() as box:
        result = Caller(box).start({"link": f"{web}/chair.png", "filename": "a.png"})
    assert result["succeeded"] == {}
    assert "media_hosts" in result["failures"][f"{web}/chair.png"]["message"]
