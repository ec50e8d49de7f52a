"""All that the source can say of a failure: each call that makes one, with every text it can have.

What is known only when it happens stands as `…` in a text.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

MAKERS = {
    "UpstreamError": 1,
    "super().__init__": 1,
    "bad_response": 1,
    "unsupported": 1,
    "_Trouble": 1,
    "_outage": 0,
}
"""What makes a failure, and which of its arguments is the text."""

WHOLE = ("UpstreamError", "super().__init__")
"""Of these the text is all that is said; the others put the instance before it."""

UNKNOWN = "…"

Values = Mapping[str, Sequence[ast.expr]]
Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class FailureTexts:
    """One call that makes a failure."""

    where: str
    texts: Sequence[str]
    names_instance: bool


def find_failures(sources: Sequence[Path]) -> Iterator[FailureTexts]:
    """Every call, but for those that only pass on what another said."""
    modules = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sources}
    constants: dict[str, Sequence[ast.expr]] = {}
    for tree in modules.values():
        constants.update(_values_of(tree))
    for path, tree in modules.items():
        functions = [each for each in ast.walk(tree) if isinstance(each, Scope)]
        for scope in functions:
            known = {**constants, **_values_of(tree), **_values_of(scope)}
            values = {name: known[name] for name in known.keys() - _arguments_of(scope)}
            for call in _calls_in(scope):
                yield from _read_call(f"{path.name}:{call.lineno}", call, values)


def _read_call(where: str, call: ast.Call, values: Values) -> Iterator[FailureTexts]:
    maker = ast.unparse(call.func)
    if len(call.args) <= MAKERS[maker]:  # of another class
        return
    message = call.args[MAKERS[maker]]
    texts = [text for text in _read(message, values) if any(map(str.isalpha, text))]
    if texts:
        names_instance = maker not in WHOLE or _begins_with_instance(message)
        yield FailureTexts(where, texts, names_instance)


def _begins_with_instance(message: ast.expr) -> bool:
    if not isinstance(message, ast.JoinedStr) or not isinstance(
        message.values[0], ast.FormattedValue
    ):
        return False
    return ast.unparse(message.values[0].value).endswith(("instance", "url"))


def _own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """What is in a scope itself, not in the functions inside it."""
    for child in ast.iter_child_nodes(scope):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
            yield from _own_nodes(child)


def _arguments_of(scope: Scope) -> set[str]:
    if isinstance(scope, ast.Module):
        return set()
    return {each.arg for each in (*scope.args.args, *scope.args.kwonlyargs)}


def _calls_in(scope: Scope) -> Iterator[ast.Call]:
    for node in _own_nodes(scope):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in MAKERS:
            yield node


def _values_of(scope: Scope) -> Values:
    """All that is given to each name."""
    found: dict[str, list[ast.expr]] = {}
    for node in _own_nodes(scope):
        if isinstance(node, ast.Assign):
            for name in ast.walk(node.targets[0]):
                if isinstance(name, ast.Name):
                    found.setdefault(name.id, []).append(node.value)
    return found


def _read(expression: ast.expr, values: Values) -> list[str]:
    """Every text that an expression can have."""
    match expression:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=parts):
            return ["".join(each) for each in product(*(_read(part, values) for part in parts))]
        case ast.FormattedValue(value=value):
            return _read(value, values)
        case ast.IfExp(body=one, orelse=other):
            return [*_read(one, values), *_read(other, values)]
        case ast.Name(id=name) if name in values:
            return [text for value in values[name] for text in _read(value, values)]
        case ast.Subscript(value=table) | ast.Call(func=ast.Attribute(value=table, attr="get")):
            default = expression.args[1:] if isinstance(expression, ast.Call) else []
            return [*_sentences_in(table, values), *(t for d in default for t in _read(d, values))]
        case _:
            return [UNKNOWN]


def _sentences_in(table: ast.expr, values: Values) -> list[str]:
    """The texts of a table that a module names; unknown ones of anything else."""
    rows = values.get(table.id, []) if isinstance(table, ast.Name) else []
    leaves = [node for row in rows for node in ast.walk(row) if isinstance(node, ast.Constant)]
    found = [str(leaf.value) for leaf in leaves if " " in str(leaf.value)]
    return found or [UNKNOWN]
