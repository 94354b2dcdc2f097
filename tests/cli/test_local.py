"""The sandbox's command: what it cannot be told ends it with words."""

import numpy as np
import pytest

import occtoo_frames as of


def test_a_file_that_no_sandbox_can_have_ends_with_2(run, tmp_path):
    """With words that name it, as the one document with --json: held by another, no sandbox's, in no folder."""
    (tmp_path / "text.sqlite").write_text("no database" * 100)
    held = tmp_path / "held.sqlite"
    with of.sandbox(held):
        for path, why in (
            (held, "another sandbox has"),
            (tmp_path / "text.sqlite", "no sandbox's file"),
            (tmp_path / "nowhere" / "x.sqlite", "cannot be opened"),
            (tmp_path, "cannot be opened"),
        ):
            ended = run("sandbox", "--data", path, "--json")
            assert (ended.code, ended.document["error"]) == (2, "ConfigurationError")
            assert why in ended.document["message"]
            assert path.name in ended.document["message"]


def test_an_option_that_the_sandbox_does_not_have_is_named():
    """With the one that was meant; a port that is none likewise."""
    with pytest.raises(of.ConfigurationError, match="did you mean 'visibility_delay_s'"):
        of.sandbox(visibilty_delay=1)
    for port in (99_999, -1, "80", np.int64(-1), True):
        with pytest.raises(of.ConfigurationError, match="port"):
            of.sandbox(port=port)


def test_a_port_may_be_any_kind_of_number():
    """As other options may."""
    with of.sandbox(port=np.int64(0)) as box:
        assert box.url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize(
    "wrong",
    [
        {"visibility_delay_s": "x"},
        {"visibility_delay_s": float("nan")},
        {"visibility_delay_s": -1},
        {"token_lifetime_s": float("inf")},
        {"media_delay_s": None},
        {"max_entities": 0},
        {"max_body_bytes": 1.5},
        {"max_entity_bytes": True},
        {"media_max_bytes": -5},
        {"lenient": "no"},
        {"tenant": "a/b"},
        {"tenant": ""},
        {"media_hosts": [5]},
        {"media_hosts": 5},
        {"media_hosts": np.array(5)},
    ],
)
def test_a_value_that_means_nothing_is_refused_before_anything_runs(wrong):
    """Later on it would end a thread, and the first push would wait for ever."""
    with pytest.raises(of.ConfigurationError, match="the sandbox cannot be made so: "):
        of.sandbox(**wrong)
