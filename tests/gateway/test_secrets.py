"""No secret of a run is in anything that the run puts out."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr
from support.keys import CLIENTS, HOME_ONLY, READER, WRITER, bearer
from support.real_redis import RealRedis
from support.virtual_time import START
from support.worlds import BOT_PASSWORD, NO_COPIES, PAGE, World

TOKENS = ["token-of-home", BOT_PASSWORD]
EVERYTHING = "{ inboxes { name handle instance { title software version url } } }"


@pytest.mark.parametrize("trouble", ["none", "down", "refused", "broken"])
async def test_no_answer_holds_a_secret(trouble: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Whatever goes wrong, answers, errors and logs are free of tokens, passwords and cookies."""
    world = World()
    home, wiki = world.add_mastodon("home"), world.add_wiki("wiki")
    world.post("home", 1)
    world.edit("wiki", 1)
    world.sections = {"cache": NO_COPIES}
    first = await world.ask(PAGE)
    if trouble == "down":
        world.instances["home"].is_down = world.instances["wiki"].is_down = True
    elif trouble == "refused":
        home.mailboxes.clear()
        wiki.pages.users.clear()
        wiki.end_sessions()
    elif trouble == "broken":
        home.mailboxes["token-of-home"].notifications = [{"id": "9", "token": TOKENS[0]}]
        wiki.title = TOKENS[1]
        wiki.pages.changes.clear()
    answers = [first, await world.ask(PAGE), await world.ask("{ nonsense }")]
    if trouble != "broken":
        answers.append(await world.ask(EVERYTHING))
    captured = capfd.readouterr()
    output = json.dumps(answers) + captured.out + captured.err
    for secret in [*TOKENS, *wiki.sessions]:
        assert secret not in output


def test_no_command_prints_a_secret(tmp_path: Path) -> None:
    """With a literal secret and an instance that is not there, neither stream holds it."""
    secret = f"secret-{START:%Y}"
    (tmp_path / "tidings.toml").write_text(
        '[upstream]\ncontact = "me@example.test"\n[[inboxes]]\nname = "home"\n'
        f'platform = "mastodon"\nurl = "http://127.0.0.1:1"\ntoken = "{secret}"\n'
        '[[inboxes]]\nname = "wiki"\nplatform = "mediawiki"\nurl = "http://127.0.0.1:1"\n'
        f'username = "me"\npassword = "{secret}"\n'
    )
    tidings = Path(sys.executable).with_name("tidings")
    ran = subprocess.run(
        [tidings, "query", EVERYTHING], cwd=tmp_path, capture_output=True, check=True, timeout=60
    )
    assert secret.encode() not in ran.stdout + ran.stderr


BROUGHT_TOKEN = "token-that-was-brought"
REFUSED_TOKEN = "token-that-is-refused"
WRONG_KEY = "key-that-nobody-has-" + "x" * 24


async def test_a_whole_run_leaves_no_key_and_no_token(
    real_redis: RealRedis, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not in answers, headers, logs, reprs, keys of the cache, nor in the shared store."""
    world = World()
    world.add_mastodon("home")
    world.add_mastodon("guest")
    world.bring_credentials("guest", BROUGHT_TOKEN)
    world.post("guest", 1, token=BROUGHT_TOKEN)
    cache = {"url": f"redis://127.0.0.1:{real_redis.port}"}
    world.sections = {"clients": CLIENTS, "cache": cache}
    real_redis.ask(b"FLUSHALL")
    shown: list[str] = []
    async with world.running():
        for key in (WRITER, READER, HOME_ONLY, WRONG_KEY):
            for token in (BROUGHT_TOKEN, REFUSED_TOKEN, f"{BROUGHT_TOKEN}!"):
                headers = {**bearer(key), "inbox-authorization": f"guest=Bearer {token}"}
                for document in (PAGE, EVERYTHING, "{ nonsense }"):
                    body = {"query": document}
                    response = await world.client().post("/graphql", json=body, headers=headers)
                    shown += [response.text, str(response.headers)]
        logins = world.logins()
        await logins.of_caller(None, {"guest": SecretStr(BROUGHT_TOKEN)})
        shown += [repr(logins), repr(vars(logins)), repr(world.settings()), str(world.settings())]
        dump = real_redis.dump()
    assert len(dump) > 500
    captured = capfd.readouterr()
    output = "".join(shown) + captured.out + captured.err + dump.decode("latin-1")
    for secret in (BROUGHT_TOKEN, REFUSED_TOKEN, WRITER, READER, HOME_ONLY, WRONG_KEY):
        assert secret not in output
