"""What a sandbox account does with its list: count, dismiss, clear, and move the marker.

https://docs.joinmastodon.org/methods/notifications/ · https://docs.joinmastodon.org/methods/markers/
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.clock import Clock
from app.sandbox.entities import write_instant
from app.sandbox.listing import Entity
from app.sandbox.mailbox import Form, Mailbox, SandboxCall
from app.sandbox.software import Dismissing, SandboxSoftware, refuse

LIST = "v1/notifications"


class ListActs:
    """The calls of one software, each for the account that makes it."""

    def __init__(self, software: SandboxSoftware, clock: Clock) -> None:
        self._software = software
        self._clock = clock

    def calls(self) -> list[SandboxCall]:
        """Those that it may have."""
        software, writes, how = self._software, "write:notifications", self._software.dismissing
        by_path = how in (Dismissing.BY_PATH, Dismissing.REFUSED, Dismissing.UNDONE)
        by_body, is_broken, marks = (
            how is Dismissing.BY_BODY,
            how is Dismissing.BROKEN,
            software.has_markers,
        )
        counts, reads = software.counts_unread, "read:notifications"
        return [
            SandboxCall(counts, "GET", f"{LIST}/unread_count", reads, self._count),
            SandboxCall(software.clears, "POST", f"{LIST}/clear", writes, self._clear),
            SandboxCall(by_body, "POST", f"{LIST}/dismiss", writes, self._dismiss_by_body),
            SandboxCall(by_path, "POST", f"{LIST}/{{id:path}}/dismiss", writes, self._dismiss),
            SandboxCall(is_broken, "POST", "v1/notification/{id}/dismiss", writes, self._fail),
            SandboxCall(marks, "GET", "v1/markers", "read:statuses", self._markers),
            SandboxCall(marks, "POST", "v1/markers", "write:statuses", self._mark),
        ]

    def _count(self, request: Request, mailbox: Mailbox, form: Form) -> Response:
        """Those after the marker, at most `limit` of them."""
        seen = int(mailbox.marker["last_read_id"]) if mailbox.marker else 0
        listed = [row for row in mailbox.notifications if not row.get("filtered")]
        unread = sum(int(row["id"]) > seen for row in listed)
        return JSONResponse({"count": min(unread, int(request.query_params.get("limit", "100")))})

    def _dismiss(self, request: Request, mailbox: Mailbox, form: Form) -> Response:
        if self._software.dismissing is Dismissing.REFUSED:
            return Response("", 422, media_type="text/html")
        if self._software.dismissing is Dismissing.UNDONE:
            return self._say_done()
        return self._remove(mailbox, request.path_params["id"])

    def _dismiss_by_body(self, request: Request, mailbox: Mailbox, form: Form) -> Response:
        return self._remove(mailbox, form.get("id", ""))

    def _remove(self, mailbox: Mailbox, notification_id: str) -> Response:
        for row in mailbox.notifications:
            if row["id"] == notification_id:
                mailbox.notifications.remove(row)
                return self._say_done()
        return self._software.gone.answer()

    def _fail(self, request: Request, mailbox: Mailbox, form: Form) -> Response:
        return refuse(500, "NoImplementedError: misskey does not support")

    def _clear(self, request: Request, mailbox: Mailbox, form: Form) -> Response:
        if not self._software.keeps_cleared:
            mailbox.notifications.clear()
        return self._say_done()

    def _say_done(self) -> Response:
        return Response(self._software.done, media_type="application/json")

    def _markers(self, request: Request, mailbox: Mailbox, form: Form) -> Response:
        is_wanted = "notifications" in request.query_params.getlist("timeline[]")
        return JSONResponse(self._show(mailbox.marker) if mailbox.marker and is_wanted else {})

    def _mark(self, request: Request, mailbox: Mailbox, form: Form) -> Response:
        """The last write wins, also one that moves the marker backwards."""
        last_read_id = form.get("notifications[last_read_id]")
        if last_read_id is None:
            return JSONResponse({})
        version = mailbox.marker["version"] + 1 if mailbox.marker else 1
        now = write_instant(self._clock.now())
        mailbox.marker = {"last_read_id": last_read_id, "version": version, "updated_at": now}
        return JSONResponse(self._show(mailbox.marker))

    def _show(self, marker: Entity) -> Entity:
        return marker if self._software.sends_marker_alone else {"notifications": marker}
