"""What a sandbox account does beside reading: follow requests, mutes, what is kept out of sight.

https://docs.joinmastodon.org/methods/follow_requests/ ·
https://docs.joinmastodon.org/methods/notifications/#requests
"""

from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.sandbox.entities import write_instant
from app.sandbox.listing import Entity
from app.sandbox.mailbox import RULES, Form, Mailbox, SandboxCall
from app.sandbox.software import SandboxSoftware, refuse

_VALUES = ("accept", "filter", "drop")


def keep_apart(
    mailbox: Mailbox, account: Entity, request_id: str, at: datetime, status: Entity | None
) -> None:
    """One more notification of an account that is not listed; the count is a text."""
    known = next(
        (each for each in mailbox.kept_apart if each["account"]["id"] == account["id"]), None
    )
    if known is None:
        known = {"id": request_id, "account": account, "created_at": write_instant(at)}
        mailbox.kept_apart.insert(0, known)
    count = int(known.get("notifications_count", "0")) + 1
    known |= {
        "updated_at": write_instant(at),
        "notifications_count": str(count),
        "last_status": status,
    }


class SocialActs:
    """The calls of one software, each for the account that makes it."""

    def __init__(self, software: SandboxSoftware) -> None:
        self._software = software

    def calls(self) -> list[SandboxCall]:
        """Those that it may have."""
        software, reads, writes = self._software, "read:notifications", "write:notifications"
        requests, policy = "v1/notifications/requests", "v2/notifications/policy"
        answers, mutes = software.answers_follow_requests, software.mutes_conversations
        filters = software.has_policy
        asking, post = "v1/follow_requests/{id}", "v1/statuses/{id}"
        return [
            SandboxCall(answers, "POST", f"{asking}/authorize", "write:follows", self._authorize),
            SandboxCall(answers, "POST", f"{asking}/reject", "write:follows", self._reject),
            SandboxCall(mutes, "POST", f"{post}/mute", "write:mutes", self._mute),
            SandboxCall(mutes, "POST", f"{post}/unmute", "write:mutes", self._unmute),
            SandboxCall(filters, "GET", requests, reads, self._list_requests),
            SandboxCall(filters, "POST", f"{requests}/accept", writes, self._accept),
            SandboxCall(filters, "POST", f"{requests}/dismiss", writes, self._dismiss),
            SandboxCall(filters, "GET", policy, reads, self._show_policy),
            SandboxCall(filters, "PATCH", policy, writes, self._set_policy),
        ]

    def _authorize(self, request: Request, mailbox: Mailbox, form: Form) -> Response:
        return self._answer(request.path_params["id"], mailbox, is_follower=True)

    def _reject(self, request: Request, mailbox: Mailbox, form: Form) -> Response:
        return self._answer(request.path_params["id"], mailbox, is_follower=False)

    def _answer(self, account_id: str, mailbox: Mailbox, *, is_follower: bool) -> Response:
        """The request leaves, and at most servers its notification with it."""
        for row in mailbox.notifications:
            if row["type"] == "follow_request" and row["account"]["id"] == account_id:
                if is_follower and self._software.turns_follow_requests:
                    row["type"] = "follow"
                else:
                    mailbox.notifications.remove(row)
                return JSONResponse({"id": account_id, "followed_by": is_follower})
        return self._software.gone.answer()

    def _mute(self, request: Request, mailbox: Mailbox, form: Form) -> Response:
        return self._set_muted(request.path_params["id"], mailbox, is_muted=True)

    def _unmute(self, request: Request, mailbox: Mailbox, form: Form) -> Response:
        return self._set_muted(request.path_params["id"], mailbox, is_muted=False)

    def _set_muted(self, status_id: str, mailbox: Mailbox, *, is_muted: bool) -> Response:
        """All notifications show the post as it is then."""
        found = None
        for row in mailbox.notifications:
            status = row.get("status")
            if status is not None and status["id"] == status_id:
                found = row["status"] = {**status, "muted": is_muted}
        return JSONResponse(found) if found else self._software.gone.answer()

    def _list_requests(self, request: Request, mailbox: Mailbox, form: Form) -> Response:
        limit = min(int(request.query_params.get("limit", "40")), 80)
        below = request.query_params.get("max_id")
        rows = [
            each for each in mailbox.kept_apart if below is None or int(each["id"]) < int(below)
        ]
        page = rows[:limit]
        is_full = bool(page) and len(page) == limit
        next_page = f'<{request.url.path}?max_id={page[-1]["id"]}>; rel="next"' if is_full else ""
        return JSONResponse(page, headers={"link": next_page} if next_page else {})

    def _accept(self, request: Request, mailbox: Mailbox, form: Form) -> Response:
        """What is accepted is listed where it belongs."""
        people = {each["account"]["id"] for each in _take(mailbox, form)}
        for row in mailbox.notifications:
            if row["account"]["id"] in people:
                row.pop("filtered", None)
        return JSONResponse({})

    def _dismiss(self, request: Request, mailbox: Mailbox, form: Form) -> Response:
        _take(mailbox, form)
        return JSONResponse({})

    def _show_policy(self, request: Request, mailbox: Mailbox, form: Form) -> Response:
        pending = sum(int(each["notifications_count"]) for each in mailbox.kept_apart)
        summary = {
            "pending_requests_count": len(mailbox.kept_apart),
            "pending_notifications_count": pending,
        }
        return JSONResponse({**mailbox.rules, "summary": summary})

    def _set_policy(self, request: Request, mailbox: Mailbox, form: Form) -> Response:
        changes = {name: value for name, value in form.items() if name in RULES}
        if any(value not in _VALUES for value in changes.values()):
            return refuse(422, "Validation failed")
        mailbox.rules |= changes
        return self._show_policy(request, mailbox, form)


def _take(mailbox: Mailbox, form: Form) -> list[Entity]:
    """Takes the requests that a form names from the list; unknown IDs are passed over."""
    ids = form.get("id[]", "").split(",")
    taken = [each for each in mailbox.kept_apart if each["id"] in ids]
    mailbox.kept_apart = [each for each in mailbox.kept_apart if each not in taken]
    return taken
