"""The same work as a user would write it with Strawberry: its view, parser and validation cache.

What the instance said is kept by aiocache as JSON, or asked each time with one shared client.
"""

from typing import Any

import httpx
import nh3
import strawberry
from aiocache import SimpleMemoryCache
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.types import Info

FRESH = 3600


@strawberry.type
class Account:
    """Who did it."""

    id: strawberry.ID
    username: str
    acct: str
    display_name: str
    avatar_url: str
    url: str


@strawberry.type
class Status:
    """A post."""

    id: strawberry.ID
    created_at: str
    url: str
    account: Account
    markup: strawberry.Private[str]

    @strawberry.field
    def content(self) -> str:
        """Cleaned, as both sides of a ratio have to."""
        return nh3.clean(self.markup)


@strawberry.interface
class Notification:
    """What all have."""

    id: strawberry.ID
    type: str
    created_at: str


@strawberry.type
class MastodonNotification(Notification):
    """A row of the list."""

    account: Account | None
    status: Status | None


@strawberry.type
class Edge:
    """A row and its cursor."""

    cursor: str
    node: Notification


@strawberry.type
class PageInfo:
    """Where the page stands."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class Connection:
    """A page."""

    edges: list[Edge]
    page_info: PageInfo


def _account(told: dict[str, Any]) -> Account:
    return Account(
        id=strawberry.ID(told["id"]),
        username=told["username"],
        acct=told["acct"],
        display_name=told["display_name"],
        avatar_url=told["avatar"],
        url=told["url"],
    )


def _row(told: dict[str, Any]) -> MastodonNotification:
    status = told.get("status")
    return MastodonNotification(
        id=strawberry.ID(told["id"]),
        type=told["type"].upper(),
        created_at=told["created_at"],
        account=_account(told["account"]),
        status=Status(
            id=strawberry.ID(status["id"]),
            created_at=status["created_at"],
            url=status["url"],
            account=_account(status["account"]),
            markup=status["content"],
        )
        if status
        else None,
    )


class Upstream:
    """The instance, asked by a client that all share."""

    def __init__(self, url: str, *, keeps: bool) -> None:
        self._url = url
        self._keeps = keeps
        self._cache = SimpleMemoryCache()
        self._client = httpx.AsyncClient(timeout=30)

    async def read(self, token: str) -> list[dict[str, Any]]:
        """Its list as JSON."""
        rows: list[dict[str, Any]] | None = await self._cache.get("list") if self._keeps else None
        if rows is None:
            headers = {"authorization": token}
            response = await self._client.get(
                f"{self._url}/api/v1/notifications", params={"limit": 40}, headers=headers
            )
            rows = response.json()
            if self._keeps:
                await self._cache.set("list", rows, ttl=FRESH)
        return rows


@strawberry.type
class Query:
    """The one root field."""

    @strawberry.field
    async def notifications(self, info: Info[Any, None], first: int) -> Connection:
        """A page."""
        upstream: Upstream = info.context["request"].app.state.upstream
        token = info.context["request"].headers.get("authorization", "")
        nodes = [_row(each) for each in (await upstream.read(token))[:first]]
        edges = [Edge(cursor=f"{index:08}", node=node) for index, node in enumerate(nodes)]
        info_ = PageInfo(
            has_next_page=True,
            has_previous_page=False,
            start_cursor=edges[0].cursor,
            end_cursor=edges[-1].cursor,
        )
        return Connection(edges=edges, page_info=info_)


def build_peer(url: str, *, keeps: bool) -> Starlette:
    """The application."""
    schema = strawberry.Schema(
        Query, types=[MastodonNotification], extensions=[ParserCache, ValidationCache]
    )
    app = Starlette(routes=[Route("/graphql", GraphQL[Any, None](schema))])
    app.state.upstream = Upstream(url, keeps=keeps)
    return app
