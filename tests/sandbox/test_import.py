import json

import pytest
from sandbox_client import Client, entity, value

from occtoo_frames._sandbox.platform import LocalPlatform


def details(answer):
    """What a 400 says, one text an error."""
    assert answer.status_code == 400, answer.text
    document = answer.json()
    assert document["result"] is None
    assert document["requestId"]
    assert {error["message"] for error in document["errors"]} == {"Invalid request"}
    return [error["details"]["message"] for error in document["errors"]]


def test_a_202_holds_both_spellings_of_its_id(client):
    """At the root and in the envelope."""
    answer = client.send({"entities": [entity("a", {"name": "x"})]})
    document = answer.json()
    assert answer.status_code == 202
    assert document["id"] == document["result"]["id"]
    assert document["errors"] == []
    assert document["requestId"]


def test_values_merge_by_property_and_language(client):
    """What is not in an import stays."""
    client.put({"a": {"name:en": "Chair", "name:sv": "Stol", "price": "1"}})
    client.put({"a": {"name:en": "Blue chair", "color": "blue"}})
    assert client.platform.entries("products") == {
        "a": {"name:en": "Blue chair", "name:sv": "Stol", "price": "1", "color": "blue"}
    }


def test_deletes_and_updates_share_a_request(client):
    """The properties of a deleted entity are ignored, even malformed ones."""
    client.put({"a": {"x": "1"}, "b": {"x": "1"}})
    gone = {"key": "a", "delete": True, "properties": [{"id": "not legal", "value": 7}]}
    assert client.send({"entities": [gone, entity("b", {"x": "2"}), entity("c", delete=True)]}).status_code == 202
    client.platform.settle()
    assert client.platform.entries("products") == {"b": {"x": "2"}}


def test_a_deleted_entry_comes_back_without_its_old_values(client):
    """Deleting forgets."""
    client.put({"a": {"x": "1", "y": "1"}})
    client.delete(["a"])
    client.put({"a": {"x": "2"}})
    assert client.platform.entries("products") == {"a": {"x": "2"}}


def test_sending_the_same_twice_changes_nothing(client):
    """With and without a correlation id."""
    body = {"entities": [entity("a", {"x": "1"}), entity("b", {"x": "1"})]}
    for path in ("/import/products", "/import/products?correlationId=0c6cbe1e-9d0e-4a57-a4b5-1cbb3a1f3f7e"):
        for _ in range(2):
            assert client.post(path, json=body, headers=client.headers()).status_code == 202
    client.platform.settle()
    assert client.platform.entries("products") == {"a": {"x": "1"}, "b": {"x": "1"}}


def test_batches_of_one_run_share_a_correlation_id(client):
    """It names a run; it does not make its second batch a repetition."""
    for key in ("a", "b"):
        path = "/import/products?correlationId=0c6cbe1e-9d0e-4a57-a4b5-1cbb3a1f3f7e"
        client.post(path, json={"entities": [entity(key, {"x": "1"})]}, headers=client.headers())
    client.platform.settle()
    assert set(client.platform.entries("products")) == {"a", "b"}


def test_names_match_in_any_case(client):
    """As an official client writes them, also mixed within one body."""
    body = {
        "Entities": [
            {"Key": "a", "Delete": False, "Properties": [{"Id": "x", "Value": "1", "Language": None}]},
            {"key": "b", "Properties": [{"ID": "x", "value": "2", "LANGUAGE": "en"}]},
        ]
    }
    assert client.send(body).status_code == 202
    client.platform.settle()
    assert client.platform.entries("products") == {"a": {"x": "1"}, "b": {"x:en": "2"}}


def test_unknown_names_are_passed_over(client):
    """As the platform does with members it does not know."""
    body = {"entities": [{"key": "a", "extra": 1, "properties": [{"id": "x", "value": "1", "unit": "kg"}]}], "more": {}}
    assert client.send(body).status_code == 202


def test_no_language_is_said_in_three_ways(client):
    """Null, empty and absent are one."""
    for language in ({"language": None}, {"language": ""}, {}):
        assert client.send({"entities": [{"key": "a", "properties": [{"id": "x", "value": "1", **language}]}]}).ok
    client.platform.settle()
    assert client.platform.entries("products") == {"a": {"x": "1"}}


def test_null_stores_an_empty_value(client):
    """As the empty text does."""
    client.put({"a": {"x": "1", "y": "1"}})
    client.put({"a": {"x": None, "y": ""}})
    assert client.platform.entries("products") == {"a": {"x": "", "y": ""}}


@pytest.mark.parametrize(
    ("entities", "said"),
    [
        ([entity("@2"), entity("a b"), entity("ok")], "restricted characters: @2, a b"),
        ([entity("å")], "restricted characters: å"),
        ([entity("a"), entity("a"), entity("b")], "more than once: a"),
        ([entity("a" * 257)], "1 to 256 characters"),
        ([entity("")], "1 to 256 characters"),
        ([entity("a", {"not legal": "1"})], "not legal"),
        ([entity("a", {"": "1"})], "Property ids"),
        ([entity("a", {"x" * 257: "1"})], "Property ids"),
        ([{"key": "a", "properties": [value("x", "1", "e")]}], "Languages"),
        ([{"key": "a", "properties": [value("x", "1", "e" * 11)]}], "Languages"),
        ([{"key": "a", "properties": [value("x", "1", "sv SE")]}], "sv SE"),
        ([{"key": "a", "properties": [value("x", "1"), value("x", "2", "")]}], "more than once in the entities: a"),
        ([{"key": "a", "properties": [value("x", "1", "en"), value("x", "2", "en")]}], "in the entities: a"),
        ([{"key": "a", "properties": [{"id": "x", "value": 1}]}], "entities[1].properties[0].value"),
        ([{"key": "a", "properties": [{"id": "x", "value": True}]}], "str"),
        ([{"key": "a", "properties": [{"id": "x", "value": {}}]}], "str"),
        ([{"key": "a", "properties": [{"id": "x", "value": []}]}], "str"),
        ([{"key": 1, "properties": []}], "key"),
        ([{"properties": []}], "key"),
        ([{"key": "a", "properties": {}, "delete": 1}], "delete"),
        ([{"key": "a", "properties": "x"}], "properties"),
        ([[]], "object"),
        ([None], "object"),
    ],
)
def test_one_bad_entity_refuses_the_whole_batch(client, entities, said):
    """The answer lists what offends, and nothing is stored."""
    body = {"entities": [entity("good", {"x": "1"}), *entities]}
    assert any(said in detail for detail in details(client.send(body)))
    client.platform.settle()
    assert client.platform.entries("products") == {}


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b"[]", b"{}", b'{"entities":null}', b'{"entities":{}}', b'"x"', b"\xff\xfe", b"[" * 5_000],
)
def test_a_body_without_entities_is_400(client, body):
    """Whatever it is instead."""
    details(client.post("/import/products", data=body, headers=client.headers()))


@pytest.mark.parametrize("text", [r'"\ud800"', r'"\ud800x"'])
def test_a_lone_surrogate_is_400(client, text):
    """No such text can be stored."""
    body = f'{{"entities":[{{"key":"a","properties":[{{"id":"x","value":{text}}}]}}]}}'
    details(client.post("/import/products", data=body, headers=client.headers()))


def test_every_broken_rule_is_said(client):
    """One error a rule."""
    body = {"entities": [entity("@1", {"a b": "1"}), entity("c"), entity("c")]}
    assert len(details(client.send(body))) == 3


@pytest.mark.parametrize(
    "text", ["", "é", "😀", '"quoted" \\ back', "a\x00b", "\u2028", "<b>&", "x" * 100_000, "\r\n\t"]
)
def test_texts_come_back_as_they_were(client, text):
    """Through the store, and through an endpoint."""
    client.put({"a": {"x": text}})
    assert client.platform.entries("products") == {"a": {"x": text}}
    assert client.read(client.publish())["results"] == [{"id": "a", "x": text}]


def test_an_empty_import_is_taken(client):
    """It is no entity too many."""
    assert client.send({"entities": []}).status_code == 202


def test_a_missing_or_wrong_token_is_401(client):
    """In the envelope; an application's token is none either."""
    for headers in (
        {},
        {"Authorization": "Bearer x"},
        {"Authorization": "Basic x"},
        {"Authorization": f"Bearer {client.application_token()}"},
    ):
        answer = client.post("/import/products", json={"entities": []}, headers=headers)
        assert (answer.status_code, answer.json()["result"]) == (401, None)


def test_an_unknown_source_is_403_and_named(client):
    """With words that name it."""
    answer = client.send({"entities": [entity("a")]}, source="nope")
    assert answer.status_code == 403
    assert "'nope'" in answer.json()["errors"][0]["details"]["message"]


@pytest.fixture
def narrow():
    """A client of a platform with small limits."""
    with LocalPlatform(max_body_bytes=2_000, max_entities=3, max_entity_bytes=500) as platform:
        platform.add_source("products")
        yield Client(platform)


def test_limits_are_taken_to_the_last_byte(narrow):
    """The largest legal body, entity and count are taken; one more of each is not."""
    small = {"entities": [entity(key) for key in "abc"]}
    assert narrow.send(small).status_code == 202
    assert "At most 3 entities" in details(narrow.send({"entities": [entity(key) for key in "abcd"]}))[0]
    assert narrow.post("/import/products", data=padded(2_000), headers=narrow.headers()).status_code == 202
    answer = narrow.post("/import/products", data=padded(2_001), headers=narrow.headers())
    assert answer.status_code == 413
    assert "2000" in answer.json()["errors"][0]["details"]["message"]


def padded(size):
    """A legal body of this size."""
    body = json.dumps({"entities": [entity("a", {"x": "1"})]}).encode()
    return body + b" " * (size - len(body))


def test_an_entity_is_measured_in_bytes(narrow):
    """Its own JSON, not its characters and not the whole body; every one too large is named."""
    fits = json.dumps(entity("a", {"x": ""})).encode()
    room = (500 - len(fits)) // 2

    def body(letters):
        one = json.dumps(entity("a", {"x": "é" * letters}), ensure_ascii=False)
        return f'{{"entities":[{one},{json.dumps(entity("b"))}]}}'.encode()

    assert narrow.post("/import/products", data=body(room), headers=narrow.headers()).status_code == 202
    refused = narrow.post("/import/products", data=body(room + 1), headers=narrow.headers())
    assert details(refused) == ["Entities may have at most 500 bytes: a"]


def test_a_very_long_body_is_413_and_read_to_its_end(narrow):
    """So that the client sees the answer and not a broken pipe."""
    answer = narrow.post("/import/products", data=b"x" * 5_000_000, headers=narrow.headers())
    assert answer.status_code == 413


def test_lenient_takes_scalars_as_their_text():
    """Numbers with the digits they came with; objects and arrays are refused still."""
    with LocalPlatform(lenient=True) as platform:
        platform.add_source("products")
        client = Client(platform)
        values = '[{"id":"i","value":7},{"id":"d","value":1.50},{"id":"b","value":true},{"id":"t","value":"x"}]'
        body = f'{{"entities":[{{"key":"a","properties":{values}}}]}}'
        assert client.post("/import/products", data=body, headers=client.headers()).status_code == 202
        platform.settle()
        assert platform.entries("products") == {"a": {"i": "7", "d": "1.50", "b": "true", "t": "x"}}
        details(client.send({"entities": [{"key": "a", "properties": [{"id": "x", "value": [1]}]}]}))


def test_an_import_becomes_visible_after_the_delay_only():
    """A 202 does not make data visible."""
    with LocalPlatform(visibility_delay_s=30) as platform:
        platform.add_source("products")
        client = Client(platform)
        url = client.publish()
        assert client.send({"entities": [entity("a", {"x": "1"})]}).status_code == 202
        assert client.ids(url) == []
        with pytest.raises(TimeoutError):
            platform.settle(timeout_s=0.05)


def test_every_property_ever_seen_is_tracked(client):
    """Even when no entry has it any more."""
    client.put({"a": {"x": "1", "y:en": "1"}})
    client.delete(["a"])
    client.put({"b": {"z": "1"}})
    assert client.read(client.publish())["results"] == [{"id": "b", "x": None, "y": None, "z": 1}]


def test_a_name_that_was_never_met_stands_beside_those_that_were(client):
    """In any order, and in a language that is new."""
    client.put({"a": {"x": "1", "name:en": "Chair"}})
    client.put({"b": {"x": "1", "new-one": "2", "name:fi": "Tuoli"}, "c": {"x:en": "3", "name": "4"}})
    assert client.platform.entries("products") == {
        "a": {"x": "1", "name:en": "Chair"},
        "b": {"x": "1", "new-one": "2", "name:fi": "Tuoli"},
        "c": {"x:en": "3", "name": "4"},
    }


def test_more_names_than_are_remembered_are_taken_all_the_same(client):
    """Some thousand of them, twice."""
    entries = {f"k{number}": {f"p{number}-{each}": "1" for each in range(250)} for number in range(12)}
    for key, values in entries.items():
        client.put({key: values})
    client.put(entries)
    assert client.platform.entries("products") == entries


def test_an_entity_that_is_too_large_is_named_in_any_casing(client):
    """Also where another member is called almost the same."""
    large = {"Key": "big", "Properties": [{"Id": "x", "Value": "v" * 1_000_001}]}
    for body in ({"Entities": [large]}, {"ENTITIES": [large], "entities": []}, {"more": 1, "entities": [large]}):
        assert details(client.send(body)) == ["Entities may have at most 1000000 bytes: big"]


def test_a_key_may_come_several_times_before_it_is_visible():
    """Added, changed, deleted and added again, all in the order of their requests."""
    steps = [
        [entity("a", {"x": "1", "y": "1"}), entity("b", {"x": "1"})],
        [entity("a", {"x": "2"}), entity("c", {"x": "1"})],
        [entity("b", delete=True), entity("d", {"x": "1"})],
        [entity("b", {"y": "9"})],
    ]
    with LocalPlatform(visibility_delay_s=0.5) as platform:
        for source in ("products", "others"):
            platform.add_source(source)
        client = Client(platform)
        for step in steps:
            assert client.send({"entities": step}).status_code == 202
            assert client.send({"entities": step}, "others").status_code == 202
        platform.settle()
        found = [platform.entries(source) for source in ("products", "others")]
    after = {"a": {"x": "2", "y": "1"}, "b": {"y": "9"}, "c": {"x": "1"}, "d": {"x": "1"}}
    assert found == [after, after]
