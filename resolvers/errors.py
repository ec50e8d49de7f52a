"""Every error raised on purpose.

TidingsError                a sentence for a person and a stable code
├── BadUserInput            the caller asked for something that cannot be (BAD_USER_INPUT)
│   └── BadCursor           a cursor that is damaged, foreign or of another filter (BAD_CURSOR)
├── NotFound                no object has this ID (NOT_FOUND)
├── InvalidInput            a mutation's input that the inbox cannot take (INVALID_INPUT)
├── Forbidden               a change by a caller who may only read (FORBIDDEN)
├── Overloaded              too much of something is under way for others (OVERLOADED)
└── UpstreamError           an instance's trouble with one login (its failure code)

RequestRefused              an operation that is not executed at all: its errors and their code

graphql-core copies `extensions` from the exception that a resolver raised into the answer's
error, so the code of any of them reaches the caller.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum

import strawberry
from graphql import GraphQLError


class TidingsError(Exception):
    """An error whose message is safe to show: one sentence, no secret, no upstream's body."""

    code = "INTERNAL"

    @property
    def extensions(self) -> dict[str, str]:
        return {"code": self.code}


class BadUserInput(TidingsError):
    """An argument that is refused before anything is sent to an instance."""

    code = "BAD_USER_INPUT"


class BadCursor(BadUserInput):
    """A cursor that this gateway did not make, or not for this filter."""

    code = "BAD_CURSOR"

    def __init__(self) -> None:
        super().__init__(
            "This cursor is damaged or was made for another filter: "
            "use one that an answer to the same filter gave, or start without."
        )


class NotFound(TidingsError):
    """There is no object with the ID that was asked for."""

    code = "NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("There is no object with this ID.")


class InvalidInput(TidingsError):
    """An input of a mutation that is refused before the write; `path` leads to it."""

    code = "INVALID_INPUT"

    def __init__(self, message: str, *path: str) -> None:
        super().__init__(message)
        self.path = path


class Forbidden(TidingsError):
    """A change that the caller has no right to; nothing is sent."""

    code = "FORBIDDEN"

    def __init__(self) -> None:
        super().__init__("Your key may read this inbox and not change it.")


class Overloaded(TidingsError):
    """There is no room for another one, as all are in use."""

    code = "OVERLOADED"

    def __init__(self) -> None:
        super().__init__(
            "As many logins have subscribers as `cache.logins` allows: try again later."
        )


@strawberry.enum(description="What went wrong between the gateway and an instance.")
class UpstreamFailureCode(Enum):
    """The codes are public: documented in docs/glossary.md and never renamed."""

    UNREACHABLE = strawberry.enum_value(
        "UNREACHABLE",
        description="No connection: the name, the address or the network is at fault.",
    )
    TIMEOUT = strawberry.enum_value(
        "TIMEOUT", description="The instance was reached and did not answer in time."
    )
    UNAVAILABLE = strawberry.enum_value(
        "UNAVAILABLE",
        description="The instance says that it cannot serve now (a 5xx, or read-only).",
    )
    RATE_LIMITED = strawberry.enum_value(
        "RATE_LIMITED", description="The login has asked too often: see `retryAt`."
    )
    UNAUTHORIZED = strawberry.enum_value(
        "UNAUTHORIZED",
        description="The instance refuses the credential, or it lacks a scope or a grant. "
        "Only who gave the credential can mend this: the operator, or whoever sent it along.",
    )
    REJECTED = strawberry.enum_value(
        "REJECTED", description="The instance refuses this request, and would refuse it again."
    )
    BAD_RESPONSE = strawberry.enum_value(
        "BAD_RESPONSE",
        description="An answer that is not what the API of such an instance promises.",
    )
    UNSUPPORTED = strawberry.enum_value(
        "UNSUPPORTED", description="Such a server cannot do what was asked."
    )
    SUSPENDED = strawberry.enum_value(
        "SUSPENDED",
        description="The instance failed lately and is not asked again before `retryAt`.",
    )


_FINAL = {
    UpstreamFailureCode.UNAUTHORIZED,
    UpstreamFailureCode.REJECTED,
    UpstreamFailureCode.UNSUPPORTED,
}


class UpstreamError(TidingsError):
    """One login's trouble with its instance; `notifications` shows it as data, a failure.

    `retry_at` is the instant (UTC) before which the instance does not want to be asked.
    `is_outcome_unknown` is true for a write that the instance may have carried out all the same:
    such a one is never sent again unasked. `is_outage`: the instance itself is down or away, which
    has nothing to do with the login. `is_login_refused`: the credential as such is not good any
    more. `is_unasked`: it is told from memory, and says nothing of how the instance is now.
    """

    def __init__(
        self,
        code: UpstreamFailureCode,
        message: str,
        retry_at: datetime | None = None,
        *,
        is_outcome_unknown: bool = False,
        is_outage: bool = False,
        is_login_refused: bool = False,
        is_unasked: bool = False,
    ) -> None:
        super().__init__(message)
        self.failure_code = code
        self.retry_at = retry_at
        self.is_outcome_unknown = is_outcome_unknown
        self.is_outage = is_outage
        self.is_login_refused = is_login_refused
        self.is_unasked = is_unasked

    @property
    def is_retryable(self) -> bool:
        """Whether the same request may succeed later without anybody mending anything."""
        return self.failure_code not in _FINAL

    @property
    def extensions(self) -> dict[str, str]:
        return {"code": self.failure_code.name}


class RefusalCode(Enum):
    """Why an operation is not executed; the names that GraphQL servers share, where there is one.

    https://www.apollographql.com/docs/apollo-server/data/errors#built-in-error-codes
    """

    GRAPHQL_PARSE_FAILED = "the document is no GraphQL"
    GRAPHQL_VALIDATION_FAILED = "the document does not fit the schema"
    UNUSED_VARIABLE = "the operation declares a variable that it does not use"
    OPERATION_RESOLUTION_FAILURE = "which operation to execute is not clear, or it is not there"
    BAD_USER_INPUT = "a variable's value cannot be"
    LIMIT_EXCEEDED = "the operation asks for too much: `extensions.limit` names the limit"


class RequestRefused(Exception):
    """An operation that is not executed: the document, its variables or its size are at fault.

    Every one of `errors` gets the code.
    """

    def __init__(self, errors: Sequence[GraphQLError], code: RefusalCode) -> None:
        super().__init__(code.name)
        self.errors = errors
        self.code = code
        for error in errors:
            error.extensions = {"code": code.name, **(error.extensions or {})}
