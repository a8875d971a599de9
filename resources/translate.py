"""Collects the texts of the windows: `python resources/translate.py` writes .ts and .qm to desktop/assets/translations.

A translation stays as long as its text does; what has none is marked as unfinished, and each fault is printed.
Translators work in the .ts file, with Qt Linguist or an editor, and run this again. In English only plurals need a
translation: "(s)" in a source text is an ending for the plural only, "(y|ies)" are the endings for singular and plural.
lupdate is not used, because that of PySide 6.11 takes the file name for the class name after a conditional expression.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "resources")]

from sentences import sentences

from backend.client.inventory.entries import SkipReason
from backend.contract.names import SERVICE_TITLES, Severity
from backend.contract.problem_catalogue import AFFECTED, CATALOGUE
from backend.contract.proxy import ProxyFault
from backend.domain.merge_rules import RULES_IN_WORDS

TEMPLATES = "sentences.txt"
"""The file with the texts of problems, one a line, by which the windows recognise the finished English sentences."""
PROBLEM = "problem"
"""The context of all that comes to the windows in English: problems, errors, findings, reasons."""
FOLDER = ROOT / "desktop" / "assets" / "translations"
LANGUAGES = {"en": "en_US", "de": "de_DE"}
"""The languages that there is a catalogue of, by the end of its name."""
PLURAL_FORMS = 2
"""English and German have a singular and a plural."""
_SOURCE_LANGUAGE = "en"
_MARKS = re.compile(r"\{\w*\}|%L?n|%\d|</?\w[^>]*>|&(?=\w)")
"""Placeholders, tags, and the mark of the letter that is pressed with Alt."""
_ENDINGS = re.compile(r"\((\w*)\|(\w*)\)|\((s|es)\)")
_FOR_ONE, _FOR_MANY = 0, 1


@dataclass(frozen=True, order=True)
class Message:
    """A text; the comment tells it from the same text with another meaning."""

    context: str
    source: str
    comment: str
    plural: bool

    @property
    def forms(self) -> int:
        return PLURAL_FORMS if self.plural else 1


@dataclass(frozen=True)
class Translation:
    """The forms of a text: one, or singular and plural. finished: False: the translator is not sure of it yet."""

    forms: tuple[str, ...]
    finished: bool = True


Key = tuple[str, str, str]
"""Context, source and comment of a text."""


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
                yield _message(context, text, rest)
            case ast.Call(func=ast.Name("translate"), args=[context_name, text, *rest]):
                yield _message(_literal(context_name), text, rest)
    for child in ast.iter_child_nodes(node):
        yield from _of_node(child, context)


def _message(context: str, text: ast.expr, rest: list[ast.expr]) -> Message:
    """rest: the comment, and a number if there is a plural."""
    return Message(context, _literal(text), _literal(rest[0]) if rest else "", len(rest) > 1)


def _literal(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise ValueError(f"line {node.lineno}: not a literal text")


def reason_messages() -> set[Message]:
    """Why entries of an imported list are left out, and why a proxy's address is none."""
    texts = {reason.sentence for reason in SkipReason} | set(ProxyFault)
    return {Message(PROBLEM, str(text), "", plural=False) for text in texts}


def sentence_messages() -> set[Message]:
    """The texts of errors, findings and reasons, which come to the windows in English."""
    return {Message(PROBLEM, text, "", plural=False) for text in sentences(ROOT)}


def translations(source: Path) -> dict[Key, Translation]:
    """Read a .ts file. What is left empty in it is left out; without the file there is nothing."""
    if not source.exists():
        return {}
    found = {}
    for context in ElementTree.parse(source).getroot().iter("context"):
        for message in context.iter("message"):
            key = (context.findtext("name", ""), message.findtext("source", ""), message.findtext("comment", ""))
            if (read := _read(message)) is not None:
                found[key] = read
    return found


def _read(message: ElementTree.Element) -> Translation | None:
    element = message.find("translation")
    if element is None:
        return None
    forms = tuple(form.text or "" for form in element.iter("numerusform")) or (element.text or "",)
    return Translation(forms, element.get("type") != "unfinished") if any(forms) else None


def english(found: list[Message]) -> dict[Key, Translation]:
    """The plurals of the source texts; all other texts stay as they are written."""
    return {
        _key(message): Translation((_ended(message.source, _FOR_ONE), _ended(message.source, _FOR_MANY)))
        for message in found
        if message.plural
    }


def document(found: list[Message], locale: str, known: Mapping[Key, Translation]) -> str:
    """Return a .ts file. known: the translations that there are."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<!DOCTYPE TS>", f'<TS version="2.1" language="{locale}">']
    for context in sorted({message.context for message in found}):
        lines += ["<context>", f"    <name>{escape(context)}</name>"]
        for message in found:
            if message.context == context:
                lines += _element(message, known.get(_key(message)))
        lines.append("</context>")
    return "\n".join([*lines, "</TS>", ""])


def _key(message: Message) -> Key:
    return message.context, message.source, message.comment


def _element(message: Message, known: Translation | None) -> list[str]:
    lines = [f"        <source>{escape(message.source)}</source>"]
    if message.comment:
        lines.append(f"        <comment>{escape(message.comment)}</comment>")
    translation = known or Translation(("",) * message.forms, finished=False)
    opening = "        <translation>" if translation.finished else '        <translation type="unfinished">'
    if not message.plural:
        return ["    <message>", *lines, f"{opening}{escape(translation.forms[0])}</translation>", "    </message>"]
    forms = [f"            <numerusform>{escape(form)}</numerusform>" for form in translation.forms]
    return ['    <message numerus="yes">', *lines, opening, *forms, "        </translation>", "    </message>"]


def faults(found: list[Message], known: Mapping[Key, Translation]) -> list[str]:
    """Say what is missing or wrong in the translations, each with its context and text."""
    return [
        f"{message.context}: {message.source!r}: {fault}"
        for message in found
        for fault in _faults_of(message, known.get(_key(message)))
    ]


def _faults_of(message: Message, known: Translation | None) -> Iterator[str]:
    if known is None or not known.finished:
        yield "is not translated"
        return
    if len(known.forms) != message.forms:
        yield f"has {len(known.forms)} forms instead of {message.forms}"
    for form in known.forms:
        if not form.strip():
            yield "has an empty form"
        elif sorted(_MARKS.findall(form)) != sorted(_MARKS.findall(message.source)):
            yield f"other placeholders, tags or marks of letters in {form!r}"


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
    texts |= {*SERVICE_TITLES.values(), *map(str.capitalize, Severity)}  # which problems and reasons name
    return {Message(PROBLEM, text, "", plural=False) for text in texts if text}


def rule_messages() -> set[Message]:
    """The rules of merging, which the API gives in English."""
    return {Message("merge rule", sentence, "", plural=False) for sentence in RULES_IN_WORDS.values()}


def collected() -> list[Message]:
    """All texts of the program that are translated."""
    from_lists = problem_messages() | sentence_messages() | reason_messages() | rule_messages()
    return sorted({*messages(ROOT / "desktop" / "ui"), *from_lists})


def known_translations(language: str, found: list[Message]) -> dict[Key, Translation]:
    """The translations of a language that the program has."""
    return english(found) if language == _SOURCE_LANGUAGE else translations(FOLDER / f"openthreat_{language}.ts")


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    found = collected()
    for language, locale in LANGUAGES.items():
        source = folder / f"openthreat_{language}.ts"
        text = document(found, locale, known_translations(language, found))
        source.write_text(text, encoding="utf-8", newline="\n")
        compile_catalogue(source, source.with_suffix(".qm"))
    known = [message.source for message in found if message.context == PROBLEM]
    (folder / TEMPLATES).write_text("".join(f"{text}\n" for text in known), encoding="utf-8", newline="\n")


def all_faults() -> list[str]:
    found = collected()
    return [
        f"{language}: {fault}"
        for language in LANGUAGES
        if language != _SOURCE_LANGUAGE
        for fault in faults(found, known_translations(language, found))
    ]


def compile_catalogue(source: Path, target: Path) -> None:
    compiler = Path(sys.executable).with_name("pyside6-lrelease")
    subprocess.run([str(compiler), "-silent", str(source), "-qm", str(target)], check=True)


if __name__ == "__main__":
    write(FOLDER)
    sys.exit("\n".join(all_faults()) or 0)
