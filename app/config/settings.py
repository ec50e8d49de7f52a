"""What can be configured. docs/configuration.md has the same in words."""

from typing import TYPE_CHECKING, Annotated, Union

from pydantic import Field

from app.config.cache import CacheSettings
from app.config.clients import ClientSettings
from app.config.limits import DocumentSettings, LimitSettings
from app.config.observing import LogSettings, MetricsSettings, TracingSettings
from app.config.server import ServerSettings
from app.config.upstream import UpstreamSettings
from app.platforms.registry import PLATFORMS
from app.setting_types.inbox import InboxSettings
from app.setting_types.kinds import Section

if TYPE_CHECKING:
    AnyInbox = InboxSettings
else:  # made of the platforms, of which no type checker can know
    _INBOXES = tuple(each.settings for each in PLATFORMS.values())
    AnyInbox = Annotated[Union[_INBOXES], Field(discriminator="platform")]  # noqa: UP007


class Settings(Section):
    """The whole configuration, checked. It cannot be changed."""

    server: ServerSettings = ServerSettings()
    limits: LimitSettings = LimitSettings()
    documents: DocumentSettings = DocumentSettings()
    upstream: UpstreamSettings = UpstreamSettings()
    cache: CacheSettings = CacheSettings()
    log: LogSettings = LogSettings()
    metrics: MetricsSettings = MetricsSettings()
    tracing: TracingSettings = TracingSettings()
    clients: tuple[ClientSettings, ...] = Field(
        (), description="One `[[clients]]` table for each; without any, everybody is let in."
    )
    inboxes: tuple[AnyInbox, ...] = Field(
        (), description="One `[[inboxes]]` table for each login, in the order to show them in."
    )
