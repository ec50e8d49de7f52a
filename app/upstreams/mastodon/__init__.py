"""Instances that speak the Mastodon API: https://docs.joinmastodon.org/api/"""
