"""The Mastodon API: Mastodon itself and every server that speaks it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from app.clock import Clock
from app.platforms.platform import DemoInbox, DemoInstance, NewLogin, PlatformEntry
from app.setting_types.inbox import InboxSettings
from app.setting_types.kinds import StreamingAddress
from app.setting_types.secrets import Secret
from app.upstreams.mastodon.decoding import KnownRows
from app.upstreams.mastodon.facts import InstanceFacts
from app.upstreams.mastodon.read_state import UnreadAfter
from app.upstreams.mastodon.upstream import MastodonUpstream
from resolvers.seam.upstream import Upstream


class MastodonInbox(InboxSettings):
    """`[[inboxes]]` with `platform = "mastodon"`."""

    platform: Literal["mastodon"] = Field(description="Any server that speaks the Mastodon API.")
    token: Secret | None = Field(
        None,
        description="An access token from the instance's Preferences, Development, with the scope "
        "`read` and, for mutations, `write:notifications` and `write:statuses`; to answer follow "
        "requests `write:follows`, and to mute conversations `write:mutes`.",
    )

    streaming_url: StreamingAddress | None = Field(
        None,
        description="Where it streams, if that is another host than its own: the token is sent "
        "there. Such as `wss://streaming.example`.",
    )

    @model_validator(mode="after")
    def _has_one_credential(self) -> Self:
        if self.needs_credential(self.token) and self.token is None:
            raise PydanticCustomError("credential", "expected a token")
        return self


def _open(login: NewLogin) -> Sequence[Upstream]:
    inbox = login.inbox
    upstream = MastodonUpstream(
        inbox.name,
        inbox.url,
        login.connect(counts_paging=True),
        login.clock,
        login.remember(InstanceFacts, inbox.url),
        login.remember(KnownRows, inbox.name),
        inbox.streaming_url if isinstance(inbox, MastodonInbox) else None,
    )
    return [upstream]


def _make_instance(
    clock: Clock, host: str, token: str, now: datetime, origin: str, rows: int
) -> DemoInstance:
    from app.sandbox.demo_social import let_social_happen, make_social

    sandbox = make_social(clock, host, token, rows, now, origin)
    return DemoInstance(sandbox.app, lambda: let_social_happen(sandbox, token, clock.now()))


def _demo(name: str, rows: int) -> DemoInbox:
    host, token = f"{name}.sandbox", f"sandbox-{name}"
    table = {"name": name, "platform": "mastodon", "url": f"https://{host}"}
    return DemoInbox(
        {**table, "token": SecretStr(token)},
        rows,
        lambda clock, *given: _make_instance(clock, host, token, *given),
    )


MASTODON = PlatformEntry(
    name="mastodon",
    settings=MastodonInbox,
    open=_open,
    read_states=(UnreadAfter,),
    demo=(_demo("social", 220), _demo("work", 90)),
)
