"""The mutations of social networks: follow requests, conversations, what is out of sight."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, NamedTuple

import strawberry

from resolvers.errors import InvalidInput, NotFound, TidingsError
from resolvers.fields.filtered import show_policy, social_of
from resolvers.identity import parse_id
from resolvers.inputs.filters import given
from resolvers.inputs.ids import check_inbox, check_notification
from resolvers.mutations.payloads import UserError
from resolvers.mutations.refusals import Failures, Request, explain, explain_each, write
from resolvers.mutations.social_inputs import (
    MOST_REQUESTS,
    AcceptNotificationRequestsInput,
    AnswerFollowRequestInput,
    DismissNotificationRequestsInput,
    FollowRequestAnswer,
    MuteConversationInput,
    SetNotificationPolicyInput,
    check_policy,
)
from resolvers.mutations.social_payloads import (
    AcceptNotificationRequestsPayload,
    AnswerFollowRequestPayload,
    DismissNotificationRequestsPayload,
    MuteConversationPayload,
    SetNotificationPolicyPayload,
)
from resolvers.seam.lists import Lists, main_list
from resolvers.seam.social import Social
from resolvers.seam.upstream import Upstream
from resolvers.types.filtered import NotificationRequest
from resolvers.types.inbox import Inbox

Answer = Callable[[Social, Sequence[str]], Awaitable[None]]


@strawberry.type
class SocialMutations:
    """Each answers with a payload, also where it did nothing."""

    @strawberry.mutation(
        description="Accept or reject somebody who asks to follow you. Dismissing the notification "
        "answers nothing: the request goes on waiting at the instance."
    )
    async def answer_follow_request(
        self,
        info: Request,
        input: Annotated[  # noqa: A002 - Relay's name for it
            AnswerFollowRequestInput, strawberry.argument(description="Which one, and what.")
        ],
    ) -> AnswerFollowRequestPayload | None:
        inbox, ids, errors = None, [], []
        accepts = input.answer is FollowRequestAnswer.ACCEPT
        try:
            upstream, key = check_notification(input.notification_id, info.context.upstreams)
            inbox = upstream.inbox
            done = await write(
                info,
                upstream,
                lambda: social_of(upstream).answer_follow_request(key, accepts=accepts),
            )
            ids = [strawberry.ID(each) for each in done.notification_ids]
        except TidingsError as error:
            errors = [explain(info, error, inbox, "notificationId")]
        info.context.snapshot.forget()
        return AnswerFollowRequestPayload(
            dismissed_notification_ids=ids,
            inbox=inbox,
            user_errors=errors,
            client_mutation_id=given(input.client_mutation_id),
        )

    @strawberry.mutation(
        description="Mute the conversation that a notification's post is part of, so that nothing "
        "more of it is notified of, or end that. What is listed already stays."
    )
    async def mute_conversation(
        self,
        info: Request,
        input: Annotated[  # noqa: A002
            MuteConversationInput, strawberry.argument(description="Which one.")
        ],
    ) -> MuteConversationPayload | None:
        inbox, status, errors = None, None, []
        try:
            upstream, key = check_notification(input.notification_id, info.context.upstreams)
            inbox = upstream.inbox
            status = await write(
                info,
                upstream,
                lambda: social_of(upstream).mute_conversation(key, is_muted=input.is_muted),
            )
        except TidingsError as error:
            errors = [explain(info, error, inbox, "notificationId")]
        info.context.snapshot.forget()
        return MuteConversationPayload(
            status=status,
            inbox=inbox,
            user_errors=errors,
            client_mutation_id=given(input.client_mutation_id),
        )

    @strawberry.mutation(
        description="List what notification requests keep out of sight, and what their accounts do "
        "from now on. It comes back where it belongs by its time, which may be far down, and the "
        "instance may need a while."
    )
    async def accept_notification_requests(
        self,
        info: Request,
        input: Annotated[  # noqa: A002
            AcceptNotificationRequestsInput, strawberry.argument(description="Which ones.")
        ],
    ) -> AcceptNotificationRequestsPayload | None:
        done = await _answer(info, input.request_ids, lambda s, keys: s.accept_requests(keys))
        return AcceptNotificationRequestsPayload(
            request_ids=done.ids,
            inboxes=done.inboxes,
            user_errors=done.errors,
            client_mutation_id=given(input.client_mutation_id),
        )

    @strawberry.mutation(
        description="Leave what notification requests keep out of sight where it is, and take them "
        "from the list of requests."
    )
    async def dismiss_notification_requests(
        self,
        info: Request,
        input: Annotated[  # noqa: A002
            DismissNotificationRequestsInput, strawberry.argument(description="Which ones.")
        ],
    ) -> DismissNotificationRequestsPayload | None:
        done = await _answer(info, input.request_ids, lambda s, keys: s.dismiss_requests(keys))
        return DismissNotificationRequestsPayload(
            request_ids=done.ids,
            inboxes=done.inboxes,
            user_errors=done.errors,
            client_mutation_id=given(input.client_mutation_id),
        )

    @strawberry.mutation(
        description="Set from whom an inbox takes notifications at once. It goes for what comes "
        "from now on: https://docs.joinmastodon.org/methods/notifications/#update-the-filtering-policy-for-notifications"
    )
    async def set_notification_policy(
        self,
        info: Request,
        input: Annotated[  # noqa: A002
            SetNotificationPolicyInput, strawberry.argument(description="Where, and which rules.")
        ],
    ) -> SetNotificationPolicyPayload | None:
        inbox, policy, errors = None, None, []
        try:
            inbox = check_inbox(input.inbox_id, info.context.upstreams)
            upstream = main_list(inbox.name, info.context.upstreams)
            assert upstream is not None  # or there would be no such inbox
            changes = check_policy(input)
            done = await write(info, upstream, lambda: social_of(upstream).set_policy(changes))
            policy = show_policy(done)
        except TidingsError as error:
            errors = [explain(info, error, inbox, *(() if inbox else ("inboxId",)))]
        info.context.snapshot.forget()
        return SetNotificationPolicyPayload(
            notification_policy=policy,
            inbox=inbox,
            user_errors=errors,
            client_mutation_id=given(input.client_mutation_id),
        )


class _Answered(NamedTuple):
    ids: list[strawberry.ID]
    inboxes: list[Inbox]
    errors: list[UserError]


async def _answer(info: Request, ids: Sequence[strawberry.ID], answer: Answer) -> _Answered:
    """Answers requests, those of each inbox at once."""
    if not 1 <= len(ids) <= MOST_REQUESTS:
        problem = f"Expected 1 to {MOST_REQUESTS} of them, not {len(ids)}."
        return _Answered([], [], [explain(info, InvalidInput(problem, "requestIds"), None)])
    by_inbox, failures = _sort(ids, info.context.upstreams)
    asked = [*by_inbox.values()]
    told = await asyncio.gather(*(_answer_of(info, *each, answer) for each in asked))
    for (upstream, keys), error in zip(asked, told, strict=True):
        if error is not None:
            failures |= dict.fromkeys(keys, (error, upstream.inbox))
    info.context.snapshot.forget()
    return _Answered(
        ids=[each for each in dict.fromkeys(ids) if each not in failures],
        inboxes=[upstream.inbox for upstream, _ in asked],
        errors=explain_each(info, ids, failures, "requestIds"),
    )


def _sort(
    ids: Sequence[strawberry.ID], lists: Lists
) -> tuple[Mapping[str, tuple[Upstream, dict[strawberry.ID, str]]], Failures]:
    """By inbox, the keys of requests by their IDs; and those that cannot be of any."""
    by_inbox: dict[str, tuple[Upstream, dict[strawberry.ID, str]]] = {}
    failures: Failures = {}
    for each in dict.fromkeys(ids):
        try:
            parsed = parse_id(each)
            upstream = main_list(parsed.inbox, lists)
            if upstream is None or parsed.type_name != NotificationRequest.__name__:
                raise NotFound
        except TidingsError as error:
            failures[each] = error, None
        else:
            by_inbox.setdefault(parsed.inbox, (upstream, {}))[1][each] = parsed.key
    return by_inbox, failures


async def _answer_of(
    info: Request, upstream: Upstream, keys: Mapping[strawberry.ID, str], answer: Answer
) -> TidingsError | None:
    """Why those of one inbox were not answered; None where they were."""
    try:
        await write(info, upstream, lambda: answer(social_of(upstream), [*keys.values()]))
    except TidingsError as error:
        return error
    return None
