"""Wikis that run MediaWiki: https://www.mediawiki.org/wiki/API:Main_page"""
