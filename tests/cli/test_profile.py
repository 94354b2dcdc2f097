"""The command that says which connection there is."""


def test_a_profile_says_where_each_connection_comes_from(run, box, monkeypatch, tmp_path):
    """The environment, a profile, or nowhere; file targets too."""
    told = run("profile", "--json").document
    assert set(told["from"].values()) == {"the environment"}
    assert all(told["complete"].values())
    for name in ("DATATILE_TOKEN", "DATATILE_URL", "OCCTOO_PROVIDER_ID", "OCCTOO_PROVIDER_SECRET", "OCCTOO_INGEST_URL"):
        monkeypatch.delenv(name)
    (tmp_path / "profiles.toml").write_text('[default]\nprovider_id = "me"\nprovider_secret = "hush"\n')
    monkeypatch.setattr("occtoo_frames._session.places.profiles_path", lambda: tmp_path / "profiles.toml")
    told = run("profile", "--json").document
    assert (told["from"]["provider"], told["from"]["datatile"]) == ("the profile 'default'", None)
    assert (told["complete"]["provider"], told["complete"]["datatile"]) == (True, False)
    assert "carecloud: complete, from the environment" in run("profile").out


def test_a_profile_shows_no_secret(run, box):
    """Only whether there is one."""
    secret = box.connection.provider_secret.reveal()
    for words in (["profile"], ["profile", "--json"]):
        ended = run(*words)
        assert ended.code == 0
        assert secret not in ended.out
    assert run("profile", "--json").document["complete"]["provider"]
