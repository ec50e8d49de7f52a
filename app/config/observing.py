"""What can be configured of what operators see: `[log]`, `[metrics]` and `[tracing]`."""

from importlib.util import find_spec
from typing import Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from app.setting_types.kinds import Address, Section


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


class TracingSettings(Section):
    """`[tracing]`: spans for OpenTelemetry. Needs `pip install 'tidings[tracing]'`."""

    endpoint: Address | None = Field(
        None,
        description="Where a collector takes OTLP over HTTP: `http://127.0.0.1:4318/v1/traces`.",
    )
    sample: float = Field(
        1, ge=0, le=1, description="The share of operations that are recorded, from 0 to 1."
    )
    propagate: bool = Field(
        False, description="Whether instances are told of the trace, by `traceparent`."
    )

    @field_validator("endpoint")
    @classmethod
    def _can_be_sent(cls, endpoint: str | None) -> str | None:
        if endpoint is not None and find_spec("opentelemetry.sdk") is None:
            raise PydanticCustomError(
                "tracing", "expected OpenTelemetry's SDK: run pip install 'tidings[tracing]'"
            )
        return endpoint
