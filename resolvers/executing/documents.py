"""From a request's text to a document that may be executed: parsed, within limits, valid.

Documents that were found good are kept, so that a client that asks the same again is not made to
wait for it.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from sys import getsizeof
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    NoUnusedVariablesRule,
    OperationDefinitionNode,
    OperationType,
    SingleFieldSubscriptionsRule,
    Source,
    TokenKind,
    parse,
    specified_rules,
    validate,
)
from graphql.language import Lexer
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from resolvers.errors import RefusalCode, RequestRefused
from resolvers.executing.document_limits import find_excesses
from resolvers.executing.selections import Fragments, fields_below, fragments_of, operations_of
from resolvers.executing.subscription_root import SubscriptionRootRule
from resolvers.limits import Excess, Limits

MOST_KEPT = 48 * 1024 * 1024
"""Bytes of all documents kept together, with what is compiled for them."""
_OF_A_DOCUMENT, _OF_A_TOKEN = 1200, 420
"""Bytes of a syntax tree, measured: it keeps every token of its text."""
_OF_A_PLAN, _OF_A_PLANNED_TOKEN = 2000, 180
"""Bytes of what is compiled for one set of conditions."""
_MOST_PLANS = 16
"""Of a document with directives; one for another."""

_OURS = {NoUnusedVariablesRule, SingleFieldSubscriptionsRule}
"""Rules of the specification that are asked apart, or that one of ours goes beyond."""

MOST_ERRORS = 5
"""Mistakes in one document that are told, so that an answer stays small."""

MOST_COMMENTS = 1000
"""Comments in one document: they cost time and are no tokens."""


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One operation of a valid document; `excesses` are of limits that are not enforced.

    `fingerprint` tells it from every other one, by its document's text and its name. `made` holds
    what was made of it and is kept as long as it is, by the module that made it.
    """

    document: DocumentNode
    definition: OperationDefinitionNode
    fragments: Fragments
    excesses: Sequence[Excess]
    fingerprint: bytes
    made: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str | None:
        return self.definition.name.value if self.definition.name else None

    def selects(self, name: str) -> bool:
        """Whether a field of this name is selected anywhere in the operation."""
        key = f"selects {name}"
        if key not in self.made:
            roots = [self.definition.selection_set]
            self.made[key] = any(
                node.name.value == name for node in fields_below(roots, self.fragments)
            )
        found: bool = self.made[key]
        return found

    @property
    def is_mutation(self) -> bool:
        return self.definition.operation is OperationType.MUTATION

    @property
    def is_subscription(self) -> bool:
        return self.definition.operation is OperationType.SUBSCRIPTION


@dataclass(frozen=True, slots=True)
class Document:
    """A valid document, by its operations."""

    operations: Sequence[Operation]

    def choose(self, name: str | None) -> Operation:
        """The operation to execute: the one of that name, or the only one. Raises RequestRefused.

        https://spec.graphql.org/draft/#GetOperation()
        """
        if name is None:
            found = [*self.operations] if len(self.operations) == 1 else []
            problem = "The document has several operations: say by operationName which to execute."
        else:
            found = [each for each in self.operations if each.name == name]
            problem = "The document has no operation of the name that operationName says."
        if not found:
            error = GraphQLError(problem)
            raise RequestRefused([error], RefusalCode.OPERATION_RESOLUTION_FAILURE)
        return found[0]


class Documents:
    """Reads documents for one schema."""

    def __init__(
        self,
        schema: GraphQLSchema,
        limits: Limits,
        *,
        allows_introspection: bool,
        most: int = MOST_KEPT,
    ) -> None:
        self.schema = schema
        self._limits = limits
        self._hides_suggestions = not allows_introspection
        rules = [rule for rule in specified_rules if rule not in _OURS]
        rules += [OneOfInputValidationRule, MaybeNullValidationRule, SubscriptionRootRule]
        self._rules = rules if allows_introspection else [*rules, NoSchemaIntrospectionCustomRule]
        self._most = most
        self._kept: OrderedDict[str, tuple[Document, int]] = OrderedDict()
        self.used = 0

    def read(self, text: str) -> Document:
        """A document that may be executed; RequestRefused says why one may not."""
        known = self._kept.get(text)
        if known is not None:
            self._kept.move_to_end(text)
            return known[0]
        try:
            document = self._check(text)
        except RecursionError:
            error = GraphQLError("The document is nested too deeply.")
            raise RequestRefused([error], RefusalCode.GRAPHQL_VALIDATION_FAILED) from None
        self._keep(text, document)
        return document

    def _check(self, text: str) -> Document:
        node = self._parse(text)
        excesses = find_excesses(node, self._limits)
        if not self._limits.is_enforced and exceeds_tokens(text, self._limits.tokens):
            excesses.append(Excess("tokens", self._limits.tokens, self._limits.tokens + 1))
        if excesses and self._limits.is_enforced:
            raise refuse_excesses(excesses)
        self._validate(node, self._rules, RefusalCode.GRAPHQL_VALIDATION_FAILED)
        self._validate(node, [NoUnusedVariablesRule], RefusalCode.UNUSED_VARIABLE)
        fragments = fragments_of(node)
        digest = blake2b(text.encode(), digest_size=16).digest()
        operations = []
        for each in operations_of(node):
            name = each.name.value.encode() if each.name else b""
            operations.append(Operation(node, each, fragments, excesses, digest + name))
        return Document(operations)

    def _validate(
        self, node: DocumentNode, rules: Sequence[type[ASTValidationRule]], code: RefusalCode
    ) -> None:
        errors = validate(
            self.schema,
            node,
            rules,
            max_errors=MOST_ERRORS,
            hide_suggestions=self._hides_suggestions,
        )
        if errors:
            raise RequestRefused(errors, code)

    def _parse(self, text: str) -> DocumentNode:
        most = self._limits.tokens if self._limits.is_enforced else None
        try:
            return parse(text, max_lexical_tokens=most, max_comments=MOST_COMMENTS)
        except GraphQLSyntaxError as error:
            if most is not None and exceeds_tokens(text, most):
                raise refuse_excesses([Excess("tokens", most, most + 1)]) from None
            raise RequestRefused([error], RefusalCode.GRAPHQL_PARSE_FAILED) from None

    def _keep(self, text: str, document: Document) -> None:
        size = _estimate_bytes(text, document)
        self._kept[text] = document, size
        self.used += size
        while self.used > self._most:
            _, (_, freed) = self._kept.popitem(last=False)
            self.used -= freed


def _estimate_bytes(text: str, document: Document) -> int:
    """Of a document as it is kept, with all that may be compiled for it."""
    tree = document.operations[0].document
    tokens, token = 0, tree.loc.start_token if tree.loc else None
    while token is not None:
        tokens, token = tokens + 1, token.next
    plans = (_MOST_PLANS if "@" in text else 1) * len(document.operations)
    of_plans = plans * (_OF_A_PLAN + _OF_A_PLANNED_TOKEN * tokens)
    return _OF_A_DOCUMENT + 2 * getsizeof(text) + _OF_A_TOKEN * tokens + of_plans


def refuse_excesses(excesses: Sequence[Excess]) -> RequestRefused:
    """The error that names the limits which are exceeded."""
    errors = [GraphQLError(f"{excess}.", extensions=_describe(excess)) for excess in excesses]
    return RequestRefused(errors, RefusalCode.LIMIT_EXCEEDED)


def _describe(excess: Excess) -> dict[str, object]:
    return {"limit": {"name": excess.limit, "most": excess.most, "found": excess.found}}


def exceeds_tokens(text: str, most: int) -> bool:
    """Whether a text has more tokens before its end, or before what is no token."""
    lexer = Lexer(Source(text))
    try:
        for _ in range(most + 1):
            if lexer.advance().kind is TokenKind.EOF:
                return False
    except GraphQLSyntaxError:
        return False
    return True
