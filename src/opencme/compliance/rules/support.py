"""Commercial support: who gave it, under which agreement, and what learners are told."""

from __future__ import annotations

from datetime import date

from opencme.activities.choices import SupportForm, SupportKind
from opencme.activities.document import ActivityDocument, SupportSource
from opencme.core.dates import in_words
from opencme.core.sentences import sentence as _
from opencme.providers.record import ProviderRecord

from .registry import Findings, Found, Reach, rule
from .wording import names


@rule("CME031", reach=Reach.EVERY)
def agreements_precede_the_start(
    document: ActivityDocument, provider: ProviderRecord, *, on: date
) -> Findings:
    """Standards for Integrity and Independence, 4: a written agreement before the activity starts."""
    del provider, on
    start = document.dates.original_release
    for place, source in enumerate(document.support.sources):
        where = f"support.sources[{place}].agreement_signed_on"
        signed = source.agreement_signed_on
        if signed is None:
            yield Found(_("There is no signed agreement with %(source)s.", source=source.name), where)
        elif start and signed > start:
            yield Found(
                _(
                    "The agreement with %(source)s was signed on %(signed)s, after the start on %(start)s.",
                    source=source.name,
                    signed=in_words(signed),
                    start=in_words(start),
                ),
                where,
            )


@rule("CME032", reach=Reach.EVERY)
def support_is_told(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Findings:
    """Standards for Integrity and Independence, 4: support, its sources and its kind are told.

    Without a text of its own the acknowledgement is generated from the sources.
    """
    del provider, on
    support = document.support
    if support.kind is SupportKind.NOT_STATED:
        yield Found(_("It is not stated whether there is commercial support."), "support.kind")
        return
    if support.kind is SupportKind.NONE and support.sources:
        yield Found(_("“None” is stated, and sources of support are listed."), "support.sources")
    if support.kind is SupportKind.RECEIVED:
        if not support.sources:
            yield Found(_("Support was received, and no source is listed."), "support.sources")
        for place, source in enumerate(support.sources):
            yield from _untold(source, support.statement, f"support.sources[{place}]")


def _untold(source: SupportSource, text: str, where: str) -> Findings:
    if text.strip() and not names(text, source.name):
        yield Found(
            _("The acknowledgement does not name %(source)s.", source=source.name), "support.statement"
        )
    if source.form is SupportForm.IN_KIND and not source.nature:
        yield Found(
            _("The nature of the in-kind support of %(source)s is missing.", source=source.name),
            f"{where}.nature",
        )
    elif source.form is SupportForm.IN_KIND and text.strip() and not names(text, source.nature):
        yield Found(
            _("The acknowledgement does not say what %(source)s gave in kind.", source=source.name),
            "support.statement",
        )
