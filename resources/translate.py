"""Collects the texts of the windows: `python resources/translate.py` writes .ts and .qm to desktop/assets/translations.

Translators start from the .ts file. In English only plurals need a translation: "(s)" in a source text is an ending for
the plural only, "(y|ies)" are the endings for singular and plural. lupdate is not used, because that of PySide 6.11
takes the file name for the class name after a conditional expression.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from backend.contract.names import SERVICE_TITLES
from backend.contract.problems import AFFECTED, CATALOGUE
from backend.domain.merge_rules import RULES_IN_WORDS

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "desktop" / "assets" / "translations"
NAME = "openthreat_en"
_ENDINGS = re.compile(r"\((\w*)\|(\w*)\)|\((s|es)\)")
_FOR_ONE, _FOR_MANY = 0, 1


@dataclass(frozen=True, order=True)
class Message:
    context: str
    source: str
    plural: bool


def messages(folder: Path) -> list[Message]:
    """Return each text once.

    Raises:
        ValueError: A text is not a literal, so that it cannot be translated.
    """
    found: set[Message] = set()
    for path in sorted(folder.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        try:
            found.update(_of_node(tree, ""))
        except ValueError as error:
            raise ValueError(f"{path.relative_to(folder)}: {error}") from error
    return sorted(found)


def _of_node(node: ast.AST, context: str) -> Iterator[Message]:
    if isinstance(node, ast.ClassDef):
        context = node.name
    if isinstance(node, ast.Call):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name("self"), attr="tr"), args=[text, *rest]):
                yield Message(context, _literal(text), len(rest) > 1)
            case ast.Call(func=ast.Name("translate"), args=[context_name, text, *rest]):
                yield Message(_literal(context_name), _literal(text), len(rest) > 1)
    for child in ast.iter_child_nodes(node):
        yield from _of_node(child, context)


def _literal(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise ValueError(f"line {node.lineno}: not a literal text")


def document(found: list[Message]) -> str:
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<!DOCTYPE TS>", '<TS version="2.1" language="en_US">']
    for context in sorted({message.context for message in found}):
        lines += ["<context>", f"    <name>{escape(context)}</name>"]
        for message in found:
            if message.context == context:
                lines += _element(message)
        lines.append("</context>")
    return "\n".join([*lines, "</TS>", ""])


def _element(message: Message) -> list[str]:
    source = f"        <source>{escape(message.source)}</source>"
    if not message.plural:
        return ["    <message>", source, '        <translation type="unfinished"></translation>', "    </message>"]
    forms = [
        f"            <numerusform>{escape(_ended(message.source, which))}</numerusform>"
        for which in (_FOR_ONE, _FOR_MANY)
    ]
    return [
        '    <message numerus="yes">',
        source,
        "        <translation>",
        *forms,
        "        </translation>",
        "    </message>",
    ]


def _ended(text: str, which: int) -> str:
    def ending(match: re.Match[str]) -> str:
        singular, plural, added = match.groups()
        endings = ("", added) if added else (singular, plural)
        return endings[which]

    return _ENDINGS.sub(ending, text)


def problem_messages() -> set[Message]:
    """The sentences of all problems: the windows translate the template and fill in the parameters."""
    texts = {AFFECTED}
    for kind in CATALOGUE.values():
        texts |= {kind.title, kind.message, kind.hint, kind.resolved}
    texts |= set(SERVICE_TITLES.values())  # problems name services
    return {Message("problem", text, plural=False) for text in texts if text}


def rule_messages() -> set[Message]:
    """The rules of merging, which the API gives in English."""
    return {Message("merge rule", sentence, plural=False) for sentence in RULES_IN_WORDS.values()}


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / f"{NAME}.ts"
    found = sorted({*messages(ROOT / "desktop" / "ui"), *problem_messages(), *rule_messages()})
    source.write_text(document(found), encoding="utf-8", newline="\n")
    compile_catalogue(source, folder / f"{NAME}.qm")


def compile_catalogue(source: Path, target: Path) -> None:
    compiler = Path(sys.executable).with_name("pyside6-lrelease")
    subprocess.run([str(compiler), "-silent", str(source), "-qm", str(target)], check=True)


if __name__ == "__main__":
    write(FOLDER)
