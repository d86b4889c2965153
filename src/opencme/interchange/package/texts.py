"""Markdown of a package: what would not reach the page as written is said, never dropped in silence."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark", {"html": True}).enable("table")
_RUNS = re.compile(
    r"<\s*(script|iframe|object|embed|style|form|svg)\b|\bon[a-z]+\s*=|javascript:", re.IGNORECASE
)


def normal_text(text: str) -> str:
    """Return the text of a file as it enters the document: Unix lines, no blank end."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").rstrip()


def refused_in(markdown: str) -> str | None:
    """Say what in the Markdown cannot be taken, or ``None`` when all of it can."""
    if "<" not in markdown and "![" not in markdown:
        return None
    for token in _tokens(markdown):
        if token.type in ("html_block", "html_inline") and _RUNS.search(token.content):
            return _("HTML that runs or embeds something is refused: %(html)s") % {
                "html": _short(token.content)
            }
        if token.type in ("html_block", "html_inline"):
            return _("HTML would be shown as it is typed: %(html)s. Write Markdown.") % {
                "html": _short(token.content)
            }
        if token.type == "image":
            return _("A picture inside a text would not be shown. Use a field that takes a picture.")
    return None


def _tokens(markdown: str) -> list[Token]:
    return [part for block in _PARSER.parse(markdown) for part in (block, *(block.children or ()))]


def _short(html: str) -> str:
    one_line = " ".join(html.split())
    return one_line if len(one_line) <= 60 else f"{one_line[:60]}…"
