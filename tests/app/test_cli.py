"""The commands, run as an operator runs them."""

import json
import re
import socket
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from support.commands import run
from support.keys import CLIENTS
from support.real_redis import RealRedis

from app.config.settings import Settings
from app.serving import announcement


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--help"], ["serve", "schema", "query", "check", "key"]),
        (["serve", "--help"], ["--config", "--demo", "--host", "--port", "--open"]),
        (["sandbox", "--help"], ["--port", "--arrivals", "--rows"]),
        (["schema", "--help"], ["--check"]),
        (["check", "--help"], ["--json", "--config", "--demo"]),
        (["query", "--help"], ["--variables", "--config", "--demo"]),
    ],
)
def test_help_names_everything(arguments: list[str], words: list[str]) -> None:
    """Each command says what it does and what it takes."""
    ran = run(*arguments)
    assert ran.returncode == 0
    assert all(word in ran.stdout for word in words)


@pytest.mark.parametrize("port", ["taken", "70000"])
def test_a_sandbox_that_cannot_listen(port: str) -> None:
    """Says so in a sentence, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = run("sandbox", "--port", port.replace("taken", str(taken.getsockname()[1])))
    assert ran.returncode == 1
    assert ran.stderr.startswith("The sandbox cannot listen") and "another --port" in ran.stderr


def test_query_over_the_demo() -> None:
    """One operation without a server, with its variables, as JSON on standard output."""
    ran = run(
        *("query", "query ($n: Int) { notifications(first: $n) { nodes { summary } } }"),
        *("--variables", '{"n": 2}', "--demo"),
    )
    assert ran.returncode == 0, ran.stderr
    assert len(json.loads(ran.stdout)["data"]["notifications"]["nodes"]) == 2


def test_query_with_errors_fails() -> None:
    """The answer is printed all the same, and the status says that it has errors."""
    ran = run("query", "{ nonsense }", "--demo")
    assert ran.returncode == 1
    assert "Cannot query field 'nonsense'" in json.loads(ran.stdout)["errors"][0]["message"]


@pytest.mark.parametrize("variables", ["nonsense", "[1]", '"text"'])
def test_variables_that_are_no_object(variables: str) -> None:
    """A mistake of the command line is one sentence and status 2."""
    ran = run("query", "{ inboxes { name } }", "--variables", variables, "--demo")
    assert ran.returncode == 2
    assert "--variables is no JSON object" in ran.stderr


def test_a_bad_configuration_is_status_2(tmp_path: Path) -> None:
    """Every problem is a line; there is no traceback."""
    (tmp_path / "tidings.toml").write_text("[server]\nprot = 1\n[[inboxes]]\nname = 'a'\n")
    ran = run("serve", folder=tmp_path)
    assert ran.returncode == 2
    assert "tidings.toml cannot be used:" in ran.stderr
    assert "server.prot: there is no such setting: did you mean port?" in ran.stderr
    assert "inboxes[0].platform: expected mastodon or mediawiki." in ran.stderr
    assert "Traceback" not in ran.stderr


def test_no_configuration_says_what_to_do(tmp_path: Path) -> None:
    """Without a file the message leads to --config and to the demo."""
    ran = run("serve", folder=tmp_path)
    assert ran.returncode == 2
    assert "--config" in ran.stderr and "--demo" in ran.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.test"])  # noqa: S104
def test_only_loopback_is_listened_on(host: str) -> None:
    """Nobody can be kept out yet, so nobody from outside gets in."""
    ran = run("serve", "--demo", "--host", host)
    assert ran.returncode == 2
    assert "server.host: expected a loopback address" in ran.stderr


def test_the_schema_is_printed_and_checked(tmp_path: Path) -> None:
    """`--check` is silent where the file is up to date, and says how to renew it where not."""
    printed = tmp_path / "schema.graphql"
    printed.write_text(run("schema").stdout)
    assert run("schema", "--check", str(printed)).returncode == 0
    printed.write_text("type Query { old: Int }")
    stale = run("schema", "--check", str(printed))
    assert stale.returncode == 1
    assert f"run tidings schema > {printed}" in stale.stderr


def test_a_literal_secret_is_warned_about(tmp_path: Path) -> None:
    """The warning is on standard error, so that the answer can be piped on."""
    (tmp_path / "tidings.toml").write_text(
        '[upstream]\ncontact = "me@example.test"\n[[inboxes]]\nname = "home"\n'
        'platform = "mastodon"\nurl = "http://127.0.0.1:1"\ntoken = "literal-secret"\n'
    )
    ran = run("query", "{ notifications { sources { failure { code } } } }", folder=tmp_path)
    assert "Warning: The secret of inbox home" in ran.stderr
    assert json.loads(ran.stdout)["data"]["notifications"]["sources"] == [
        {"failure": {"code": "UNREACHABLE"}}
    ]
    assert "literal-secret" not in ran.stderr + ran.stdout


def test_the_demo_beside_ones_own_inboxes(tmp_path: Path) -> None:
    """With `--config` and `--demo` the sandbox's inboxes come after those of the file."""
    (tmp_path / "mine.toml").write_text(
        '[[inboxes]]\nname = "mine"\nplatform = "mastodon"\n'
        'url = "http://127.0.0.1:1"\ntoken = "literal"\n'
    )
    ran = run("query", "{ inboxes { name } }", "--demo", "--config", "mine.toml", folder=tmp_path)
    assert [each["name"] for each in json.loads(ran.stdout)["data"]["inboxes"]] == [
        *("mine", "social", "work", "wiki"),
    ]
    assert ran.stderr.count("Warning:") == 1


def test_check_prints_a_table() -> None:
    """Every inbox is a row that says who is logged in, what runs there and what it can do."""
    ran = run("check", "--demo")
    assert ran.returncode == 0
    head, social, work, wiki = ran.stdout.splitlines()
    assert head.split() == ["INBOX", "WORKS", "WHO", "SOFTWARE", "UNREAD", "CAN"]
    assert social.split()[:6] == ["social", "yes", "@me@social.sandbox", "mastodon", "4.6.4", "221"]
    assert work.startswith("work") and "dismiss" in work and "clear" in work
    assert "User:Ada" in wiki and "set timestamps" in wiki


def test_check_fails_where_an_inbox_does(tmp_path: Path) -> None:
    """What does not work is told with what to do, for people and for programs."""
    (tmp_path / "tidings.toml").write_text(
        '[upstream]\ncontact = "me@example.test"\n[[inboxes]]\nname = "away"\n'
        'platform = "mastodon"\nurl = "http://127.0.0.1:1"\ntoken = "literal-secret"\n'
    )
    ran = run("check", folder=tmp_path)
    assert ran.returncode == 1
    assert "http://127.0.0.1:1 refuses the connection" in ran.stdout
    ran = run("check", "--json", folder=tmp_path)
    assert ran.returncode == 1
    (report,) = json.loads(ran.stdout)
    assert report["inbox"] == "away" and "refuses the connection" in report["failure"]
    assert "literal-secret" not in ran.stdout + ran.stderr


def test_check_looks_at_the_shared_store(tmp_path: Path, real_redis: RealRedis) -> None:
    """It has a row of its own, and its failure is one of the command."""
    for url, status, says in (
        (real_redis.url, 0, "yes"),
        ("redis://127.0.0.1:1", 1, "redis://127.0.0.1:1/0 cannot be used"),
    ):
        (tmp_path / "tidings.toml").write_text(f'[cache]\nurl = "{url}"\n')
        ran = run("check", "--demo", "--config", "tidings.toml", folder=tmp_path)
        assert ran.returncode == status
        assert says in ran.stdout.partition("cache.url")[2]


def test_a_key_and_what_the_configuration_needs_of_it() -> None:
    """Each time another one, with its SHA-256."""
    printed = [run("key").stdout for _ in range(2)]
    assert printed[0] != printed[1]
    for text in printed:
        (key,) = re.findall(r"^  (tidings_\S+)$", text, re.MULTILINE)
        (digest,) = re.findall(r'key = "sha256:([0-9a-f]{64})"', text)
        assert sha256(key.encode()).hexdigest() == digest


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/graphql"),
        ("::1", "http://[::1]:8000/graphql"),
        ("0.0.0.0", "http://127.0.0.1:8000/graphql"),  # noqa: S104 - it is not listened there
    ],
)
def test_what_is_announced_can_be_opened(host: str, address: str) -> None:
    """An address under a name that the gateway answers to, and a key where one is needed."""
    server = {"host": host}
    plain = announcement(Settings.model_validate({"server": server}))
    assert f" {address} " in plain and "Authorization" not in plain
    keyed = announcement(Settings.model_validate({"server": server, "clients": CLIENTS}))
    assert "Authorization: Bearer KEY" in keyed


def test_help_loads_no_server() -> None:
    """What is not needed to print a page of help is not imported for it."""
    script = "import sys, app.cli; print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30
    )
    loaded = set(ran.stdout.split())
    assert "typer" in loaded
    assert not loaded & {
        "strawberry",
        "graphql",
        "starlette",
        "uvicorn",
        "aiohappyeyeballs",
        "httpx",
    }
