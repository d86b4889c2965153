"""Markdown of a package: what would not reach the page as written is said, never dropped in silence."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark", {"html": True}).enable("table")
_EMBEDS = "script|iframe|object|embed|style|form|svg|img|link|meta|base"
_RUNS = re.compile(rf"<\s*({_EMBEDS})\b|\bon[a-z]+\s*=|javascript:", re.IGNORECASE)
_RUNS_IN_LINE = re.compile(rf"<\s*/?\s*({_EMBEDS})\b", re.IGNORECASE)
_RUNNING_LINK = re.compile(r"\]\(\s*<?\s*(javascript|vbscript|data)\s*:", re.IGNORECASE)
_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]*):", re.IGNORECASE)


def normal_text(text: str) -> str:
    """Return the text of a file as it enters the document: Unix lines, no blank end."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").rstrip()


def refused_in_line(text: str) -> str | None:
    """Say what in a line cannot be taken: a line has no markup, so a tag in it is a mistake or worse."""
    if found := _RUNS_IN_LINE.search(text):
        return _("HTML is refused here: %(html)s") % {"html": _short(text[found.start() :])}
    return None


def refused_in(markdown: str) -> str | None:
    """Say what in the Markdown cannot be taken, or ``None`` when all of it can."""
    if found := _RUNNING_LINK.search(markdown):
        return _("A link that runs something is refused: %(link)s") % {"link": _short(found[0])}
    if not any(sign in markdown for sign in ("<", "](", "]:")):
        return None
    return next((said for token in _tokens(markdown) if (said := _refused_token(token))), None)


def _refused_token(token: Token) -> str | None:
    if token.type in ("html_block", "html_inline"):
        sentence = (
            _("HTML that runs or embeds something is refused: %(html)s")
            if _RUNS.search(token.content)
            else _("HTML would be shown as it is typed: %(html)s. Write Markdown.")
        )
        return sentence % {"html": _short(token.content)}
    if token.type == "image":
        return _("A picture inside a text would not be shown. Use a field that takes a picture.")
    scheme = _SCHEME.match(str(token.attrGet("href") or ""))
    if token.type == "link_open" and scheme and scheme[1].lower() not in ("http", "https", "mailto"):
        sentence = _("A link of this kind would be dropped: %(link)s")
        return sentence % {"link": _short(str(token.attrGet("href")))}
    return None


def _tokens(markdown: str) -> list[Token]:
    return [part for block in _PARSER.parse(markdown) for part in (block, *(block.children or ()))]


def _short(html: str) -> str:
    one_line = " ".join(html.split())
    return one_line if len(one_line) <= 60 else f"{one_line[:60]}…"
