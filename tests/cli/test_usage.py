"""What a wrong command line is answered with."""

import pytest


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["plan", "x.csv"], "--key"),
        (["plan", "x.csv", "--key", "a", "--lang", "b"], "--lang takes"),
        (["push", "x.csv", "p", "--key", "a", "--lang", "b=en", "--auto"], "leave out --lang"),
        (["carecloud", "write", "x.csv"], "out"),
        (["sandbox", "--port", "x"], "integer"),
        (["nothing"], "nothing"),
    ],
)
def test_a_wrong_command_line_is_a_document_too(run, words, said):
    """With --json whatever a command says is one; without it the usual words."""
    ended = run(*words, "--json")
    assert (ended.code, ended.document["error"], ended.document["exit_code"]) == (2, "UsageError", 2)
    assert said in ended.document["message"]
    plain = run(*words)
    assert (plain.code, plain.out) == (2, "")
