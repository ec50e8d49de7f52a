"""Documents that the operator has named beforehand."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from support.worlds import Json, World, mixed_world

from app.config.load import BadConfiguration, check_configuration
from app.setting_types.manifest import read_manifest

TRUSTED = "query Trusted { inboxes { name } }"
HASH = sha256(TRUSTED.encode()).hexdigest()
RELAY = {HASH: TRUSTED}
APOLLO = {
    "format": "apollo-persisted-query-manifest",
    "version": 1,
    "operations": [{"id": HASH, "name": "Trusted", "type": "query", "body": TRUSTED}],
}
NAMES = [{"name": "home"}, {"name": "wiki"}, {"name": "work"}]


def write(folder: Path, manifest: object) -> Path:
    """A manifest's file."""
    path = folder / "manifest.json"
    path.write_text(json.dumps(manifest), encoding="utf-8")
    return path


def world_in(mode: str, folder: Path) -> World:
    """A gateway with one trusted document."""
    world = mixed_world()
    manifest = str(write(folder, RELAY))
    world.sections = {"documents": {"mode": mode, "manifest": manifest}}
    return world


async def ask(world: World, body: Json) -> tuple[int, Json]:
    """Status and answer."""
    response = await world.client().post("/graphql", json=body)
    answer: Json = response.json()
    return response.status_code, answer


@pytest.mark.parametrize("manifest", [RELAY, APOLLO], ids=["relay", "apollo"])
def test_both_tools_manifests_are_read(manifest: object, tmp_path: Path) -> None:
    """Relay's compiler writes texts by hash, Apollo's tool a list of operations."""
    assert read_manifest(write(tmp_path, manifest)) == RELAY


@pytest.mark.parametrize("mode", ["off", "log", "enforce"])
@pytest.mark.parametrize(
    "asked",
    [
        {"documentId": HASH},
        {"documentId": f"sha256:{HASH}"},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": HASH}}},
        {"query": TRUSTED},
    ],
    ids=["hash", "prefix", "apollo", "text"],
)
async def test_a_trusted_document_is_executed(mode: str, asked: Json, tmp_path: Path) -> None:
    """By its hash, as Relay or as Apollo sends it, and by its text."""
    status, answer = await ask(world_in(mode, tmp_path), asked)
    assert (status, answer["data"]) == (200, {"inboxes": NAMES})


async def test_a_hash_works_by_get(tmp_path: Path) -> None:
    """So that what is between can keep the answer."""
    client = world_in("enforce", tmp_path).client()
    response = await client.get("/graphql", params={"documentId": HASH})
    assert response.json()["data"] == {"inboxes": NAMES}


async def test_others_are_refused(tmp_path: Path) -> None:
    """Where it is enforced: introspection too, and a change of one space."""
    world = world_in("enforce", tmp_path)
    for query in ("{ __schema { queryType { name } } }", f"{TRUSTED} "):
        status, answer = await ask(world, {"query": query})
        assert status == 403
        assert answer["errors"][0]["extensions"] == {"code": "DOCUMENT_NOT_TRUSTED"}


@pytest.mark.parametrize("mode", ["off", "log", "enforce"])
async def test_a_hash_that_nobody_knows(mode: str, tmp_path: Path) -> None:
    """The code by which Apollo's clients send the document itself."""
    status, answer = await ask(world_in(mode, tmp_path), {"documentId": "0" * 64})
    assert status == 400
    assert answer["errors"][0]["extensions"] == {"code": "PERSISTED_QUERY_NOT_FOUND"}


async def test_others_are_logged(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """By the hash that the manifest would have; what is trusted is not."""
    world = world_in("log", tmp_path)
    await ask(world, {"query": TRUSTED})
    assert "not trusted" not in capfd.readouterr().out
    status, _ = await ask(world, {"query": "{ __typename }"})
    logged = capfd.readouterr().out
    assert status == 200
    assert "not trusted" in logged and sha256(b"{ __typename }").hexdigest() in logged


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "a file that can be read"),
        ("{", "a manifest of Relay"),
        ('["x"]', "a manifest of Relay"),
        ('{"x": 1}', "a manifest of Relay"),
        ("\udcff", "a manifest of Relay"),
        ("{}", "at least one document"),
    ],
)
def test_a_manifest_that_is_none(text: str | None, problem: str, tmp_path: Path) -> None:
    """The start says what is wrong with it."""
    if text is not None:
        (tmp_path / "m.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    documents = {"mode": "enforce", "manifest": "m.json"}
    with pytest.raises(BadConfiguration, match=problem):
        check_configuration({"documents": documents}, {}, "it", tmp_path)
