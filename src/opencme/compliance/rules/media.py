"""Recordings: an activity of their own, with captions and a text."""

from __future__ import annotations

from datetime import date

from opencme.activities.choices import ActivityType
from opencme.activities.document import ActivityDocument
from opencme.core.sentences import sentence as _
from opencme.providers.record import ProviderRecord

from .registry import Findings, Found, Reach, rule

_LIVE = (ActivityType.LIVE, ActivityType.RSS)


@rule("CME020", reach=Reach.EVERY)
def recording_is_its_own_activity(
    document: ActivityDocument, provider: ProviderRecord, *, on: date
) -> Findings:
    """ACCME: the recording of a live activity is a second, separate one with its own dates."""
    del provider, on
    if document.activity_type in _LIVE and any(unit.recordings for unit in document.units):
        yield Found(
            _(
                "A live activity offers no recording; publish the recording as an enduring "
                "material of its own, with the date of the original presentation."
            ),
            "activity_type",
        )
    presented, released = document.dates.originally_presented_on, document.dates.original_release
    if presented and released and released < presented:
        yield Found(
            _("The recording was released before it was originally presented."),
            "dates.originally_presented_on",
        )


@rule("CME086", reach=Reach.EVERY)
def recordings_can_be_read(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Findings:
    """WCAG 2.1, 1.2.2: captions; and a text as an equal route."""
    del provider, on
    for place, unit in enumerate(document.units):
        for nth, recording in enumerate(unit.recordings):
            where = f"units[{place}].recordings[{nth}]"
            if recording.video and not recording.captions:
                yield Found(_("The recording has no captions."), f"{where}.captions")
            elif not recording.cues:
                yield Found(_("The recording has no text to read."), f"{where}.cues")
