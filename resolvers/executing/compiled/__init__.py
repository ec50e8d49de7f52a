"""Completes the values of root fields by one generated function, where graphql-core takes long.

graphql-core stays the truth: what is not known here, and whatever surprises while it runs, is
completed by it, from the same value.
"""
