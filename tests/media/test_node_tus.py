"""Our uploader against an independent TUS server: ``@tus/server`` from npm, where node and npm are there."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from occtoo_frames._api.media_content import BytesContent
from occtoo_frames._api.media_run import Courier
from occtoo_frames._push.media_tus import described, send_file
from occtoo_frames._push.media_upload import Forgetful
from occtoo_frames._session.connection import Connection

_PACKAGES = ("@tus/server@2.4.5", "@tus/file-store@2.1.1")
_SERVER = """
import { createServer } from "node:http"
import { Server } from "@tus/server"
import { FileStore } from "@tus/file-store"
const tus = new Server({ path: "/media/uploads/files", datastore: new FileStore({ directory: "./kept" }) })
let seen = 0
const http = createServer((request, response) => {
  if (request.method === "PATCH" && ++seen % 3 === 2) setTimeout(() => request.socket.destroy(), 5)
  tus.handle(request, response)
})
http.listen(0, "127.0.0.1", () => console.log(http.address().port))
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[tuple[str, Path]]:
    """Its address and where it keeps files; it cuts every third PATCH in the middle."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("node and npm are not there")
    folder = tmp_path_factory.mktemp("node")
    (folder / "package.json").write_text('{"type": "module", "private": true}')
    (folder / "server.mjs").write_text(_SERVER)
    (folder / "kept").mkdir()
    words = [npm, "install", "--no-audit", "--no-fund", *_PACKAGES]
    made = subprocess.run(words, check=False, cwd=folder, capture_output=True)  # noqa: S603 - pinned packages
    if made.returncode:
        pytest.skip(f"npm cannot install {', '.join(_PACKAGES)}")
    with subprocess.Popen([node, "server.mjs"], cwd=folder, stdout=subprocess.PIPE, text=True) as running:  # noqa: S603 - our own script
        try:
            yield f"http://127.0.0.1:{int(running.stdout.readline())}", folder / "kept"
        finally:
            running.terminate()


@pytest.mark.soak
@pytest.mark.parametrize("size", [1, 4 << 20, (4 << 20) + 1, 30_000_000])
def test_our_uploader_brings_files_to_an_independent_server(server, size):
    """One chunk, exact chunks, many chunks with connections cut in between: every byte is equal."""
    url, kept = server
    content = os.urandom(size)
    session = Connection(ingest_url=url).session
    courier = Courier(session, session.run(), grant=None)
    metadata = described("bild.png", size, None)
    file_id = courier.hold(send_file(url, BytesContent(content), metadata, Forgetful()))
    assert hashlib.sha256((kept / file_id).read_bytes()).digest() == hashlib.sha256(content).digest()
