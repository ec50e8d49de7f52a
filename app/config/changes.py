"""What of another configuration can be taken while the gateway runs."""

from collections.abc import Collection, Mapping

from app.config.limits import DocumentSettings, LimitSettings
from app.config.load import BadConfiguration, check_whole
from app.config.settings import Settings

RELOADED: Mapping[str, Collection[str]] = {
    "server": {
        *("allowed_hosts", "allowed_origins", "graphiql", "introspection", "page", "page_images"),
        "public_url",
    },
    "limits": LimitSettings.model_fields.keys() - {"body"},
    "documents": DocumentSettings.model_fields.keys(),
}
"""What a reload takes beside clients and inboxes; the rest is of connections that are open."""


def take_over(running: Settings, wanted: Settings, *, is_open: bool) -> tuple[Settings, list[str]]:
    """What can be served of a configuration that is wanted, and the settings that need a restart.

    Raises BadConfiguration where both do not go together, as where clients are removed and the
    address to listen on is made a loopback one at once.
    """
    sections = {}
    waiting: list[str] = []
    for section in Settings.model_fields.keys() - {"clients", "inboxes"}:
        have, want = getattr(running, section), getattr(wanted, section)
        held = type(want).model_fields.keys() - RELOADED.get(section, ())
        kept = {name: getattr(have, name) for name in held}
        waiting += [f"{section}.{name}" for name in held if getattr(want, name) != kept[name]]
        sections[section] = want.model_copy(update=kept)
    taken = wanted.model_copy(update=sections)
    problems = check_whole(taken, is_open=is_open)
    if problems:
        source = f"The configuration, of which {', '.join(sorted(waiting))} would need a restart,"
        raise BadConfiguration(source, problems)
    return taken, sorted(waiting)
