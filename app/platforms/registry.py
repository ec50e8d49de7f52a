"""All platforms, by their names in the configuration."""

from collections.abc import Mapping

from app.platforms.mastodon import MASTODON
from app.platforms.mediawiki import MEDIAWIKI
from app.platforms.platform import PlatformEntry

PLATFORMS: Mapping[str, PlatformEntry] = {each.name: each for each in (MASTODON, MEDIAWIKI)}
