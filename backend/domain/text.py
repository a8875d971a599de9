"""Text of feeds as plain text, and titles made of it."""

from __future__ import annotations

import html
import re

TITLE_LENGTH = 200  # characters

_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# Only elements that format text: other words in angle brackets are content, as in "a crafted <script> element".
_BREAK = re.compile(
    r"[ \t]*(?:<br\s*/?>|"
    r"</?(?:p|div|li|ul|ol|dl|dt|dd|h[1-6]|tr|table|tbody|thead|blockquote|pre)(?:\s[^<>]*)?/?>\s*)+",
    re.IGNORECASE,
)
_INLINE = re.compile(
    r"</?(a|abbr|b|big|cite|code|del|em|font|i|ins|kbd|samp|small|span|strike|strong|sub|sup|td|th|tt|u|var)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_SPACES = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\n(?:\s*\n)+")

_SENTENCE_END = re.compile(r"[.?] (?=[^a-z])")  # not "!", which ends the names of products ("Joomla!")
_ABBREVIATION = re.compile(r"(?:[a-z]|e\.g|i\.e|etc|vs|inc|corp|co|ltd|no|ver)\.", re.IGNORECASE)


def plain_text(text: str) -> str:
    """Resolve entities and drop the tags of formatting elements; block elements become line breaks.

    Inline tags are dropped where the element is closed, so that a mention of a tag stays. Entities are resolved last
    and once: what they spell is content.
    """
    if "<" in text:
        text = _without_tags(text)
    if "&" in text:
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]).replace("\xa0", " "), text)
    return text.strip()


def _without_tags(text: str) -> str:
    blocks = _BREAK.sub("\n", text)
    closed = {element[1].lower() for element in _INLINE.finditer(blocks) if element[0].startswith("</")}
    plain = _INLINE.sub(lambda element: "" if element[1].lower() in closed else element[0], blocks)
    if plain == text:
        return text
    return _EMPTY_LINES.sub("\n\n", _SPACES.sub(" ", plain).replace(" \n", "\n").replace("\n ", "\n"))


def first_sentence(text: str) -> str:
    """The first sentence on one line, cut between words to at most 200 characters, then with an ellipsis."""
    line = " ".join(text[: 4 * TITLE_LENGTH].split())
    ends = (match.start() + 1 for match in _SENTENCE_END.finditer(line))
    sentence = next((line[:end] for end in ends if not _ABBREVIATION.fullmatch(_last_word(line[:end]))), line)
    if len(sentence) <= TITLE_LENGTH:
        return sentence
    head, _, _ = sentence[:TITLE_LENGTH].rpartition(" ")
    return (head or sentence[: TITLE_LENGTH - 1]).rstrip(" ,;:") + "…"


def _last_word(text: str) -> str:
    return text.rpartition(" ")[2]
