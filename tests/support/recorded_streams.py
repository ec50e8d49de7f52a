"""A Mastodon that streams what a real one was recorded to stream."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

Json = dict[str, Any]
VERSION = {"domain": "localhost", "version": "4.5.15"}


def read_streams(recordings: Path) -> dict[str, Json]:
    """What was recorded, by name."""
    path = recordings / "mastodon" / "recordings" / "mastodon-streaming-live.json"
    return {each["name"]: each for each in json.loads(path.read_text())}


class RecordedStreams:
    """Answers each handshake as the one with the same address and token was; `seen` are those."""

    def __init__(self, recorded: dict[str, Json]) -> None:
        self._recorded = [each for each in recorded.values() if each["transport"] == "websocket"]
        self.seen: list[str] = []
        self.app = Starlette(
            routes=[
                Route("/api/v2/instance", self._instance),
                WebSocketRoute("/api/v1/streaming", self._stream),
            ]
        )

    async def _instance(self, request: Request) -> Response:
        urls = {"streaming": f"ws://127.0.0.1:{request.url.port}"}
        return JSONResponse({**VERSION, "configuration": {"urls": urls}})

    async def _stream(self, socket: WebSocket) -> None:
        query, token = socket.url.query, socket.headers.get("authorization")
        pair = next(
            each
            for each in self._recorded
            if (
                urlsplit(each["url"]).query.replace("%3A", ":"),
                each["headers"].get("Authorization"),
            )
            == (query.replace("%3A", ":"), token)
        )
        self.seen.append(pair["name"])
        shaken = pair.get("handshake") or {"status": 101, "headers": []}
        if shaken["status"] != 101:
            headers = dict(shaken["headers"])
            await socket.send_denial_response(Response("", shaken["status"], headers))
            return
        await socket.accept()
        for frame in pair["frames"]:
            await socket.send_json(frame)
        if "closed" in pair:
            await socket.close()
        while (await socket.receive())["type"] != "websocket.disconnect":
            pass
