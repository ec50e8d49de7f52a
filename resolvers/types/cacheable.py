"""Which fields last as long as the lists that an answer is made of, so that it may be kept.

A value does, and what is made of values alone. What a resolver makes with the help of the context
may be asked of an instance, may change by itself or may not be known yet: it does not last, unless
it says so. https://strawberry.rocks/docs/types/schema#metadata
"""

CACHEABLE = {"lasts": True}
"""`metadata` of a field that is resolved by the context and is made of lists alone."""
NOT_CACHEABLE = {"lasts": False}
"""`metadata` of a value that changes apart from the list that it is in."""
