"""The public page of a revision as HTML, kept with the revision: what learners saw on a day.

It shows what the document says and nothing of the moment: no Start, no visitor, no other pages.
"""

from __future__ import annotations

from django.template.loader import render_to_string

from opencme.activities.document import ActivityDocument
from opencme.providers.record import ProviderRecord
from opencme.web.learner.activity_page import credit_for, sections_context
from opencme.web.learner.prestart import prestart_block
from opencme.web.learner.units import unit_rows


def render_public_page(document: ActivityDocument, provider: ProviderRecord) -> str:
    """The whole public page of `document`, with the pre-start block at its end."""
    block, digest = prestart_block(document, provider)
    context = sections_context(document, provider) | {
        "credit": credit_for(document, ""),
        "units": unit_rows(document),
        "block": block,
        "block_sha256": digest,
    }
    return render_to_string("learner/activity_snapshot.html", context)
