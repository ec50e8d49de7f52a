"""The arguments that every list of notifications takes."""

from typing import Annotated

import strawberry

from resolvers.inputs.filters import NotificationFilter

First = Annotated[
    int | None,
    strawberry.argument(
        description="How many of the newest (below `after`). 1 to 100, unless the operator has set "
        "another limit; 20 where neither `first` nor `last` is given."
    ),
]
After = Annotated[
    str | None,
    strawberry.argument(
        description="An `endCursor`, or an edge's `cursor`, of the same filter: the page begins "
        "below it. Goes with `first`."
    ),
]
Last = Annotated[
    int | None,
    strawberry.argument(
        description="How many of the oldest (above `before`); without `before` the oldest of all. "
        "1 to 100, unless the operator has set another limit."
    ),
]
Before = Annotated[
    str | None,
    strawberry.argument(
        description="A `startCursor`, or an edge's `cursor`, of the same filter: the page ends "
        "above it. Goes with `last`."
    ),
]
WantedFilter = Annotated[
    NotificationFilter | None,
    strawberry.argument(description="Which notifications to list; all where it is left out."),
]
