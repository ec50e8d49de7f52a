"""The core: what every field of the API means.

Nothing in here opens a socket or reads a clock, a file or the environment.
`app` hands it objects that do; see `resolvers.seam.upstream` for the seam.
"""
