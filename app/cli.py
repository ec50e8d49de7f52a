"""The command line: `tidings serve`, `check`, `query` and others.

Imports are made where they are needed: help and mistakes are answered at once.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from app.config.settings import Settings
    from app.configuration_source import ConfigurationSource

BAD_USAGE = 2
FAILED = 1

app = typer.Typer(
    name="tidings",
    help="Every notification of your Mastodon and MediaWiki inboxes in one GraphQL list.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Config = Annotated[
    Path | None, typer.Option(help="The configuration file; tidings.toml where left out.")
]
Demo = Annotated[
    bool,
    typer.Option("--demo", help="Add the built-in sandbox; without --config, nothing else."),
]


@app.command()
def serve(
    config: Config = None,
    demo: Demo = False,
    host: Annotated[
        str | None, typer.Option(help="Listen here instead of where the configuration says.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Listen on this port instead of the configured one.")
    ] = None,
    is_open: Annotated[
        bool,
        typer.Option(
            "--open", help="Let everybody who reaches the address read and change everything."
        ),
    ] = False,
    arrivals: Annotated[
        bool,
        typer.Option(help="Of the sandbox: something happens every few seconds from the start."),
    ] = False,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes that share the port, and cache.url.")
    ] = 1,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="Of the sandbox, such as wiki=hang: what is wrong with an instance."),
    ] = None,
) -> None:
    """Start the gateway and keep it running until Ctrl+C."""
    from app.configuration_source import ConfigurationSource

    given = {"host": host, "port": port}
    server = {key: value for key, value in given.items() if value is not None}
    source = ConfigurationSource(config, demo, server, is_open)
    settings = _read(source)
    from app.demo.arrivals import UnknownFault
    from app.metrics_server import PortsTaken
    from app.serving import serve_forever

    faults = {name: key for name, _, key in (each.partition("=") for each in fault or ())}
    if faults and not demo:
        _fail("--fault is for the sandbox: add --demo.", BAD_USAGE)
    if arrivals and not demo:
        _fail("--arrivals is for the sandbox: add --demo.", BAD_USAGE)
    if workers > 1:
        _serve_by_workers(source, settings, workers)
        return
    try:
        serve_forever(source, settings, faults=faults, arrivals=arrivals)
    except UnknownFault as error:
        _fail(f"--fault: {error}", BAD_USAGE)
    except PortsTaken as error:
        _fail(str(error), FAILED)


def _serve_by_workers(source: "ConfigurationSource", settings: "Settings", count: int) -> None:
    if source.demo:
        _fail("--workers is not for the sandbox, which lives in one process.", BAD_USAGE)
    if settings.cache.url is None:
        _fail(
            "cache.url: missing; expected a Redis or a Valkey, by which --workers share what they "
            "know: redis://127.0.0.1:6379.",
            BAD_USAGE,
        )
    from app.workers import CannotStart, serve_by_workers

    try:
        serve_by_workers(source, settings, count)
    except CannotStart as error:
        _fail(str(error), FAILED)


@app.command()
def sandbox(
    port: Annotated[
        int, typer.Option(help="The first port; the instances have those after it.")
    ] = 8800,
    arrivals: Annotated[
        bool, typer.Option(help="Something happens every few seconds from the start.")
    ] = False,
    rows: Annotated[
        int | None,
        typer.Option(min=1, max=20_000, help="List about so many notifications in all."),
    ] = None,
) -> None:
    """Serve the sandbox's instances on ports of their own, until Ctrl+C."""
    from app.demo.on_ports import serve_sandbox

    try:
        serve_sandbox(port, arrivals=arrivals, rows=rows)
    except (OSError, OverflowError) as error:
        _fail(
            f"The sandbox cannot listen from port {port} on: {error}. Try another --port.", FAILED
        )


@app.command()
def schema(
    check: Annotated[
        Path | None,
        typer.Option(help="Print nothing; fail if this file is not the API's schema."),
    ] = None,
) -> None:
    """Print the GraphQL schema that the gateway serves."""
    from resolvers.schema import build_schema

    text = build_schema().as_str() + "\n"
    if check is None:
        sys.stdout.write(text)
    elif not check.is_file() or check.read_text(encoding="utf-8") != text:
        _fail(f"{check} is not the schema of this code: run tidings schema > {check}", FAILED)


@app.command()
def query(
    graphql: Annotated[str, typer.Argument(help="The operation, such as '{ inboxes { name } }'.")],
    variables: Annotated[
        str, typer.Option(help="The operation's variables as a JSON object.")
    ] = "{}",
    config: Config = None,
    demo: Demo = False,
) -> None:
    """Run one GraphQL operation without a server and print the answer as JSON."""
    values = _read_variables(variables)
    settings = _load(config, demo)
    from app.asking import ask_once

    answer, has_errors = ask_once(settings, graphql, values, demo=demo)
    sys.stdout.write(answer + "\n")
    raise typer.Exit(FAILED if has_errors else 0)


@app.command()
def check(
    config: Config = None,
    demo: Demo = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Log in to every inbox and say what works and what is missing; changes nothing.

    Exits with 1 where an inbox cannot be read, or the shared store cannot be used.
    """
    settings = _load(config, demo)
    from app.checking import check_inboxes, print_as_json, print_as_table

    reports = check_inboxes(settings, demo=demo, tell=_tell_progress)
    if sys.stderr.isatty():
        sys.stderr.write(_CLEAR_LINE)
    sys.stdout.write((print_as_json(reports) if json else print_as_table(reports)) + "\n")
    raise typer.Exit(FAILED if any(report.failure for report in reports) else 0)


@app.command()
def health(
    config: Config = None,
    url: Annotated[
        str | None, typer.Option(help="Where the gateway is; by the configuration if left out.")
    ] = None,
) -> None:
    """Ask a gateway whether it takes requests; for the health check of a container."""
    from app.operating import address_of, ask_health

    is_ready, said = ask_health(url or address_of(_load(config).server))
    sys.stdout.write(said + "\n")
    raise typer.Exit(0 if is_ready else FAILED)


@app.command()
def reload(
    config: Config = None,
    pid: Annotated[
        int | None, typer.Option(help="The gateway's process; that of server.pid_file if left out.")
    ] = None,
) -> None:
    """Let a gateway that runs read its configuration again, if that is good."""
    from app.operating import NoProcess, send_reload

    settings = _load(config)
    try:
        process = send_reload(pid, settings.server.pid_file)
    except NoProcess as error:
        _fail(str(error), FAILED)
    typer.echo(f"Process {process} was told; its log says what has changed.")


@app.command()
def key() -> None:
    """Make a key for a client, and what the configuration needs of it."""
    from app.setting_types.keys import digest_key, make_key

    made = make_key()
    typer.echo(
        f"The client's key, which is kept nowhere:\n\n  {made}\n\n"
        "For the configuration, under [[clients]]:\n\n"
        f'  key = "sha256:{digest_key(made).hex()}"'
    )


_CLEAR_LINE = "\r\x1b[K"


def _tell_progress(how_far: str) -> None:
    """One line on a terminal that is written anew, so that nobody takes waiting for hanging."""
    if sys.stderr.isatty():
        sys.stderr.write(_CLEAR_LINE + how_far)
        sys.stderr.flush()


def _read_variables(text: str) -> dict[str, Any]:
    import json

    try:
        values = json.loads(text)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        _fail("--variables is no JSON object: write it like '{\"first\": 5}'.", BAD_USAGE)
    return values


def _load(config: Path | None, demo: bool = False) -> "Settings":
    from app.configuration_source import ConfigurationSource

    return _read(ConfigurationSource(config, demo))


def _read(source: "ConfigurationSource") -> "Settings":
    from app.config.load import BadConfiguration
    from app.observability.logging import set_up_logging

    set_up_logging()
    try:
        loaded = source.read()
    except BadConfiguration as error:
        _fail(str(error), BAD_USAGE)
    log = loaded.settings.log
    set_up_logging(log.level, log.format)
    for warning in loaded.warnings:
        typer.echo(f"Warning: {warning}", err=True)
    return loaded.settings


def _fail(message: str, status: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(status)
