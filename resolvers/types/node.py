"""The Relay `Node` interface: https://relay.dev/graphql/objectidentification.htm"""

import strawberry


@strawberry.interface(description="An object that can be fetched again by its ID.")
class Node:
    """Anything that `node(id:)` can return."""

    id: strawberry.ID = strawberry.field(
        description="Global and opaque: good for a normalised cache, for `node` and for "
        "mutations, and still valid after a restart of the gateway."
    )
