"""`tidings check` over every server software."""

from support.worlds import World

from app.checking import inspect_all, print_as_table
from app.sandbox.software import SOFTWARE


async def test_names_make_and_version_of_each() -> None:
    """One row for each inbox; software that is not known is called so."""
    world = World()
    for software in SOFTWARE:
        world.add_mastodon(software.replace(".", "-"), software)
    world.add_wiki("wiki")
    reports = await inspect_all(world.upstreams())
    rows = dict(zip([*SOFTWARE, "wiki"], print_as_table(reports).splitlines()[1:], strict=False))
    shown = {report.inbox: (report.software, report.version) for report in reports}
    assert shown["gotosocial"] == ("gotosocial", "0.20.0+git-57cb4fe")
    assert shown["snac"] == ("snac", "2.94")
    assert shown["pleroma"] == ("pleroma", "2.10.2")
    assert shown["akkoma"] == ("akkoma", "3.20.0")
    assert shown["takahe"] == ("takahe", "0.11.0")
    assert shown["hollo"] == ("hollo", "0.10.0")
    assert shown["mastodon-2-4"] == ("mastodon", "2.4.3")
    assert shown["wiki"] == ("mediawiki", "1.39.17")
    assert "mastodon 4.6.4" in rows["mastodon"]
    table = print_as_table(reports)
    assert "unknown nightly" in table
    assert all(report.failure is None for report in reports)
