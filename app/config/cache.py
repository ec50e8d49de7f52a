"""What can be configured of the cache: `[cache]`, and other times in `[cache.…]` of a platform."""

from typing import TYPE_CHECKING

from pydantic import Field, create_model

from app.platforms.registry import PLATFORMS
from app.setting_types.inbox import CacheOverrides
from app.setting_types.kinds import Age, Section, StoreAddress

LARGEST_CHUNK_BYTES = 1024 * 1024
"""What 100 long posts take, mapped."""


class _CacheSettings(Section):
    """`[cache]`: how long what instances said is good, and how much of it is kept."""

    fresh: Age = Field(
        15, description="Seconds that a copy is served without asking; 0 for never unasked."
    )
    stale: Age = Field(
        60,
        description="Seconds up to which a copy is served if its renewal takes longer than "
        "`patience`. At least `fresh`.",
    )
    keep: Age = Field(
        86400,
        description="Seconds up to which a copy is served if the instance fails. At least `stale`.",
    )
    patience: Age = Field(
        0.3, description="Seconds that a caller waits for a renewal before the copy is served."
    )
    settling: Age = Field(
        2, description="Seconds after a write for which what an instance says is not kept."
    )
    settling_unknown: Age = Field(
        10, description="The same after a write of which nobody knows whether it was carried out."
    )
    logins: int = Field(
        1000,
        ge=1,
        le=1_000_000,
        description="Logins whose credential came with a request that are remembered; the least "
        "used go first.",
    )
    responses: int = Field(
        8 * 1024 * 1024,
        ge=0,
        description="Bytes of whole responses that are kept while all that they show is fresh; 0 "
        "for none.",
    )
    memory: int = Field(
        32 * 1024 * 1024,
        ge=LARGEST_CHUNK_BYTES,
        description="Bytes that all copies together may take; the least used go first. At least "
        "1048576, which one chunk may take.",
    )
    url: StoreAddress | None = Field(
        None,
        description="A Redis or a Valkey by which several processes share what they keep: "
        "`redis://host:6379/0`, `rediss://` (TLS), `valkey://` or `unix:///path`. With a password "
        "in it, a reference (see Secrets).",
    )

    def ages_for(self, platform: str) -> tuple[float, float, float]:
        """`fresh`, `stale` and `keep` in seconds for the instances of a platform."""
        own: CacheOverrides = getattr(self, platform)
        ages = ((own.fresh, self.fresh), (own.stale, self.stale), (own.keep, self.keep))
        fresh, stale, keep = (general if other is None else other for other, general in ages)
        return fresh, stale, keep


if TYPE_CHECKING:
    CacheSettings = _CacheSettings
else:  # made of the platforms, of which no type checker can know
    _OVERRIDES = {each.name: (each.cache, each.cache()) for each in PLATFORMS.values()}
    CacheSettings = create_model("CacheSettings", __base__=_CacheSettings, **_OVERRIDES)
