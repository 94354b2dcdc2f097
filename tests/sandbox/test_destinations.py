from datetime import UTC, datetime

import pytest
from sandbox_client import entity


@pytest.fixture
def shop(client):
    """Five entries of every kind, published with a list and two facets."""
    client.put(
        {
            "a": {
                "name:en": "Red chair",
                "name:sv": "Röd stol",
                "price": "10.50",
                "stock": "3",
                "tags": "wood|kitchen",
            },
            "b": {"name:en": "Blue chair", "price": "9.90", "stock": "12", "tags": "wood", "on": "true"},
            "c": {"name:en": "Oak table", "price": "100.00", "stock": "3", "tags": "", "on": "false"},
            "d": {"name:sv": "Lampa", "seen": "2026-03-01T12:00:00+01:00", "code": "007"},
            "e": {"name:en": "", "price": "-1.00", "seen": "2026-03-01T11:30:00Z", "code": "7"},
        }
    )
    return client.publish(types={"tags": "List"}, facets={"tags": 10, "stock": 1})


def test_a_result_has_every_property_in_its_type(client, shop):
    """Absent is null, an empty list is empty, an empty text is empty."""
    results = client.read(shop)["results"]
    assert results[0] == {
        "id": "a",
        "name": "Red chair",
        "price": 10.5,
        "stock": 3,
        "tags": ["wood", "kitchen"],
        "on": None,
        "seen": None,
        "code": None,
    }
    assert results[1]["on"] is True
    assert (results[2]["tags"], results[2]["on"]) == ([], False)
    assert (results[3]["name"], results[3]["seen"]) == (None, "2026-03-01T12:00:00+01:00")
    assert (results[4]["name"], results[4]["tags"], results[4]["code"]) == ("", None, "7")


def test_decimals_keep_every_digit(client):
    """On the wire they are JSON numbers with the digits that were pushed."""
    client.put({"a": {"x": "1.50"}, "b": {"x": "99999999999999999999.99"}, "c": {"x": "-0.10"}, "d": {"x": "0"}})
    text = client.get(client.publish()).text
    for digits in ('"x":1.50}', '"x":99999999999999999999.99}', '"x":-0.10}', '"x":0}'):
        assert digits in text


def test_a_language_is_asked_for(client, shop):
    """A missing translation is null; without a language it is the first published."""
    assert [result["name"] for result in client.read(shop, {"language": "sv"})["results"]] == [
        "Röd stol",
        None,
        None,
        "Lampa",
        None,
    ]
    assert client.read(shop, {"language": "sv"})["language"] == "sv"
    assert client.read(shop)["language"] == "en"
    assert client.get(shop, {"language": "xx"}).status_code == 400


def test_get_and_post_answer_alike(client, shop):
    """Every parameter has its member."""
    pairs = [
        ({"top": "2"}, {"top": 2}),
        ({"skip": "1", "top": "2"}, {"skip": 1, "top": 2}),
        ({"sortAsc": ["stock", "id"]}, {"sortAsc": ["stock", "id"]}),
        ({"sortDesc": "price"}, {"sortDesc": ["price"]}),
        ({"sortAsc": "id", "after": "b"}, {"sortAsc": ["id"], "after": ["b"]}),
        ({"includeTotals": "true"}, {"includeTotals": True}),
        ({"language": "sv"}, {"language": "sv"}),
        ({"listIds": "true"}, {"listIds": True}),
        ({"search": "chair", "searchOn": "name"}, {"search": ["chair"], "searchOn": ["name"]}),
        ({"search": "RED", "caseInsensitiveSearch": "true"}, {"search": ["RED"], "caseInsensitiveSearch": True}),
        ({"periodSince": "2020-01-01"}, {"period": {"since": "2020-01-01"}}),
        ({"stock": ["3", "12"]}, {"filter": [{"must": {"stock": ["3", "12"]}}]}),
        ({"language": "", "sortAsc": ""}, {"language": "", "sortAsc": [""], "filter": [], "search": []}),
    ]
    for params, body in pairs:
        assert client.read(shop, params) == client.read(shop, **body), params


def test_pages_are_cut_by_skip_and_top(client, shop):
    """Fifty unless told; none if told."""
    assert client.ids(shop, {"skip": "1", "top": "2"}) == ["b", "c"]
    assert client.ids(shop, {"skip": "9"}) == []
    assert client.ids(shop, {"top": "0"}) == []
    client.put({f"k{number:03}": {"code": "x"} for number in range(60)})
    assert len(client.ids(shop)) == 50


def test_totals_come_when_asked_for(client, shop):
    """Of everything that matches, wherever the page is."""
    assert "total" not in client.read(shop)
    assert client.read(shop, {"includeTotals": "true", "top": "1", "stock": "3"})["total"] == 2
    assert client.read(shop, {"includeTotals": "true", "sortAsc": "id", "after": "d"})["total"] == 5


def test_list_ids_gives_bare_keys(client, shop):
    """As texts."""
    assert client.read(shop, {"listIds": "true", "top": "2"})["results"] == ["a", "b"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([{"must": {"stock": ["3"]}}], "ac"),
        ([{"must": {"stock": ["3", "12"]}}], "abc"),
        ([{"must": {"stock": ["3"], "price": ["10.5"]}}], "a"),
        ([{"must": {"stock": ["3.0"]}}], "ac"),
        ([{"must": {"stock": ["3.5"]}}], ""),
        ([{"must": {"stock": ["99999999999999999999"]}}], ""),
        ([{"must": {"price": ["1.05e1"]}}], "a"),
        ([{"must": {"price": ["10.501"]}}], ""),
        ([{"must": {"stock": [3]}}], "ac"),
        ([{"must": {"on": ["TRUE"]}}], "b"),
        ([{"must": {"on": [False]}}], "c"),
        ([{"must": {"tags": ["wood"]}}], "ab"),
        ([{"must": {"tags": [""]}}], "c"),
        ([{"must": {"stock": [""]}}], "de"),
        ([{"must": {"code": ["007"]}}], "d"),
        ([{"must": {"name": [""]}}], "e"),
        ([{"must": {"seen": ["2026-03-01T11:00:00Z"]}}], "d"),
        ([{"must": {"id": ["a", "e"]}}], "ae"),
        ([{"mustNot": {"tags": ["kitchen"]}}], "bcde"),
        ([{"mustNot": {"stock": ["3"]}}], "bde"),
        ([{"must": {"stock": ["3"]}, "mustNot": {"tags": ["wood"]}}], "c"),
        ([{"must": {"stock": ["12"]}}, {"must": {"code": ["7"]}}], "be"),
        ([{"must": {"stock": []}}], "abcde"),
        ([{}, {"must": {"stock": ["3"]}}], "abcde"),
        ([{"Must": {"stock": ["3"]}, "MUSTNOT": {"id": ["a"]}}], "c"),
        ([{"range": {"price": {"gte": "9.9", "lt": "100"}}}], "ab"),
        ([{"range": {"price": {"gt": 9.9}}}], "ac"),
        ([{"range": {"price": {"lte": "9.905"}}}], "be"),
        ([{"range": {"stock": {"gt": "2.5", "lte": "1e300"}}}], "abc"),
        ([{"range": {"stock": {"gte": "99999999999999999999"}}}], ""),
        ([{"range": {"seen": {"lt": "2026-03-01T11:30:00Z"}}}], "d"),
        ([{"range": {"id": {"gt": "b", "lte": "d"}}}], "cd"),
        ([{"range": {"name": {"gte": "O"}}}], "ac"),
    ],
)
def test_filters_choose(client, shop, filters, found):
    """Values OR, properties AND, objects OR, mustNot excludes, lists by any element, numbers exactly."""
    assert "".join(client.ids(shop, filter=filters)) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"sortAsc": ["price"]}, "ebacd"),
        ({"sortDesc": ["price"]}, "cabed"),
        ({"sortAsc": ["stock", "price"]}, "acbed"),
        ({"sortAsc": ["stock"], "sortDesc": ["price"]}, "cabed"),
        ({"sortDesc": ["stock"], "sortAsc": ["id"]}, "bacde"),
        ({"sortAsc": ["name"]}, "ebcad"),
        ({"sortDesc": ["name"]}, "acbed"),
        ({"sortDesc": ["id"]}, "edcba"),
        ({"sortAsc": ["seen"]}, "deabc"),
        ({"sortAsc": ["on"]}, "cbade"),
        ({"sortAsc": ["id"], "after": ["b"]}, "cde"),
        ({"sortAsc": ["id"], "after": ["bb"]}, "cde"),
        ({"sortDesc": ["id"], "after": ["b"]}, "a"),
        ({"sortAsc": ["price"], "after": ["9.9"]}, "acd"),
        ({"sortDesc": ["price"], "after": ["9.90"]}, "ed"),
        ({"sortDesc": ["stock"], "sortAsc": ["id"], "after": ["3", "a"]}, "cde"),
        ({"sortAsc": ["stock", "id"], "after": ["", "d"]}, "e"),
        ({"sortAsc": ["name", "id"], "after": ["", "e"]}, "bcad"),
        ({"sortAsc": ["name", "id"], "after": ["", "d"]}, ""),
        ({"sortAsc": ["on"], "after": ["false"]}, "bade"),
    ],
)
def test_sorts_order_and_after_goes_on(client, shop, query, found):
    """What is missing comes last; ties by key."""
    assert "".join(client.ids(shop, **query)) == found


@pytest.mark.parametrize("sort", [{"sortAsc": ["stock", "id"]}, {"sortDesc": ["name"], "sortAsc": ["id"]}])
def test_paging_by_after_sees_every_entry_once(client, shop, sort):
    """With id as the last sort, over equal and missing values."""
    names = [*sort.get("sortDesc", []), *sort["sortAsc"]]
    seen, after = [], []
    while page := client.read(shop, top=1, **sort, **({"after": after} if after else {}))["results"]:
        seen.append(page[0]["id"])
        after = ["" if page[0][name] is None else str(page[0][name]) for name in names]
    assert sorted(seen) == list("abcde")


def test_a_filter_on_a_facet_of_text_warns_of_nothing(client, recwarn):
    """Whether a value occurs or not."""
    client.put({"a": {"cat": "x"}, "b": {"cat": "y"}, "c": {}})
    url = client.publish(facets=["cat"])
    assert client.ids(url, {"cat": "x"}) == ["a"]
    assert client.ids(url, filter=[{"must": {"cat": ["y", "z"]}}]) == ["b"]
    assert [str(warning.message) for warning in recwarn] == []


def test_facets_count_under_the_filter(client, shop):
    """At most their size, the most frequent first; lists by element; empty and missing values not at all."""
    tags, stock = client.read(shop)["facets"]
    assert tags == {
        "propertyId": "tags",
        "header": "tags",
        "values": [{"key": "wood", "count": 2}, {"key": "kitchen", "count": 1}],
    }
    assert stock["values"] == [{"key": "3", "count": 2}]
    tags, stock = client.read(shop, {"stock": "12"})["facets"]
    assert tags["values"] == [{"key": "wood", "count": 1}]
    assert stock["values"] == [{"key": "12", "count": 1}]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"search": ["chair"]}, "ab"),
        ({"search": ["CHAIR"]}, ""),
        ({"search": ["CHAIR"], "caseInsensitiveSearch": True}, "ab"),
        ({"search": ["chair", "Red"]}, "a"),
        ({"search": ["wood"], "searchOn": ["tags"]}, "ab"),
        ({"search": ["wood"], "searchOn": ["name"]}, ""),
        ({"search": ["."], "searchOn": ["name"]}, ""),
        ({"search": ["3"], "searchOn": ["stock"]}, "ac"),
    ],
)
def test_a_search_finds_texts(client, shop, query, found):
    """Every term, in any of the properties, as it stands."""
    assert "".join(client.ids(shop, **query)) == found


def test_a_period_gives_what_changed_in_it(client, shop):
    """An entry that was sent again unchanged did not."""
    unchanged = client.platform.entries("products")["b"]
    moment = datetime.now(UTC).isoformat()
    client.put({"a": {"stock": "4"}, "b": unchanged})
    assert client.ids(shop, {"periodSince": moment}) == ["a"]
    assert client.ids(shop, {"periodBefore": moment}) == list("bcde")
    assert client.get(shop, {"periodSince": "yesterday"}).status_code == 400


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"bogus": "1"}, "bogus"),
        ({"sortAsc": "bogus"}, "bogus"),
        ({"searchOn": "bogus"}, "bogus"),
        ({"stock": "three"}, "stock must be a number"),
        ({"stock": "1_0"}, "number"),
        ({"price": "NaN"}, "number"),
        ({"price": "1e999"}, "sensible"),
        ({"on": "yes"}, "true or false"),
        ({"seen": "soon"}, "ISO"),
        ({"sortAsc": "tags"}, "list"),
        ({"after": "a"}, "after"),
        ({"sortAsc": "id", "after": ["a", "b"]}, "after"),
        ({"sortAsc": "stock", "after": "x"}, "number"),
        ({"top": "x"}, "top"),
        ({"top": "-1"}, "top"),
        ({"skip": "1.5"}, "skip"),
        ({"top": "10001"}, "10000"),
        ({"top": "5001", "skip": "5000"}, "10000"),
        ({"includeTotals": "maybe"}, "includeTotals"),
        ({"language": "de"}, "de"),
    ],
)
def test_what_cannot_be_answered_is_a_problem(client, shop, params, said):
    """400, as problem details that say what."""
    answer = client.get(shop, params)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]
    assert answer.json()["status"] == 400


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"\xff",
        b"[" * 5_000,
        b'{"top":1.5}',
        b'{"filter":{"must":{}}}',
        b'{"filter":[1]}',
        b'{"filter":[{"must":[]}]}',
        b'{"filter":[{"must":{"stock":[null]}}]}',
        b'{"filter":[{"range":{"stock":1}}]}',
        b'{"filter":[{"range":{"tags":{"gt":"a"}}}]}',
        b'{"filter":[{"range":{"on":{"gt":"true"}}}]}',
        b'{"after":[1]}',
        b'{"period":[1]}',
        b'{"sortAsc":[{}]}',
    ],
)
def test_a_malformed_body_is_a_problem(client, shop, body):
    """400 and nothing worse."""
    assert client.session.post(shop, data=body, timeout=30).status_code == 400


def test_an_empty_body_asks_for_everything(client, shop):
    """As the empty object does."""
    assert client.session.post(shop, timeout=30).json() == client.read(shop)


def test_empty_texts_ask_for_nothing(client, shop):
    """A form with nothing filled in asks for everything."""
    body = {"sortAsc": [""], "sortDesc": [""], "after": [""], "search": [""], "language": "", "filter": []}
    answer = client.session.post(shop, json=body, timeout=30)
    assert (answer.status_code, answer.json()) == (200, client.read(shop))
    assert client.session.post(shop, json={"sortAsc": [""], "after": ["a"]}, timeout=30).status_code == 400


@pytest.mark.parametrize("path", ["/sandbox/shop/v1/other", "/sandbox/shop/v2/products", "/else/shop/v1/products",
                                  "/sandbox/other/v1/openapi", "/sandbox/shop", "/nothing"])  # fmt: skip
def test_an_unknown_address_is_not_found(client, shop, path):
    """404, as problem details."""
    answer = client.get(path)
    assert (answer.status_code, answer.json()["status"]) == (404, 404)


def test_a_protected_endpoint_takes_an_applications_token(client, shop):
    """And no other, nor none."""
    client.put({"a": {"x": "1"}})
    url = client.publish(protected=True)
    assert client.get(url).status_code == 401
    assert client.get(url, headers=client.headers()).status_code == 401
    token = client.application_token()
    assert client.get(url, headers={"Authorization": f"Bearer {token}"}).status_code == 200
    client.platform.expire_tokens()
    assert client.get(url, headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_relations_are_nested_in_the_order_of_their_keys(client):
    """Those without an entry are left out; languages hold in them too."""
    client.platform.add_source("media")
    client.put({"m1": {"url": "u1", "alt:en": "One", "alt:sv": "Ett"}, "m2": {"url": "u2", "w": "1.0"}}, "media")
    client.put({"a": {"pics": "m2|m1|gone|m2"}, "b": {"pics": ""}, "c": {}})
    url = client.publish(relations={"images": ("media", "pics")})
    first, second, third = client.read(url, {"language": "sv"})["results"]
    two = {"id": "m2", "url": "u2", "alt": None, "w": 1.0}
    assert first["images"] == [two, {"id": "m1", "url": "u1", "alt": "Ett", "w": None}, two]
    assert second["images"] == third["images"] == []


def test_relations_need_not_show_their_keys(client):
    """The property that lists them may be left out of the results."""
    client.platform.add_source("media")
    client.put({"m1": {"url": "u1"}}, "media")
    client.put({"a": {"pics": "m1", "x": "1"}})
    url = client.publish(relations={"images": ("media", "pics")}, properties=["x"])
    assert client.read(url)["results"] == [{"id": "a", "x": 1, "images": [{"id": "m1", "url": "u1"}]}]


def test_lists_are_cut_by_the_propertys_separator(client):
    """A vertical bar unless told."""
    client.put({"a": {"x": "1;2|3", "y:en": "p|q"}})
    url = client.publish(types={"x": "List", "y": "List"}, separators={"x": ";"})
    assert client.read(url)["results"] == [{"id": "a", "x": ["1", "2|3"], "y": ["p", "q"]}]


def test_only_chosen_properties_are_shown(client):
    """The others are unknown to queries too."""
    client.put({"a": {"x": "1", "y": "2"}})
    url = client.publish(properties=["y"])
    assert client.read(url)["results"] == [{"id": "a", "y": 2}]
    assert client.get(url, {"x": "1"}).status_code == 400


def test_changes_show_in_what_is_published(client, shop):
    """New entries, new values, new properties, deletes."""
    assert client.ids(shop) == list("abcde")
    client.put({"aa": {"fresh": "1"}, "b": {"name:en": "Green chair"}})
    client.delete(["a", "e"])
    results = {result["id"]: result for result in client.read(shop)["results"]}
    assert list(results) == ["aa", "b", "c", "d"]
    assert (results["aa"]["fresh"], results["b"]["fresh"], results["b"]["name"]) == (1, None, "Green chair")


def test_an_empty_source_answers_with_nothing(client):
    """No hits are an empty array."""
    url = client.publish(facets=["x"])
    assert client.read(url, {"includeTotals": "true"}) == {"language": "en", "results": [], "total": 0, "facets": []}
    assert client.send({"entities": [entity("a")]}).ok
    client.platform.settle()
    assert client.read(url)["results"] == [{"id": "a"}]
