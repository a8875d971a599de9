from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.text import TITLE_LENGTH, first_sentence, plain_text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("  A flaw.\n", "A flaw."),
        ("<p>First.</p><p>Second.</p>", "First.\nSecond."),
        ("First<br/>second<BR>third", "First\nsecond\nthird"),
        ("<ul><li>one</li><li>two</li></ul>", "one\ntwo"),
        ('A <b>bold</b> and <a href="https://example.com">linked</a> word', "A bold and linked word"),
        ("Tom &amp; Jerry &quot;quoted&quot;&nbsp;&#39;x&#39; &#x41;", "Tom & Jerry \"quoted\" 'x' A"),
        ("a crafted &lt;script&gt; element", "a crafted <script> element"),
        ("a crafted <script> element", "a crafted <script> element"),
        ("versions <2.0 and >1.0", "versions <2.0 and >1.0"),
        ("the <a> tag is not filtered", "the <a> tag is not filtered"),
        ("index.php?a=1&copy=2&lt=3", "index.php?a=1&copy=2&lt=3"),
        ("Call Trace:\n <task>\n  foo+0x1/0x2\n </task>", "Call Trace:\n <task>\n  foo+0x1/0x2\n </task>"),
        ("&amp;lt;", "&lt;"),
        ("&unheardof;", "&unheardof;"),
        ("&#0;&#xD800;", "\ufffd\ufffd"),
        ("", ""),
    ],
)
def test_makes_plain_text_of_markup(text: str, plain: str) -> None:
    assert plain_text(text) == plain


@given(st.text(alphabet='<>/pbra &;#lt10="\n'))
def test_any_text_becomes_plain(text: str) -> None:
    assert plain_text(text) == plain_text(text).strip()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", ""),
        ("One thing. Another.", "One thing."),
        ("Version 2.4.1 fails. It does.", "Version 2.4.1 fails."),
        ("Sent by Example Inc. Widget 2 fails. More.", "Sent by Example Inc. Widget 2 fails."),
        ("Some files, e.g. Makefiles, leak. More.", "Some files, e.g. Makefiles, leak."),
        ("Sent by EXAMPLE CO., LTD. Widget 2 fails. More.", "Sent by EXAMPLE CO., LTD. Widget 2 fails."),
        ("Found by J. Doe. More.", "Found by J. Doe."),
        ("Widget! 4.0 and Gadget! Pro fail. More.", "Widget! 4.0 and Gadget! Pro fail."),
        ("Is it? Yes.", "Is it?"),
        ("No end", "No end"),
        ("Two\n  lines of\ttext. More", "Two lines of text."),
        ("a value of 3. the rest is lower case. End", "a value of 3. the rest is lower case."),
    ],
)
def test_finds_the_first_sentence(text: str, sentence: str) -> None:
    assert first_sentence(text) == sentence


def test_cuts_a_long_sentence_between_words() -> None:
    cut = first_sentence("overflow " * 50)
    assert len(cut) <= TITLE_LENGTH
    assert cut.endswith("overflow…")


def test_a_sentence_of_just_the_length_is_whole() -> None:
    whole = "x" * 99 + " " + "y" * 100
    assert first_sentence(whole) == whole


@given(st.text(max_size=1200))
def test_a_first_sentence_is_one_line_of_at_most_200_characters(text: str) -> None:
    sentence = first_sentence(text)
    assert len(sentence) <= TITLE_LENGTH
    assert "\n" not in sentence
