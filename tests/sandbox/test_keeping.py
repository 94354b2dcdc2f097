import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import requests
from sandbox_client import Client, entity

from occtoo_frames._sandbox import store_inbox
from occtoo_frames._sandbox.platform import LocalPlatform
from occtoo_frames._sandbox.serve import serve
from occtoo_frames._sandbox.store import VERSION, Store

_PROCESS = """
import sys
from occtoo_frames._sandbox.serve import serve

def ready(platform):
    platform.add_source("products")
    print(platform.url, platform.provider_id, platform.provider_secret, flush=True)

serve(sys.argv[1], on_ready=ready, visibility_delay_s=float(sys.argv[2]))
"""


class Process:
    """A platform in a process of its own."""

    def __init__(self, path: Path, delay_s: float) -> None:
        command = [sys.executable, "-c", _PROCESS, str(path), str(delay_s)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own interpreter
        self.url, identity, secret = self.process.stdout.readline().split()
        answer = requests.post(f"{self.url}/dataProviders/tokens", json={"id": identity, "secret": secret}, timeout=30)
        self.headers = {"Authorization": f"Bearer {answer.json()['result']['accessToken']}"}

    def send(self, keys):
        """The keys are acknowledged."""
        body = {"entities": [entity(key, {"x": key}) for key in keys]}
        answer = requests.post(f"{self.url}/import/products", json=body, headers=self.headers, timeout=30)
        assert answer.status_code == 202

    def end(self, number):
        """How it ended after this signal."""
        self.process.send_signal(number)
        self.process.stdout.close()
        return self.process.wait(timeout=30)


@pytest.mark.parametrize("delay_s", [0.0, 60.0])
def test_what_was_acknowledged_survives_a_kill(tmp_path, delay_s):
    """Whether or not it had become visible."""
    path = tmp_path / "box.sqlite"
    running = Process(path, delay_s)
    for batch in range(20):
        running.send([f"k{batch}-{number}" for number in range(50)])
    assert running.end(signal.SIGKILL) == -signal.SIGKILL
    with LocalPlatform(path) as platform:
        platform.settle()
        entries = platform.entries("products")
    assert entries == {f"k{batch}-{number}": {"x": f"k{batch}-{number}"} for batch in range(20) for number in range(50)}


def test_a_process_ends_cleanly_when_told_to(tmp_path):
    """SIGTERM, with nothing left in the way of the next one."""
    path = tmp_path / "box.sqlite"
    running = Process(path, 0.0)
    running.send(["a"])
    assert running.end(signal.SIGTERM) == 0
    with LocalPlatform(path) as platform:
        platform.settle()
        assert set(platform.entries("products")) == {"a"}


def test_with_a_path_everything_stays(tmp_path):
    """Credentials, sources, entries, publications and what has not become visible yet."""
    path = tmp_path / "box.sqlite"
    with LocalPlatform(path, visibility_delay_s=60) as platform:
        platform.add_source("products")
        client = Client(platform)
        assert client.send({"entities": [entity("a", {"x": "1"})]}).status_code == 202
        client.publish(facets=["x"])
        before = (platform.provider_id, platform.client_secret, platform.destination_id)
        url = platform.url
    with LocalPlatform(path) as platform:
        platform.settle()
        assert (platform.provider_id, platform.client_secret, platform.destination_id) == before
        assert platform.url == url
        found = Client(platform).read(f"{platform.url}/sandbox/shop/v1/products")
        assert found["results"] == [{"id": "a", "x": 1}]
        assert found["facets"][0]["values"] == [{"key": "1", "count": 1}]


def test_where_another_listens_now_a_port_is_looked_for(tmp_path):
    """Unless one was asked for."""
    path = tmp_path / "box.sqlite"
    with LocalPlatform(path) as platform:
        url = platform.url
    port = int(url.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)):
        with LocalPlatform(path) as platform:
            assert platform.url != url
        with pytest.raises(OSError, match="in use"):
            LocalPlatform(path, port=port).start()
    with LocalPlatform(path) as platform:
        assert platform.url == url


def test_without_a_path_nothing_stays():
    """Another one has other credentials and no sources."""
    with LocalPlatform() as one, LocalPlatform() as other:
        one.add_source("products")
        assert other.sources == {}
        assert one.provider_id != other.provider_id
        folders = [_folder(one), _folder(other)]
        assert all(folder.exists() for folder in folders)
    assert not any(folder.exists() for folder in folders)


def _folder(platform):
    """Where a platform keeps its file."""
    return Path(platform._core.store._writer.execute("PRAGMA database_list").fetchone()[2]).parent


def test_a_second_platform_on_the_same_file_is_refused(tmp_path):
    """With words that name it; the first goes on."""
    path = tmp_path / "box.sqlite"
    with LocalPlatform(path) as first:
        with pytest.raises(RuntimeError, match="another sandbox"):
            LocalPlatform(path).start()
        first.add_source("products")
    with LocalPlatform(path) as again:
        assert again.sources == {"products": 0}


def test_a_file_of_a_newer_version_is_refused_untouched(tmp_path):
    """And one that is no database."""
    path = tmp_path / "box.sqlite"
    store = Store(path, durable=True)
    with store.transaction() as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
    store.close()
    with pytest.raises(RuntimeError, match="newer"):
        LocalPlatform(path).start()
    other = tmp_path / "notes.txt"
    other.write_text("not a database " * 100)
    with pytest.raises(RuntimeError, match="no sandbox"):
        LocalPlatform(other).start()
    assert other.read_text() == "not a database " * 100


def test_an_import_that_cannot_be_written_is_not_acknowledged(client, monkeypatch):
    """503, and the next one is taken."""

    def full(_store, _arrivals):
        raise OSError("disk full")

    monkeypatch.setattr("occtoo_frames._sandbox.keeper.put", full)
    assert client.send({"entities": [entity("a")]}).status_code == 503
    monkeypatch.setattr("occtoo_frames._sandbox.keeper.put", store_inbox.put)
    assert client.send({"entities": [entity("b")]}).status_code == 202
    client.platform.settle()
    assert set(client.platform.entries("products")) == {"b"}


def test_an_import_that_cannot_be_folded_yet_is_folded_later(client, monkeypatch):
    """It waits in the inbox, and whoever waits for it is told."""

    def full(_store, _limit, _changed):
        raise OSError("disk full")

    monkeypatch.setattr("occtoo_frames._sandbox.keeper.take", full)
    assert client.send({"entities": [entity("a", {"x": "1"})]}).status_code == 202
    with pytest.raises(RuntimeError, match="cannot write"):
        client.platform.settle()
    monkeypatch.setattr("occtoo_frames._sandbox.keeper.take", store_inbox.take)
    while not client.platform.entries("products"):
        threading.Event().wait(0.01)
    client.platform.settle()


def test_a_client_that_goes_away_leaves_no_trace(client, caplog):
    """Nothing of its import is stored, and nothing is logged."""
    head = (
        "POST /import/products HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"
        f"Authorization: {client.headers()['Authorization']}\r\n\r\n"
    )
    host, _, port = client.platform.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as line:
        line.sendall(head.encode() + b'{"entities":[')
    assert client.send({"entities": [entity("b")]}).status_code == 202
    client.platform.settle()
    assert set(client.platform.entries("products")) == {"b"}
    assert caplog.records == []


def test_imports_from_several_threads_all_land(client):
    """None twice, none lost."""
    client.headers()
    threads = [
        threading.Thread(
            target=client.send, args=({"entities": [entity(f"k{worker}-{n}", {"x": "1"}) for n in range(50)]},)
        )
        for worker in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    client.platform.settle()
    assert client.platform.sources == {"products": 600}


def test_a_platform_starts_once_and_stops_often(platform):
    """And starts again."""
    with pytest.raises(RuntimeError, match="runs already"):
        platform.start()
    platform.stop()
    platform.stop()
    with pytest.raises(RuntimeError, match="not running"):
        platform.add_source("x")
    with platform:
        assert platform.sources == {}


def test_it_listens_on_this_machine_only(platform):
    """And a port that is taken is said."""
    assert platform.url.startswith("http://127.0.0.1:")
    with pytest.raises(OSError, match="in use"):
        LocalPlatform(port=int(platform.url.rpartition(":")[2])).start()


def test_a_seeded_one_has_something_to_read():
    """Products with images, published in two languages."""
    found = []
    ended = threading.Event()

    def ready(platform):
        platform.settle()
        found.append(Client(platform).read(f"{platform.url}/sandbox/shop/v1/products", {"language": "sv"}))
        ended.set()

    assert serve(seed=True, on_ready=ready, stop=ended) == 0
    assert [result["name"] for result in found[0]["results"]] == ["Blå stol", "Röd fåtölj", "Ekbord"]
    assert [image["id"] for image in found[0]["results"][1]["images"]] == ["img-2", "img-1"]


def test_the_page_says_what_is_there(client):
    """Sources with their counts, and endpoints; everything escaped."""
    client.put({"a": {"x": "1"}})
    client.publish(protected=True)
    answer = client.get("/")
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    for part in ("products", "/sandbox/shop/v1/products", "/sandbox/shop/v1/openapi", "protected"):
        assert part in answer.text
    assert client.platform.provider_secret not in answer.text
