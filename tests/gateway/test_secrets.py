"""No secret of a run is in anything that the run puts out."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
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
