"""The GraphQL types: plain values that upstreams return and nobody changes afterwards."""
