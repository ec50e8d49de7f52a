"""The public API as it is printed."""

import dataclasses
import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
    introspection_types,
    is_specified_scalar_type,
)

import resolvers.types

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "schema.graphql").read_text(encoding="utf-8")
SCHEMA = build_schema(TEXT)
OWN = {
    name: kind
    for name, kind in SCHEMA.type_map.items()
    if name not in introspection_types and not is_specified_scalar_type(kind)
}


def described() -> list[tuple[str, str | None]]:
    """Everything that has a name in the SDL, with its description."""
    found: list[tuple[str, str | None]] = []
    for name, kind in OWN.items():
        found.append((name, kind.description))
        if isinstance(kind, GraphQLEnumType):
            found += [(f"{name}.{key}", value.description) for key, value in kind.values.items()]
        if isinstance(kind, GraphQLInputObjectType):
            found += [(f"{name}.{key}", field.description) for key, field in kind.fields.items()]
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for key, field in kind.fields.items():
                found.append((f"{name}.{key}", field.description))
                found += [
                    (f"{name}.{key}({argument}:)", value.description)
                    for argument, value in field.args.items()
                ]
    return found


@pytest.mark.parametrize(("name", "description"), described())
def test_everything_is_described(name: str, description: str | None) -> None:
    """Every type, field, argument and enum value has a sentence that says more than its name."""
    assert description, name
    last = re.sub(r"([A-Z])", r" \1", name.rsplit(".", maxsplit=1)[-1]).lower()
    words = {*re.findall(r"[a-z]+", last), "the", "a", "of", "is", "an"}
    assert set(re.findall(r"[a-z]+", description.lower())) - words


def test_every_type_of_the_code_is_in_the_api() -> None:
    """A type that is reached only through an interface is not forgotten."""
    for module in iter_modules(resolvers.types.__path__):
        members = vars(import_module(f"resolvers.types.{module.name}"))
        for name, member in members.items():
            is_type = hasattr(member, "__strawberry_definition__")
            if is_type and dataclasses.is_dataclass(member) and not name.startswith("_"):
                assert name in OWN, name


def test_no_default_is_printed_as_null() -> None:
    """What may be left out has no `= null`, which would say that null means something."""
    assert "= null" not in TEXT
