"""The connections to all instances, which all logins share: HTTP/1.1, and no more of it than that.

There is a client of our own here because none that is kept well holds what
`app.upstreams.http.transport` promises. aiohttp gives a connection back before it sees that the
server has closed it, refuses an answer whose Content-Length is there twice or that has a body
beside its 204, and takes two to three times the time; httpx's pool collapses where many wait for
one host.
"""
