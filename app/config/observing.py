"""What can be configured of what operators see: `[log]`, `[metrics]` and `[tracing]`."""

from typing import Literal

from pydantic import Field

from app.setting_types.kinds import Section


class LogSettings(Section):
    """`[log]`: what stands on standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info",
        description="`info` has a line for each operation; `warning` only what needs somebody.",
    )
    format: Literal["auto", "json", "text"] = Field(
        "auto",
        description="`json` for programs, `text` for people; `auto` is `text` on a terminal.",
    )


class MetricsSettings(Section):
    """`[metrics]`: numbers for Prometheus."""

    host: str = Field("127.0.0.1", description="The address to tell them at.")
    port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="The port to tell them on, at `/metrics`; without it nothing is counted. "
        "Further processes take the ports after it.",
    )
