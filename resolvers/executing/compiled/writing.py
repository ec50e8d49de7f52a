"""Writes a Python function for a selection: from a value as resolvers give it to plain JSON.

The function checks all that graphql-core would: whatever is not exactly what the schema promises
raises, and then graphql-core completes the value and says what is wrong with it.
"""

import math
from collections.abc import Callable
from typing import Any

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    SelectionSetNode,
    get_nullable_type,
)
from graphql.execution.values import get_argument_values
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField

from resolvers.executing.compiled.selection import Selector, Unknown, has_variable, possible_types
from resolvers.types.notification import Notification
from resolvers.types.scalars import format_instant

Complete = Callable[[Any], Any]
"""From a resolved value to what stands in the answer."""

_DEFINITION = "strawberry-definition"
_PLAIN_TEXT = {"String", "ID", "HTML"}
"""Scalars whose values are texts that stand in the answer as they are."""
_LARGEST_INT = 2**31 - 1


class Surprise(Exception):
    """A value that is not what the schema promises."""


class Writer:
    """Writes one function, and those that it calls, into one namespace."""

    def __init__(self, schema: GraphQLSchema, selector: Selector) -> None:
        self._schema = schema
        self._selector = selector
        self._lines: list[str] = []
        self._names: dict[str, Any] = {"Surprise": Surprise}
        self._functions: dict[tuple[str, tuple[int, ...]], str] = {}

    def write(self, kind: GraphQLOutputType, nodes: list[FieldNode]) -> Complete:
        """The function that completes values of a field. Raises Unknown."""
        expression = self._complete("v", kind, nodes)
        source = "\n".join([*self._lines, "def complete(v):", f" return {expression}"])
        # The text is made of names of our own and of response keys, which are GraphQL names.
        exec(compile(source, "<compiled selection>", "exec"), self._names)  # noqa: S102
        complete: Complete = self._names["complete"]
        return complete

    def _bind(self, value: object) -> str:
        """A name for a value in the functions' namespace."""
        name = f"_{len(self._names)}"
        self._names[name] = value
        return name

    def _complete(self, value: str, kind: GraphQLOutputType, nodes: list[FieldNode]) -> str:
        """An expression for a value that is held by a name."""
        if isinstance(kind, GraphQLNonNull):
            return self._complete_present(value, kind.of_type, nodes)
        return f"(None if {value} is None else {self._complete_present(value, kind, nodes)})"

    def _complete_present(self, value: str, kind: GraphQLOutputType, nodes: list[FieldNode]) -> str:
        if isinstance(kind, GraphQLList):
            each = self._complete("e", kind.of_type, nodes)
            return f"[{each} for e in {self._bind(_check_list)}({value})]"
        if isinstance(kind, GraphQLScalarType):
            return self._complete_scalar(value, kind)
        if isinstance(kind, GraphQLEnumType):
            return f"{self._bind(_names_of(kind))}[id({value})]"
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType):
            return self._complete_composite(value, kind, nodes)
        raise Unknown("another kind of type")

    def _complete_scalar(self, value: str, kind: GraphQLScalarType) -> str:
        if kind.name in _PLAIN_TEXT:
            return f"({value} if {value}.__class__ is str else {self._bind(_fail)}())"
        if kind.name == "Boolean":
            return f"({value} if {value}.__class__ is bool else {self._bind(_fail)}())"
        checks = {"Int": _check_int, "Float": _check_float}
        return f"{self._bind(checks.get(kind.name) or _check_scalar(kind))}({value})"

    def _complete_composite(
        self,
        value: str,
        kind: GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType,
        nodes: list[FieldNode],
    ) -> str:
        """By the exact class of the value; what has another one, or none known, is a surprise."""
        selected = [node.selection_set for node in nodes if node.selection_set]
        functions: dict[str, str] = {}
        reasons: list[Unknown] = []
        for each in possible_types(self._schema, kind):
            try:
                functions[each.name] = self._write_object(each, selected)
            except Unknown as unknown:
                reasons.append(unknown)
        if not functions:
            raise reasons[0]
        by_class = {_class_of(self._schema, name): call for name, call in functions.items()}
        if len(by_class) == 1:
            ((only, call),) = by_class.items()
            is_it = f"{value}.__class__ is {self._bind(only)}"
            return f"({call}({value}) if {is_it} else {self._bind(_fail)}())"
        dispatch = self._bind({})
        self._lines += [
            f"{dispatch}[{self._bind(each)}] = {call}" for each, call in by_class.items()
        ]
        return f"{dispatch}[{value}.__class__]({value})"

    def _write_object(self, kind: GraphQLObjectType, selected: list[SelectionSetNode]) -> str:
        """The name of a function for an object type's values."""
        key = (kind.name, tuple(id(each) for each in selected))
        known = self._functions.get(key)
        if known is not None:
            return known
        steps, items = [], []
        for index, (name, nodes) in enumerate(self._selector.collect(kind, selected).items()):
            if nodes[0].name.value == "__typename":
                items.append(f"{name!r}: {kind.name!r}")
                continue
            field = kind.fields[nodes[0].name.value]
            steps.append(f" a{index} = {self._read(field, nodes[0])}")
            items.append(f"{name!r}: {self._complete(f'a{index}', field.type, nodes)}")
        function = f"f{len(self._functions)}"
        self._functions[key] = function
        made = f"{{{', '.join(items)}}}"
        if issubclass(_class_of(self._schema, kind.name), Notification):
            selection = self._bind(object())
            recall = [" k = v.completed", f" if k is not None and k[0] is {selection}: return k[1]"]
            keep = [f" m = {made}", f" v.completed = ({selection}, m)", " return m"]
            self._lines += [f"def {function}(v):", *recall, *steps, *keep]
        else:
            self._lines += [f"def {function}(v):", *steps, f" return {made}"]
        return function

    def _read(self, field: GraphQLField, node: FieldNode) -> str:
        """An expression for a field of the object `v`: its attribute, or what its method gives."""
        definition = field.extensions.get(_DEFINITION)
        if not isinstance(definition, StrawberryField) or definition.extensions:
            raise Unknown("a field of another kind")
        resolver = definition.base_resolver
        if resolver is None:
            return f"v.{definition.python_name}"
        if resolver.is_async:
            raise Unknown("an asynchronous field")
        if resolver.info_parameter or resolver.parent_parameter:
            raise Unknown("a field with info")
        if not definition.arguments:
            return f"{self._bind(resolver.wrapped_func)}(v)"
        if any(has_variable(each.value) for each in node.arguments or ()):
            raise Unknown("a field with a variable")
        names = {each.python_name for each in definition.arguments}
        if names != field.args.keys() or not all(_is_scalar(each) for each in field.args.values()):
            raise Unknown("a field with arguments of its own kind")
        arguments = get_argument_values(field, node)
        return f"{self._bind(resolver.wrapped_func)}(v, **{self._bind(arguments)})"


def _is_scalar(argument: GraphQLArgument) -> bool:
    """Whether graphql-core alone makes of an argument what the resolver takes."""
    return isinstance(get_nullable_type(argument.type), GraphQLScalarType)


def _class_of(schema: GraphQLSchema, name: str) -> type:
    kind = schema.get_type(name)
    definition = kind.extensions.get(_DEFINITION) if kind else None
    if not isinstance(definition, StrawberryObjectDefinition):
        raise Unknown("a type of another kind")
    return definition.origin


def _names_of(kind: GraphQLEnumType) -> dict[int, str]:
    """The name of each member of an enum, as it stands in the answer, by the member's identity.

    Members are never collected, and their own hash is a function of Python's.
    """
    definition = kind.extensions.get(_DEFINITION)
    if not isinstance(definition, StrawberryEnumDefinition):
        raise Unknown("an enum of another kind")
    members: list[object] = [*definition.wrapped_cls]
    return {id(member): kind.coerce_output_value(member) for member in members}


def _check_list(value: Any) -> Any:
    if value.__class__ is list or value.__class__ is tuple:
        return value
    raise Surprise


def _check_int(value: Any) -> int:
    if value.__class__ is int and -_LARGEST_INT <= value <= _LARGEST_INT:
        number: int = value
        return number
    raise Surprise


def _check_float(value: Any) -> float:
    if value.__class__ is float and math.isfinite(value):
        number: float = value
        return number
    raise Surprise


def _check_scalar(kind: GraphQLScalarType) -> Complete:
    serialize = kind.coerce_output_value
    if serialize is format_instant:
        return serialize

    def check(value: Any) -> Any:
        try:
            text = serialize(value)
        except GraphQLError:
            raise Surprise from None
        if text.__class__ is str:
            return text
        raise Surprise

    return check


def _fail() -> None:
    raise Surprise
