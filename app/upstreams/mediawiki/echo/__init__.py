"""A wiki's own notifications, by its extension Echo: https://www.mediawiki.org/wiki/Extension:Echo"""
