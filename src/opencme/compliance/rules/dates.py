"""The dates of an activity: release, review, termination, claim."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from opencme.activities.choices import ActivityType
from opencme.activities.document import ActivityDocument, Dates
from opencme.core.dates import in_words, years_after
from opencme.core.sentences import sentence as _
from opencme.core.verdicts import Severity
from opencme.providers.record import ProviderRecord

from .registry import Findings, Found, rule

REVIEW_YEARS = 3
REMIND_DAYS = 90

_NAMES = {
    "original_release": _("original release"),
    "last_review": _("last review"),
    "start_until": _("last day to start"),
    "complete_until": _("termination"),
    "evaluate_and_claim_until": _("last day to claim"),
}
_ORDERS = (
    ("original_release", "last_review"),
    ("original_release", "start_until", "complete_until", "evaluate_and_claim_until"),
)


def review_limit(dates: Dates) -> date | None:
    """The last day that the newest of release and review can carry (R#12)."""
    reviewed = [day for day in (dates.original_release, dates.last_review) if day]
    return years_after(max(reviewed), REVIEW_YEARS) if reviewed else None


@rule("CME011")
def has_release_and_termination(
    document: ActivityDocument, provider: ProviderRecord, *, on: date
) -> Findings:
    """ACCME, enduring materials: dates of original release and termination, the later one later."""
    del provider, on
    if document.activity_type is not ActivityType.ENDURING:
        return
    dates = document.dates
    if not dates.original_release:
        yield Found(_("The date of original release is missing."), "dates.original_release")
    if not dates.complete_until:
        yield Found(_("The termination date is missing."), "dates.complete_until")
    if dates.original_release and dates.complete_until and dates.complete_until <= dates.original_release:
        yield Found(
            _(
                "The termination date (%(complete_until)s) is not after the release (%(original_release)s).",
                complete_until=in_words(dates.complete_until),
                original_release=in_words(dates.original_release),
            ),
            "dates.complete_until",
        )


@rule("CME012")
def is_reviewed_within_three_years(
    document: ActivityDocument, provider: ProviderRecord, *, on: date
) -> Findings:
    """ACCME, enduring materials: reviewed at least every three years."""
    del provider, on
    limit, end = review_limit(document.dates), document.dates.complete_until
    if document.activity_type is ActivityType.ENDURING and limit and end and end > limit:
        yield Found(
            _(
                "The termination date (%(end)s) lies more than three years after release or last "
                "review; %(limit)s is the last possible day.",
                end=in_words(end),
                limit=in_words(limit),
            ),
            "dates.complete_until",
        )


@rule("CME013")
def has_not_expired(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Findings:
    """ACCME, enduring materials: after the termination date it is no longer certified."""
    del provider
    end = document.dates.complete_until
    if end and on > end:
        yield Found(
            _("Not certified after %(end)s: it is shown as such, and nobody can start.", end=in_words(end)),
            "dates.complete_until",
            Severity.NOTE,
        )


@rule("CME014")
def review_is_not_due(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Findings:
    """A reminder, 90 days before the three-year limit."""
    del provider
    limit, end = review_limit(document.dates), document.dates.complete_until
    if document.activity_type is not ActivityType.ENDURING or limit is None or (end and on > end):
        return
    if on >= limit - timedelta(days=REMIND_DAYS):
        yield Found(
            _(
                "Three years of release or last review end on %(limit)s: review the content.",
                limit=in_words(limit),
            ),
            "dates.last_review",
        )


@rule("OWN002")
def dates_are_in_order(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Findings:
    """Release, review, last start, termination and last claim follow one another."""
    del provider, on
    for order in _ORDERS:
        stated = [(name, day) for name in order if (day := getattr(document.dates, name))]
        for (early, one), (late, other) in pairwise(stated):
            if other < one and {early, late} != {"original_release", "complete_until"}:
                yield Found(
                    _(
                        "%(late)s (%(later)s) comes before %(early)s (%(earlier)s).",
                        late=_NAMES[late],
                        later=in_words(other),
                        early=_NAMES[early],
                        earlier=in_words(one),
                    ),
                    f"dates.{late}",
                )
