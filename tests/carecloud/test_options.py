"""What is said about an import beside the table: taken as it was meant, or refused before anything is sent."""

import json

import pandas as pd
import pytest

import occtoo_frames as of

FAMILY = pd.DataFrame({"id": ["f-1"], "name": ["Ann"]})


def _imported(**options):
    return of.carecloud.import_file(FAMILY, **{"entity": "family", "key": "id", **options})


def _announced(box, monkeypatch, **options):
    """What the portal is told of a file before it takes it."""
    seen = []
    transport = box.connection.session._transport
    send = transport.send
    monkeypatch.setattr(transport, "send", lambda request, **more: seen.append(request) or send(request, **more))
    assert _imported(**options).ok
    return json.loads(next(request.body for request in seen if request.url.endswith("/file/path")))


@pytest.mark.parametrize(("tags", "sent"), [("abc", ["abc"]), (["a", "b"], ["a", "b"]), (pd.Index(["a"]), ["a"])])
def test_one_text_is_one_tag(box, monkeypatch, tags, sent):
    """Not one for each of its letters."""
    told = _announced(box, monkeypatch, tags=tags, metadata={"from": "here"}, folder="f")
    assert (told["Tags"], told["Metadata"], told["Folder"]) == (sent, {"from": "here"}, "f")


@pytest.mark.parametrize(
    "wrong",
    [
        {"tags": 5},
        {"tags": [1]},
        {"metadata": 5},
        {"metadata": {"a": 5}},
        {"folder": 5},
        {"category": ["x"]},
        {"customer": None},
        {"delete": 5},
        {"key_separator": 5},
        {"types": 5},
        {"properties": 5},
        {"key": 5},
    ],
)
def test_an_option_that_means_nothing_is_refused(box, wrong):
    """Before anything is sent."""
    with pytest.raises(of.ConfigurationError, match=next(iter(wrong))):
        _imported(**wrong)
    assert not box.requests_seen


def test_what_stands_in_the_head_of_a_file_is_text(tmp_path):
    """But for the moment at which it was made."""
    for wrong in ({"workspace": 5}, {"bucket": 5}, {"reference": 5}, {"action": 5}, {"created": "2026"}):
        with pytest.raises(of.ConfigurationError, match=next(iter(wrong))):
            of.carecloud.write_sync_file(FAMILY, tmp_path / "f.cc5txt", entity="family", key="id", **wrong)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("path", [None, 5, "a\0b.cc5txt"])
def test_what_is_no_path_is_an_option_that_is_none(path):
    """To write to, and to read."""
    with pytest.raises(of.ConfigurationError, match="path="):
        of.carecloud.write_sync_file(FAMILY, path, entity="family", key="id")
    with pytest.raises(of.ConfigurationError, match="path="):
        of.carecloud.read_sync_file(path)


@pytest.mark.parametrize(
    "said",
    [
        {"properties": ["name"]},
        {"types": {"name": "string"}},
        {"delete": "gone"},
        {"deletes": "disable"},
        {"empty_text": "null"},
        {"key_separator": "+"},
        {"customer": "acme"},
        {"on_invalid": "skip"},
        {"read_options": {"separator": ";"}},
        {"properties": []},
        {"properties": {}},
    ],
)
def test_what_is_said_of_a_table_is_refused_beside_a_file(box, tmp_path, said):
    """It would do nothing, and rows that should be deleted would be kept; what says nothing is taken."""
    path = tmp_path / "f.cc5txt"
    written = of.carecloud.write_sync_file(FAMILY, path, entity="family", key="id")
    for file in (path, str(path), written):
        with pytest.raises(
            of.ConfigurationError, match=f"f.cc5txt is imported as it is: leave out {next(iter(said))}=,"
        ):
            of.carecloud.import_file(file, entity="family", **said)
    for other in ("id", ["entityId", "name"], of.INDEX):
        with pytest.raises(of.ConfigurationError, match="has the key entityId already: leave out key="):
            of.carecloud.import_file(path, entity="family", key=other)
    assert not box.requests_seen
    assert of.carecloud.import_file(path, entity="family", key="entityId", deletes="remove", on_invalid="raise").ok
    assert of.carecloud.import_file(path, entity="family", types={}, read_options={}).ok
