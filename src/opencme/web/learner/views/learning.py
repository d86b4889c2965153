"""My learning: what is left to finish, and the transcript with its totals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from opencme.credit.choices import TranscriptRange
from opencme.credit.queries import (
    certificates_of,
    claimed_units_of,
    transcript_from,
)
from opencme.credit.tabulating import transcript_table
from opencme.credit.wording import day_text
from opencme.learning.choices import PathStepKind
from opencme.learning.queries import LearnerPath, to_finish
from opencme.web.learner.frame import full_title_of, learner_of, step_url

if TYPE_CHECKING:
    from django.http import HttpRequest


class CycleForm(forms.Form):
    """The two ends of a license cycle, both days inclusive."""

    since = forms.DateField(
        label=gettext_lazy("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=gettext_lazy("To"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The chosen range of the transcript."""

    key: TranscriptRange
    title: str
    since: date | None = None
    until: date | None = None


@never_cache
@login_required
@require_safe
def learning(request: HttpRequest) -> HttpResponse:
    """To finish above, the transcript below."""
    learner = learner_of(request)
    now = timezone.now()
    today = now.date()
    cycle = CycleForm(request.GET if request.GET.get("range") == TranscriptRange.LICENSE_CYCLE else None)
    stretch = _stretch(request.GET.get("range", ""), cycle, today)
    records = certificates_of(learner)
    claimed = claimed_units_of(learner)
    query = request.GET.urlencode()
    page = {
        "here": "learning",
        "ranges": _ranges(stretch, today),
        "asks_dates": stretch.key is TranscriptRange.LICENSE_CYCLE,
        "cycle": cycle,
        "list_title": stretch.title,
        "transcript": transcript_from(records, since=stretch.since, until=stretch.until),
        "has_any": bool(records),
        "due": [_due(path) for path in to_finish(learner, at=now, claimed=claimed)],
        "csv_url": reverse("transcript_csv") + (f"?{query}" if query else ""),
    }
    return render(request, "learner/learning.html", page)


@never_cache
@login_required
@require_safe
def transcript_csv(request: HttpRequest) -> HttpResponse:
    """The same range as a file for spreadsheets; cells that could run as formulas are defused."""
    cycle = CycleForm(request.GET)
    stretch = _stretch(request.GET.get("range", ""), cycle, timezone.now().date())
    transcript = transcript_from(
        certificates_of(learner_of(request)), since=stretch.since, until=stretch.until
    )
    response = HttpResponse(transcript_table(transcript.records), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="transcript-{stretch.key}.csv"'
    return response


def _stretch(asked: str, cycle: CycleForm, today: date) -> _Stretch:
    """Return the range asked for; this year where nothing sensible was asked."""
    if asked == TranscriptRange.TWO_YEARS:
        since = date(today.year - 1, 1, 1)
        title = _("Credit in %(first)s and %(last)s") % {"first": since.year, "last": today.year}
        return _Stretch(TranscriptRange.TWO_YEARS, title, since, date(today.year, 12, 31))
    if asked == TranscriptRange.LICENSE_CYCLE:
        return _cycle_stretch(cycle)
    title = _("Credit in %(year)s") % {"year": today.year}
    return _Stretch(TranscriptRange.THIS_YEAR, title, date(today.year, 1, 1), date(today.year, 12, 31))


def _cycle_stretch(cycle: CycleForm) -> _Stretch:
    since = until = None
    if cycle.is_valid():
        since, until = cycle.cleaned_data["since"], cycle.cleaned_data["until"]
    title = _("All your credit")
    if since and until:
        title = _("Credit from %(first)s to %(last)s") % {"first": day_text(since), "last": day_text(until)}
    return _Stretch(TranscriptRange.LICENSE_CYCLE, title, since, until)


def _ranges(chosen: _Stretch, today: date) -> list[dict[str, object]]:
    titles = {
        TranscriptRange.THIS_YEAR: str(today.year),
        TranscriptRange.TWO_YEARS: _("Last two years"),
        TranscriptRange.LICENSE_CYCLE: _("License cycle"),
    }
    return [{"key": str(key), "title": title, "is_here": key is chosen.key} for key, title in titles.items()]


def _due(path: LearnerPath) -> dict[str, str]:
    """What is begun and can still lead to credit, with the next step and the last day for it."""
    step = path.current
    if step is None:
        raise ValueError("to_finish leaves out what has no next step")
    window = path.window
    last_step = step.kind in (PathStepKind.EVALUATION, PathStepKind.CLAIM)
    until = window.evaluate_and_claim_until if last_step else window.complete_until
    note = _("next is “%(step)s”.") % {"step": full_title_of(path.document, step)}
    if until:
        zone = path.participation.provider.record.time_zone_label
        note = f"{note} " + _("Until %(day)s (%(zone)s).") % {"day": day_text(until), "zone": zone}
    return {"title": path.document.title, "href": step_url(path, step), "note": note}
