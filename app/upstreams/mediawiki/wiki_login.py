"""One login at a wiki, for all of its lists: what it says of itself, and how it is asked."""

from collections.abc import Collection
from dataclasses import dataclass

from app.clock import Clock
from app.upstreams.http.client import Http
from app.upstreams.http.refusals import bad_response
from app.upstreams.mediawiki import wire
from app.upstreams.mediawiki.addresses import SiteAddresses
from app.upstreams.mediawiki.session import BotPassword, Params, Session
from app.upstreams.session_share import SessionShare
from app.upstreams.shared_answer import SharedAnswer
from resolvers.fields.inbox import make_inbox
from resolvers.platforms import Platform
from resolvers.seam.login import LoginHealth, Profile
from resolvers.types.feed import Feed
from resolvers.types.inbox import InboxCapabilities

FAILURE_SECONDS = 15
"""For which a wiki that did not tell what it is is not asked again."""

_ABOUT = {"meta": "siteinfo|userinfo", "siprop": "general", "uiprop": "rights"}


@dataclass(frozen=True, slots=True)
class Site:
    """What a wiki said of itself, and of the user who is logged in."""

    general: wire.General
    user: wire.UserInfo
    addresses: SiteAddresses

    def describe(self, capabilities: InboxCapabilities) -> Profile:
        """What it is and who is logged in; `capabilities` are those of one list."""
        software, _, version = self.general.generator.partition(" ")
        return Profile(
            handle=f"User:{self.user.name}",
            title=self.general.sitename,
            software=software.lower() or None,
            version=version or None,
            capabilities=capabilities,
        )


class WikiLogin:
    """Speaks to a wiki as one user; `feeds` are those of the user's lists that are to be read."""

    def __init__(
        self,
        name: str,
        url: str,
        http: Http,
        clock: Clock,
        bot_password: BotPassword | None,
        share: SessionShare | None = None,
        feeds: Collection[Feed] | None = None,
    ) -> None:
        self.inbox = make_inbox(name, Platform.MEDIAWIKI, url, feeds)
        self.url = url
        self.clock = clock
        self._budget = http.budget
        self.session = Session(url, http, clock, bot_password, share)
        self._site: Site | None = None
        self._first_answer = SharedAnswer(self._ask_about, clock, lambda _: FAILURE_SECONDS)

    @property
    def health(self) -> LoginHealth:
        """What is left of the rate limit; how the instance answers notes ObservedUpstream."""
        return LoginHealth(rate_limit=self._budget.rate_limit if self._budget else None)

    @property
    def site(self) -> Site:
        """What it said of itself; it has been asked something."""
        assert self._site is not None  # every answer comes through `query`
        return self._site

    async def ask_site(self) -> Site:
        """The same, asked for if that is not known yet. Raises UpstreamError."""
        if self._site is None:
            await self._first_answer.get()
        return self.site

    @property
    def known_site(self) -> Site | None:
        """The same, if it has said anything yet."""
        return self._site

    async def query(self, params: Params, tolerates: Collection[str] = ()) -> wire.Answer:
        """An answer of the wiki, which the first time also tells about itself. UpstreamError.

        `tolerates` as in `Session.query`.
        """
        if self._site is not None:
            return await self.session.query(params, tolerates)
        answer = await self.session.query(_join_meta(params), tolerates)
        general, user = answer.query.general, answer.query.userinfo
        if general is None or user is None:
            raise bad_response(
                self.url, "does not say what it is and who is logged in: check its version."
            )
        self._site = Site(general, user, SiteAddresses(self.url, general))
        return answer

    async def _ask_about(self) -> wire.Answer:
        return await self.query(_ABOUT)


def _join_meta(params: Params) -> Params:
    """The same question and what the wiki is."""
    joined = {**_ABOUT, **params}
    for name in ("meta", "uiprop"):
        parts = [*_ABOUT[name].split("|"), *params.get(name, "").split("|")]
        joined[name] = "|".join(dict.fromkeys(part for part in parts if part))
    return joined
