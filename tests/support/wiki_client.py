"""A plain client of a real wiki, for making changes and for knowing the truth.

It shares nothing with the gateway, so that one cannot hide the other's mistakes.
"""

from typing import Any

import httpx

from support.real_wiki.server import BOT_PASSWORD

Json = dict[str, Any]


class WikiClient:
    """One user, who logs in at the first call."""

    def __init__(self, api_url: str, username: str) -> None:
        self._api_url = api_url
        self._username = username
        self._cookies = httpx.Cookies()
        self._is_logged_in = False

    async def watchlist(self) -> list[Json]:
        """Every unseen change, newest first, with its page's mark."""
        params = {"list": "watchlist", "wlallrev": "1", "wlshow": "unread", "wllimit": "max"}
        params["wlprop"] = "ids|title|timestamp|notificationtimestamp|user|loginfo"
        answer = await self.call("GET", {"action": "query", **params})
        changes: list[Json] = answer["query"]["watchlist"]
        return changes

    async def notifications(self) -> list[Json]:
        """Every unread notification of Echo's, newest first."""
        params = {"meta": "notifications", "notfilter": "!read", "notlimit": "50"}
        rows: list[Json] = []
        while True:
            answer = await self.call("GET", {"action": "query", "notformat": "model", **params})
            told = answer["query"]["notifications"]
            rows += told["list"]
            if told["continue"] is None:
                break
            params["notcontinue"] = told["continue"]
        return sorted(rows, key=lambda row: (row["timestamp"]["utcunix"], row["id"]), reverse=True)

    async def mark_read(self, number: int) -> None:
        """One notification of Echo's is read."""
        await self.write({"action": "echomarkread", "list": str(number)})

    async def edit(self, title: str, text: str) -> None:
        """A new revision with a text of its own."""
        await self.write({"action": "edit", "title": title, "appendtext": text})

    async def mark_seen(self, title: str) -> None:
        """All changes of a page are seen."""
        await self.write({"action": "setnotificationtimestamp", "titles": title})

    async def write(self, params: dict[str, str]) -> Json:
        """A write with a csrf token."""
        tokens = await self.call("GET", {"action": "query", "meta": "tokens"})
        token = tokens["query"]["tokens"]["csrftoken"]
        return await self.call("POST", {**params, "token": token})

    async def call(self, method: str, params: dict[str, str]) -> Json:
        """Any call of the API as this user; an error of the API is an AssertionError."""
        if not self._is_logged_in:
            await self._log_in()
        return await self._send(method, {**params, "assert": "user"})

    async def _log_in(self) -> None:
        ask = {"action": "query", "meta": "tokens", "type": "login"}
        token = (await self._send("GET", ask))["query"]["tokens"]["logintoken"]
        login = {"lgname": self._username, "lgpassword": BOT_PASSWORD, "lgtoken": token}
        answer = await self._send("POST", {"action": "login", **login})
        assert answer["login"]["result"] == "Success", answer
        self._is_logged_in = True

    async def _send(self, method: str, params: dict[str, str]) -> Json:
        form = {**params, "format": "json", "formatversion": "2"}
        async with httpx.AsyncClient(cookies=self._cookies, timeout=30) as client:
            if method == "GET":
                response = await client.get(self._api_url, params=form)
            else:
                response = await client.post(self._api_url, data=form)
            self._cookies = client.cookies
        answer: Json = response.json()
        assert "error" not in answer, answer
        return answer
