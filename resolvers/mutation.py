"""All mutations in one type."""

import strawberry

from resolvers.mutations.lists import ListMutations
from resolvers.mutations.social import SocialMutations


@strawberry.type(description="What can be changed. Several in one operation run one by one.")
class Mutation(ListMutations, SocialMutations):
    """Each answers with a payload, also where it did nothing."""
