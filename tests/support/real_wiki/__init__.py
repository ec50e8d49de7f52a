"""A real MediaWiki on loopback, from Debian's packages, with PHP's own server and SQLite."""
