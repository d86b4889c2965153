"""The pre-start block: all that the field wants read before the start, and its hash.

One template and one function make it, for the start page and for the record: the page's POST
carries the hash, the participation stores it. Nothing in it depends on the date or the visitor.
"""

from __future__ import annotations

import hashlib

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from opencme.activities.document import ActivityDocument
from opencme.activities.models import Revision
from opencme.activities.queries import document_of
from opencme.providers.record import ProviderRecord
from opencme.web.learner.activity_page import sections_context
from opencme.web.renderings import Renderings

_BLOCKS = Renderings()


def prestart_block(document: ActivityDocument, provider: ProviderRecord) -> tuple[SafeString, str]:
    """The block as HTML and the sha256 of that HTML.

    It has faculty with credentials, disclosures, support, medium, steps with pass marks and
    attempts, time, dates, statements, and what each designation asks for (R#15, R#18, R#30).
    """
    return _with_digest(_rendered(document, provider))


def block_of(revision: Revision, provider: ProviderRecord) -> tuple[SafeString, str]:
    """The block of a published revision and its sha256, rendered once for what the provider says now."""
    key = (revision.sha256, provider)
    return _with_digest(_BLOCKS.kept(key, lambda: _rendered(document_of(revision), provider)))


def _rendered(document: ActivityDocument, provider: ProviderRecord) -> SafeString:
    html = render_to_string("learner/_prestart_block.html", sections_context(document, provider))
    text = "\n".join(line.strip() for line in html.splitlines() if line.strip())
    return mark_safe(text)  # noqa: S308  rendered by our own template


def _with_digest(html: SafeString) -> tuple[SafeString, str]:
    return html, hashlib.sha256(html.encode()).hexdigest()
