"""The page at `/`: the merged inbox in a browser, over the public GraphQL API and nothing else.

Its sources are in `page/`; `files/` and `documents.json` are what `make page` builds of them.
"""
