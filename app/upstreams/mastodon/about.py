"""What a Mastodon-API server tells about itself and about who is logged in."""

import asyncio
from dataclasses import replace
from http import HTTPStatus

from app.clock import Clock
from app.upstreams.http.rate_budget import RateBudget
from app.upstreams.mastodon import wire
from app.upstreams.mastodon.api import MastodonApi
from app.upstreams.mastodon.facts import InstanceFacts
from app.upstreams.mastodon.mapping import NotificationMapper
from app.upstreams.mastodon.software import (
    UNKNOWN,
    Software,
    name_software,
    recognise_instance,
)
from app.upstreams.shared_answer import SharedAnswer
from resolvers.errors import UpstreamError
from resolvers.seam.login import Profile
from resolvers.types.inbox import InboxCapabilities

FAILURE_SECONDS = 15
"""For which an instance that did not tell who it is is not asked again."""


class MastodonAbout:
    """Asks each thing once and remembers it."""

    def __init__(
        self,
        api: MastodonApi,
        mapper: NotificationMapper,
        clock: Clock,
        facts: InstanceFacts,
        budget: RateBudget | None = None,
    ) -> None:
        self._budget = budget
        self._api = api
        self._facts = facts
        self._mapper = mapper
        self._acct = SharedAnswer(self._fetch_acct, clock, lambda _: FAILURE_SECONDS)
        self._instance = SharedAnswer(self._fetch_instance, clock, lambda _: FAILURE_SECONDS)

    async def ask_profile(self) -> Profile:
        """Both halves, or the instance's alone: a token may lack `read:accounts`. UpstreamError."""
        acct, instance = await asyncio.gather(
            self._acct.get(), self._instance.get(), return_exceptions=True
        )
        if isinstance(instance, BaseException):
            raise instance
        software, version = name_software(instance)
        profile = Profile(
            title=instance.title,
            software=software,
            version=version,
            capabilities=_capabilities(recognise_instance(instance)),
        )
        if isinstance(acct, UpstreamError):
            return profile
        if isinstance(acct, BaseException):
            raise acct
        return replace(profile, handle=self._mapper.handle(acct))

    async def ask_software(self) -> Software:
        """How the server behaves; an unknown one where it does not say what it is."""
        try:
            instance = await self._instance.get()
        except UpstreamError:
            return UNKNOWN
        return recognise_instance(instance)

    async def ask_instance(self) -> wire.Instance:
        """What it says of itself. Raises UpstreamError."""
        return await self._instance.get()

    async def _fetch_acct(self) -> str:
        reply = await self._api.get("/api/v1/accounts/verify_credentials")
        return self._api.decode(reply, wire.Account).acct

    async def _fetch_instance(self) -> wire.Instance:
        told = self._facts.told or await self._ask_instance()
        if self._budget is not None:  # nobody else limits paging apart
            self._budget.count_paging(counts=name_software(told)[0] == "mastodon")
        return told

    async def _ask_instance(self) -> wire.Instance:
        """Version 2 is of Mastodon 4.0; elsewhere it is missing, or anything else than JSON."""
        reply = await self._api.get("/api/v2/instance")
        if reply.status != HTTPStatus.OK or not reply.body.lstrip().startswith(b"{"):
            reply = await self._api.get("/api/v1/instance")
        told = self._api.decode(reply, wire.Instance)
        self._facts.note(told)
        return told


def _capabilities(software: Software) -> InboxCapabilities:
    return InboxCapabilities(
        can_dismiss=software.dismisses,
        can_clear=software.clears,
        can_set_timestamp=False,
        can_mark_read=software.has_markers,
        can_answer_follow_requests=software.answers_follow_requests,
        can_mute_conversations=software.mutes_conversations,
        can_filter_notifications=software.has_policy,
        can_count_unread=software.counts_unread or software.has_markers,
        can_page_upwards=software.pages_upwards or software.lists_all_at_once,
    )
