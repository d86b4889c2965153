"""Markdown into cleaned HTML: what authors write, with nothing that could run or track."""

from __future__ import annotations

from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_PARSER = MarkdownIt("commonmark", {"html": False, "typographer": False}).enable("table")
_TAGS = frozenset(
    {
        "p",
        "br",
        "em",
        "strong",
        "a",
        "ul",
        "ol",
        "li",
        "blockquote",
        "h2",
        "h3",
        "h4",
        "code",
        "pre",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "sup",
        "sub",
        "hr",
    }
)
_ATTRIBUTES = {"a": {"href"}, "th": {"scope"}, "ol": {"start"}}


@lru_cache(maxsize=2048)
def render_markdown(text: str) -> SafeString:
    """Block-level HTML of `text`. Headings start at h2, so that the page keeps its one h1."""
    return mark_safe(_cleaned(_PARSER.render(text)))  # noqa: S308 - cleaned by nh3


@lru_cache(maxsize=2048)
def render_inline(text: str) -> SafeString:
    """HTML of one line: emphasis, links, sub- and superscript; no paragraphs."""
    return mark_safe(_cleaned(_PARSER.renderInline(text)))  # noqa: S308 - cleaned by nh3


def _cleaned(html: str) -> str:
    demoted = html.replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    demoted = demoted.replace("<th></th>", "<td></td>")  # an empty corner heads nothing
    return nh3.clean(
        demoted,
        tags=set(_TAGS),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        url_schemes={"https", "http", "mailto"},
        link_rel="noopener noreferrer",
    )
