"""The configuration: everything that is wrong with it, at once."""

from pathlib import Path

import pytest

from app.config.load import BadConfiguration, Configuration, check_configuration, read_table
from app.platforms.mediawiki import MediaWikiInbox
from app.setting_types.keys import digest_key, make_key

GOOD = """
[upstream]
contact = "me@example.test"

[[inboxes]]
name = "home"
platform = "mastodon"
url = "https://mastodon.example/"
token = "env:HOME_TOKEN"

[[inboxes]]
name = "wiki"
platform = "mediawiki"
url = "https://en.wikipedia.org/wiki/Main_Page"
username = "Alice@tidings"
password = "file:wiki.secret"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with both secrets where GOOD looks for them."""
    monkeypatch.setenv("HOME_TOKEN", "t0ken")
    (tmp_path / "wiki.secret").write_text("passw0rd\n")
    return tmp_path


def load(folder: Path, text: str, *, is_open: bool = False, **server: object) -> Configuration:
    """What a file of this text is, with the command line's options."""
    path = folder / "tidings.toml"
    path.write_text(text)
    table = read_table(path)
    return check_configuration(table, {"server": server}, str(path), folder, is_open=is_open)


def problems(folder: Path, text: str) -> list[str]:
    """The lines that an operator is shown."""
    with pytest.raises(BadConfiguration) as caught:
        load(folder, text)
    return list(caught.value.problems)


def test_a_good_file(folder: Path) -> None:
    """Two inboxes with their secrets from the environment and a file."""
    settings = load(folder, GOOD).settings
    home, wiki = settings.inboxes
    assert home.url == "https://mastodon.example"
    assert home.token is not None and home.token.get_secret_value() == "t0ken"
    assert isinstance(wiki, MediaWikiInbox)
    assert wiki.password is not None and wiki.password.get_secret_value() == "passw0rd"
    assert settings.server.port == 8000


def test_secrets_are_in_no_repr(folder: Path) -> None:
    """Settings can be printed without telling a secret."""
    settings = load(folder, GOOD).settings
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert "t0ken" not in shown and "passw0rd" not in shown


def test_every_problem_at_once(folder: Path) -> None:
    """Each wrong setting is a line with its path, what is expected, and what may be meant."""
    found = problems(
        folder,
        """
        [server]
        prot = 8001
        port = 99999
        [upstream]
        contact = "nobody"
        timeout = -1
        [cashe]
        fresh = 1
        [[inboxes]]
        name = "no spaces please"
        platform = "mastodon"
        url = "mastodon.example"
        tokn = "secret-typed-into-the-wrong-key"
        [[inboxes]]
        name = "wiki"
        platform = "mediawiki"
        url = "https://me:secret@wiki.example"
        username = "Alice"
        [[inboxes]]
        name = "wiki"
        platform = "xmpp"
        """,
    )
    text = "\n".join(found)
    assert "server.prot: there is no such setting: did you mean port?" in text
    assert "server.port: expected less than or equal to 65535." in text
    assert "upstream.contact: expected an e-mail address or a web page" in text
    assert "upstream.timeout: expected greater than 0." in text
    assert "cashe: there is no such setting: did you mean cache?" in text
    assert "inboxes[0].name: expected up to 40 letters" in text
    assert "inboxes[0].url: expected an address such as https://example.social." in text
    assert "inboxes[0].tokn: there is no such setting: did you mean token?" in text
    assert "inboxes[1].url: expected an address without a user name" in text
    assert "inboxes[2].platform: expected mastodon or mediawiki." in text
    assert "inboxes: 2 of them are called 'wiki'" in text
    assert "secret" not in text.replace("secret-typed", "")


@pytest.mark.parametrize(
    "credential",
    [
        "",
        'username = "Alice@app"',
        'password = "literal"',
        'username = "Alice@app"\npassword = "literal"\ntoken = "literal"',
        'username = "Alice@app"\ntoken = "literal"',
    ],
)
def test_a_wiki_needs_one_credential(folder: Path, credential: str) -> None:
    """User name and password, or a token: not half of it, and not both."""
    text = f"""
        [upstream]
        contact = "me@example.test"
        [[inboxes]]
        name = "wiki"
        platform = "mediawiki"
        url = "https://wiki.example"
        {credential}
    """
    (problem,) = problems(folder, text)
    assert problem == "inboxes[0]: expected either username and password, or token."


def test_feeds_that_a_platform_does_not_have(folder: Path) -> None:
    """A Mastodon inbox has no watchlist, and what is mistyped is no feed at all."""
    for feeds, expected in (
        ('["watchlist"]', "inboxes[0]: expected nothing but notifications in feeds."),
        ('["notificatons"]', "inboxes[0].feeds[0]: expected 'notifications' or 'watchlist'."),
    ):
        text = f"""
            [upstream]
            contact = "me@example.test"
            [[inboxes]]
            name = "home"
            platform = "mastodon"
            url = "https://home.example"
            token = "t"
            feeds = {feeds}
        """
        (problem,) = problems(folder, text)
        assert problem == expected


@pytest.mark.parametrize("secret", ["env:NOT_SET", "file:not-there", "env:", "two words\\n\\u0007"])
def test_a_secret_that_is_not_there(folder: Path, secret: str) -> None:
    """A reference that leads nowhere is a problem of the key that holds it."""
    (problem,) = problems(folder, GOOD.replace("env:HOME_TOKEN", secret))
    assert problem.startswith("inboxes[0].token: ")
    assert "words" not in problem


def test_a_literal_secret_is_warned_about(folder: Path) -> None:
    """It works, and the warning names the inbox and not the secret."""
    loaded = load(folder, GOOD.replace("env:HOME_TOKEN", "literal"))
    (warning,) = loaded.warnings
    assert "home" in warning and "literal" not in warning
    assert not load(folder, GOOD).warnings


def test_a_misspelt_platform(folder: Path) -> None:
    """It decides what else is to be checked, so that its own key is told rather than the others."""
    assert problems(folder, GOOD.replace("platform", "platfrom", 1)) == [
        "inboxes[0].platform: expected mastodon or mediawiki; there is no such setting as platfrom."
    ]


def test_the_environment_wins(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable beats the file, and the command line beats both."""
    monkeypatch.setenv("TIDINGS_SERVER__PORT", "8100")
    assert load(folder, GOOD + "[server]\nport = 8200").settings.server.port == 8100
    assert load(folder, GOOD, port=8300).settings.server.port == 8300


def test_a_mistyped_variable_is_a_problem(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable of a section that has no such key is told like a key of the file."""
    monkeypatch.setenv("TIDINGS_SERVER__PROT", "8100")
    assert problems(folder, GOOD) == ["server.prot: there is no such setting: did you mean port?"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[inboxes]\n", "it is not TOML"),
        ("", "inboxes: expected at least one [[inboxes]] table."),
        ("inboxes = 3", "inboxes: expected a valid tuple."),
        (GOOD.replace('contact = "me@example.test"', ""), "upstream.contact: missing"),
    ],
)
def test_what_is_wrong_as_a_whole(folder: Path, text: str, problem: str) -> None:
    """Files that are empty, no TOML, or good in every part but not together."""
    assert problems(folder, text)[0].startswith(problem)


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        ("", "inboxes: expected at most limits.inboxes (200) of them, not 201."),
        (
            "[limits]\ninboxes = 300\nbody = 4096",
            "limits.body: expected at least 102542, which the cursor of an event takes with 201 "
            "inboxes, not 4096.",
        ),
    ],
)
def test_more_inboxes_than_a_cursor_takes(folder: Path, limits: str, problem: str) -> None:
    """Both are said at the start: what the gateway hands out can be sent back to it."""
    before, home, _ = GOOD.split("[[inboxes]]")
    tables = [home.replace('"home"', f'"home-{number}"') for number in range(201)]
    assert problems(folder, limits + "[[inboxes]]".join([before, *tables])) == [problem]


def test_no_file(tmp_path: Path) -> None:
    """A file that is not there says how to name one."""
    with pytest.raises(BadConfiguration, match="there is no such file: name one with --config"):
        read_table(tmp_path / "none.toml")


def test_an_unknown_section_of_the_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable with a mistyped section is not passed over in silence."""
    monkeypatch.setenv("TIDINGS_SERVR__PORT", "8100")
    (problem,) = problems(folder, GOOD)
    assert problem.startswith("TIDINGS_SERVR__PORT: there is no such section")


@pytest.mark.parametrize("url", ["https://exämple.test", "https://a..b/", "https://a b", "ftp://a"])
def test_addresses_that_cannot_be_called(folder: Path, url: str) -> None:
    """They are told at start and not at the first request."""
    (problem,) = problems(folder, GOOD.replace("https://mastodon.example/", url))
    assert problem.startswith("inboxes[0].url: expected an address")


def test_platforms_are_no_sections(folder: Path) -> None:
    """A section that has a platform's name is told by its own name."""
    found = problems(folder, GOOD + "[mastodon]\nx = 1")
    assert found[0].startswith("mastodon: there is no such setting")


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        ("[cache]\nfresh = -1", "cache.fresh: expected greater than or equal to 0."),
        ("[cache]\npatience = -0.1", "cache.patience: expected greater than or equal to 0."),
        ("[cache]\nsettling = nan", "cache.settling: expected a finite number."),
        ("[cache]\nstale = 10", "cache.stale: expected at least fresh (15), not 10."),
        ("[cache]\nkeep = 30", "cache.keep: expected at least stale (60), not 30."),
        (
            "[cache.mastodon]\nfresh = 90",
            "cache.mastodon.stale: expected at least fresh (90), not 60.",
        ),
        (
            "[cache.mediawiki]\nkeep = -5",
            "cache.mediawiki.keep: expected greater than or equal to 0.",
        ),
        ("[cache]\nmemory = 1000", "cache.memory: expected greater than or equal to 1048576."),
        ("[cache]\nchunks = 5", "cache.chunks: there is no such setting"),
        (
            "[cache.mediawiki]\nkep = 5",
            "cache.mediawiki.kep: there is no such setting: did you mean keep?",
        ),
    ],
)
def test_caches_that_cannot_be(folder: Path, section: str, problem: str) -> None:
    """Negative times, ages in the wrong order, a bound smaller than a chunk: each with its path."""
    (found,) = problems(folder, f"{GOOD}\n{section}")
    assert found.startswith(problem)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("redis://localhost", "redis://localhost:6379/0"),
        ("redis://:hunter2@[::1]:6380/3", "redis://[::1]:6380/3"),
        ("valkey://cache.example/1", "redis://cache.example:6379/1"),
        ("rediss://me:hunter2@cache.example", "rediss://cache.example:6379/0"),
        ("unix:///run/redis.sock?db=2", "unix:///run/redis.sock?db=2"),
        ("env:STORE", "rediss://cache.example:6379/0"),
    ],
)
def test_addresses_of_stores(
    folder: Path, monkeypatch: pytest.MonkeyPatch, address: str, shown: str
) -> None:
    """As both projects write them, or by reference; a password is never shown."""
    monkeypatch.setenv("STORE", "rediss://me:hunter2@cache.example")
    url = load(folder, f'{GOOD}\n[cache]\nurl = "{address}"\n').settings.cache.url
    assert url is not None and str(url) == shown
    assert "hunter2" not in repr(url)


@pytest.mark.parametrize(
    "address",
    [
        *("", "localhost:6379", "http://localhost", "redis://", "redis://localhost:99999"),
        *("redis://localhost:0", "redis://localhost/name", "redis://localhost?timeout=3"),
        *("redis://localhost/0/1", "unix://redis.sock", "unix:///run/redis.sock?db=x", "env:NONE"),
        *("redis://[::1", "redis://me:hunter2@localhost/x#y"),
    ],
)
def test_addresses_that_are_none(folder: Path, address: str) -> None:
    """What is expected is said, and nothing of what was written, which may hold a password."""
    with pytest.raises(BadConfiguration) as caught:
        load(folder, f'{GOOD}\n[cache]\nurl = "{address}"\n')
    (problem,) = caught.value.problems
    assert problem.startswith("cache.url: expected an address such as redis://127.0.0.1:6379/0")
    assert "hunter2" not in problem


def test_the_store_by_the_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`TIDINGS_CACHE__URL` is the address as text."""
    monkeypatch.setenv("TIDINGS_CACHE__URL", "redis://localhost:1")
    assert str(load(folder, GOOD).settings.cache.url) == "redis://localhost:1/0"


@pytest.mark.parametrize(
    "host", ["a.example", "A.Example:81", "192.0.2.1:8000", "[::1]:8000", "[::1]"]
)
def test_hosts_that_are_some(folder: Path, host: str) -> None:
    """Names and addresses, with a port or without."""
    settings = load(folder, f'[server]\nallowed_hosts = ["{host}"]\n{GOOD}').settings
    assert settings.server.hosts == (host.lower(),)


@pytest.mark.parametrize("host", ["", "https://a.example", "a b", "a:99999", "a/b", "*", ":80"])
def test_hosts_that_are_none(folder: Path, host: str) -> None:
    """A mistake is told at the start: later it would only be a 421."""
    found = problems(folder, f'[server]\nallowed_hosts = ["{host}"]\n{GOOD}')
    assert found == [
        "server.allowed_hosts[0]: expected a host such as tidings.example.org, 192.0.2.1:8000 or "
        "[::1]:8000."
    ]


@pytest.mark.parametrize("origin", ["https://a.example/app", "a.example", "*", "null"])
def test_origins_that_are_none(folder: Path, origin: str) -> None:
    """An origin has a scheme and no path, as browsers send it."""
    (problem,) = problems(folder, f'[server]\nallowed_origins = ["{origin}"]\n{GOOD}')
    assert problem.startswith("server.allowed_origins[0]: expected an")


def test_hosts_and_origins_by_default(folder: Path) -> None:
    """Loopback with our port, and what `public_url` says."""
    server = load(
        folder, f'[server]\nport = 81\npublic_url = "https://T.example/x"\n{GOOD}'
    ).settings.server
    assert server.hosts == ("localhost:81", "127.0.0.1:81", "[::1]:81", "T.example")
    assert server.origins == ("https://t.example",)


@pytest.mark.parametrize(
    "line", ["depth = 0", "cost = -1", "body = 10", 'mode = "off"', "dpeth = 3"]
)
def test_limits_that_are_none(folder: Path, line: str) -> None:
    """A limit is a number of at least 1; a typo is told with what is meant."""
    (problem,) = problems(folder, f"[limits]\n{line}\n{GOOD}")
    assert problem.startswith(f"limits.{line.split(maxsplit=1)[0]}: ")


DIGEST = "sha256:" + "ab" * 32
CLIENT = f'[[clients]]\nname = "web"\nkey = "{DIGEST}"\n'
ALL = "0.0.0.0"  # noqa: S104 - it is not listened there
EVERYWHERE = f'[server]\nhost = "{ALL}"\n'


def test_loopback_alone_without_clients(folder: Path) -> None:
    """Another address needs clients, or the word that everybody is meant."""
    (problem,) = problems(folder, EVERYWHERE + GOOD)
    assert problem.startswith("server.host: expected a loopback address")
    assert "--open" in problem
    assert load(folder, EVERYWHERE + CLIENT + GOOD).settings.server.host == ALL
    assert load(folder, EVERYWHERE + GOOD, is_open=True).settings.server.host == ALL
    with pytest.raises(BadConfiguration, match="expected none beside --open"):
        load(folder, CLIENT + GOOD, is_open=True)


def test_a_gateway_that_listens_everywhere_needs_a_name(folder: Path) -> None:
    """Else only requests to localhost are answered, which is warned about."""
    (warning,) = load(folder, EVERYWHERE + CLIENT + GOOD).warnings
    assert "server.public_url" in warning
    named = EVERYWHERE + 'public_url = "https://t.example"\n' + CLIENT + GOOD
    assert not load(folder, named).warnings


def test_a_client_reads_all_where_nothing_is_said(folder: Path) -> None:
    """Every inbox, and no change."""
    (client,) = load(folder, CLIENT + GOOD).settings.clients
    assert (client.inboxes, client.access) == (None, "read")
    assert client.key == bytes.fromhex("ab" * 32)


def test_a_key_may_be_a_reference(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the key itself, or to its hash; a key that stands in the file is warned about."""
    key = make_key()
    for value in (key, f"sha256:{digest_key(key).hex()}"):
        monkeypatch.setenv("WEB_KEY", value)
        loaded = load(folder, CLIENT.replace(DIGEST, "env:WEB_KEY") + GOOD)
        assert loaded.settings.clients[0].key == digest_key(key) and not loaded.warnings
    loaded = load(folder, CLIENT.replace(DIGEST, key) + GOOD)
    assert loaded.settings.clients[0].key == digest_key(key)
    (warning,) = loaded.warnings
    assert "client web" in warning and key not in warning


@pytest.mark.parametrize(
    "key", ["", "short", "env:NOT_SET", "sha256:", "sha256:" + "g" * 64, "two words " * 5, "é" * 40]
)
def test_a_key_that_is_none(folder: Path, key: str) -> None:
    """Too short, not there, or no hash: and it is not repeated."""
    (problem,) = problems(folder, CLIENT.replace(DIGEST, key) + GOOD)
    assert problem.startswith("clients[0].key: expected `sha256:` and 64 hexadecimal digits")


def test_clients_that_do_not_fit(folder: Path) -> None:
    """Names and keys are each one's own, and the inboxes are there."""
    two = CLIENT + CLIENT.replace("web", "other") + 'inboxes = ["hmoe", "wiki"]\n'
    found = problems(folder, two + GOOD)
    assert found == [
        "clients[1].key: expected another than that of web.",
        "clients[1].inboxes: there is no inbox 'hmoe': did you mean home?",
    ]
    (problem,) = problems(folder, CLIENT + CLIENT + GOOD)
    assert problem.startswith("clients: 2 of them are called 'web'")


@pytest.mark.parametrize("credential", ['token = "x"', 'username = "A@b"\npassword = "x"'])
def test_a_credential_that_comes_with_requests(folder: Path, credential: str) -> None:
    """Then there is none in the configuration."""
    inbox = """
        [upstream]
        contact = "me@example.test"
        [[inboxes]]
        name = "wiki"
        platform = "mediawiki"
        url = "https://wiki.example"
        credentials = "request"
    """
    assert load(folder, inbox).settings.inboxes[0].credentials == "request"
    (problem,) = problems(folder, f"{inbox}\n{credential}")
    assert problem == 'inboxes[0]: expected no credential beside credentials = "request".'


def with_stream_at(address: str) -> str:
    """A configuration whose first inbox streams there."""
    return GOOD.replace("[[inboxes]]", f'[[inboxes]]\nstreaming_url = "{address}"', 1)


@pytest.mark.parametrize(
    "address",
    [
        "ws:example",
        "ws://streaming.test",
        "wss://a b",
        "wss://user:secret@streaming.test",
        "ftp://x",
    ],
)
def test_addresses_that_no_token_goes_to(folder: Path, address: str) -> None:
    """A stream is by TLS, loopback aside; what was written is not repeated."""
    with pytest.raises(BadConfiguration) as caught:
        load(folder, with_stream_at(address))
    (problem,) = caught.value.problems
    assert problem.endswith("expected an address such as wss://streaming.example.social, by TLS.")


@pytest.mark.parametrize("address", ["wss://streaming.test/x", "ws://127.0.0.1:4000"])
def test_addresses_of_streams(folder: Path, address: str) -> None:
    """As instances write them."""
    load(folder, with_stream_at(address))
