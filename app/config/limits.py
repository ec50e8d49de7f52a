"""What can be configured of operations: `[limits]` and `[documents]`."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from app.setting_types.kinds import (
    Count,
    Manifest,
    Section,
)


class LimitSettings(Section):
    """`[limits]`: what one operation may ask for at most."""

    mode: Literal["enforce", "log"] = Field(
        "enforce",
        description="`enforce` refuses what exceeds a limit; `log` lets it pass and logs it, save "
        "for `body`.",
    )
    depth: Count = Field(12, description="Fields within fields.")
    aliases: Count = Field(30, description="Aliases.")
    root_fields: Count = Field(10, description="Fields at the top.")
    tokens: Count = Field(2000, description="Names, numbers, texts and signs in the document.")
    directives: Count = Field(50, description="Directives.")
    overlaps: Count = Field(
        1000, description="Pairs of fields with the same name in the answer, which are compared."
    )
    cost: Count = Field(20_000, description="Fields that the answer may have; see limits.md.")
    page_size: Count = Field(100, description="`first` and `last`.")
    node_ids: Count = Field(100, description="`ids` of `nodes`.")
    inboxes: Annotated[int, Field(ge=1, le=10_000)] = Field(
        200,
        description="Inboxes in the configuration. Cursors grow with them, up to 120 bytes each.",
    )
    body: Annotated[int, Field(ge=1024, le=64 * 1024 * 1024)] = Field(
        128 * 1024, description="Bytes of a request's body."
    )


class DocumentSettings(Section):
    """`[documents]`: trusted documents."""

    mode: Literal["off", "log", "enforce"] = Field(
        "off",
        description="`off` executes every document, `log` logs those that the manifest does not "
        "have, `enforce` refuses them.",
    )
    manifest: Manifest = Field(
        {},
        description="The file that Relay's compiler (`persistConfig`) or Apollo's "
        "`generate-persisted-query-manifest` has written, from the configuration's folder on.",
    )

    @model_validator(mode="after")
    def _has_a_manifest(self) -> Self:
        if self.mode != "off" and not self.manifest:
            raise PydanticCustomError("manifest", "expected a manifest with at least one document")
        return self
