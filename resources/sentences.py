"""Collects the English sentences that errors, findings and reasons consist of, for `resources/translate.py`.

These are written where they occur, outside the windows, and reach the windows finished: over the API, from the
database, or from the last line of a process. A sentence with values is collected as a template, such as "The name
{host} could not be looked up."; `desktop/ui/sentences.py` recognises a finished sentence by its template.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Set
from itertools import product
from pathlib import Path

_ERROR = "OpenThreatError"
_MAKERS = {
    "ErrorFields": slice(0),
    "failure": slice(None),
    "well": slice(1, None),
    "incomplete": slice(1, 2),
    "NotDelivered": slice(1),
}
"""What makes errors and findings besides the classes of errors, and which of its arguments are texts."""
_SAID = ("title", "message", "hint")
_REASONS = ("backend/domain/exposure/reasons.py", "backend/domain/priority.py")
"""People read all texts of these modules."""
_ELSEWHERE = ("desktop/ui/", "backend/cli/")
"""Windows translate their texts themselves; the command line is in English."""
_FULL_STOPS = (".", ".)")
_LEAST_LETTERS = 3


def sentences(root: Path) -> set[str]:
    """Return the texts of errors, findings and reasons, and all sentences that hold values.

    Args:
        root: the folder with the packages `backend` and `desktop`.
    """
    trees = dict(_read(root))
    saying = _error_classes(trees.values()) | _MAKERS.keys()
    found: set[str] = set()
    for name, tree in trees.items():
        constants = _constants(tree)
        found |= {text for node in _said_by_errors(tree, saying) for text in _texts(node, constants)}
        holding = (node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr))
        found |= {text for node in holding for text in _texts(node, constants) if text.endswith(_FULL_STOPS)}
        if name in _REASONS:
            found |= {text for node in _written(tree) for text in _texts(node, constants)}
    return {text for text in found if _letters(text) >= _LEAST_LETTERS}


def _read(root: Path) -> Iterator[tuple[str, ast.Module]]:
    for package in ("backend", "desktop"):
        for path in sorted((root / package).rglob("*.py")):
            if not (name := path.relative_to(root).as_posix()).startswith(_ELSEWHERE):
                yield name, ast.parse(path.read_text(encoding="utf-8"))


def _error_classes(trees: Collection[ast.Module]) -> set[str]:
    """The names of OpenThreatError and of all that derive from it."""
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    known, before = {_ERROR}, set[str]()
    while known != before:
        before = known
        bases = {node.name: {base.id for base in node.bases if isinstance(base, ast.Name)} for node in classes}
        known = before | {name for name, above in bases.items() if above & before}
    return known


def _constants(tree: ast.Module) -> Mapping[str, str]:
    """The module's constants that are texts."""
    return {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


def _said_by_errors(tree: ast.Module, saying: Set[str]) -> Iterator[ast.expr]:
    """The arguments of calls that make errors and findings, as far as they are texts."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in saying:
            yield from node.args[_MAKERS.get(node.func.id, slice(None))]
            yield from (word.value for word in node.keywords if word.arg in _SAID)


def _written(tree: ast.Module) -> Iterator[ast.expr]:
    """All texts of a module but its docstrings and what it compares with."""
    for node in ast.walk(tree):
        if not isinstance(node, (ast.Expr, ast.Compare, ast.JoinedStr)):
            for child in ast.iter_child_nodes(node):
                if isinstance(child, (ast.Constant, ast.JoinedStr)):
                    yield child


def _texts(node: ast.expr, constants: Mapping[str, str]) -> Iterator[str]:
    """What an expression says: both sides of a condition; nothing if it is no text that stands there."""
    match node:
        case ast.IfExp(body=body, orelse=orelse):
            yield from _texts(body, constants)
            yield from _texts(orelse, constants)
        case ast.Constant(value=str(text)):
            yield _escaped(text)
        case ast.Name(id=name) if name in constants:
            yield _escaped(constants[name])
        case ast.JoinedStr(values=values):
            yield from map("".join, product(*_pieces(values, constants)))


def _escaped(text: str) -> str:
    """As part of a template."""
    return text.replace("{", "{{").replace("}", "}}")


def _pieces(values: list[ast.expr], constants: Mapping[str, str]) -> Iterator[list[str]]:
    """The pieces of a text in their order, each with its alternatives."""
    names = list[str]()
    for node in values:
        written = list(_texts(node.value if isinstance(node, ast.FormattedValue) else node, constants))
        if not written and isinstance(node, ast.FormattedValue):
            names.append(_name(node.value, names))
            written = [f"{{{names[-1]}}}"]
        yield written


def _name(value: ast.expr, taken: list[str]) -> str:
    """The name of a placeholder: that of the variable or attribute if no other has it, else its number."""
    match value:
        case ast.Name(id=name) | ast.Attribute(attr=name) if (short := name.strip("_")) not in taken:
            return short
    return f"value{len(taken) + 1}"


def _letters(text: str) -> int:
    """The number of letters outside the placeholders."""
    depth, found = 0, 0
    for sign in text:
        depth += (sign == "{") - (sign == "}")
        found += sign.isalpha() and depth == 0
    return found
