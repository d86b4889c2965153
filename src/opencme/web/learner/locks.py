"""The locks of the gate in words: what opens a step, or why nothing does any more."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opencme.learning.choices import LockCode, PathStepKind
from opencme.learning.rules import Lock
from opencme.web.templatetags.wording import clock, day

CLOSING = frozenset(
    {LockCode.WINDOW_CLOSED, LockCode.WITHDRAWN, LockCode.SUPERSEDED, LockCode.NO_ATTEMPTS_LEFT}
)
"""Locks that nothing on the path opens: the page says what now."""


def lock_note(lock: Lock, *, zone: str, kind: PathStepKind | None = None) -> str:
    """A lock as the small line under a step: "opens after 1:25 more of the recording".

    `kind` is the locked step's: evaluation and claim close later than the steps before them.
    """
    if lock.code is LockCode.CONTENT_MISSING:
        return _content(lock)
    if lock.code is LockCode.PASS_FIRST:
        return _pass(lock)
    if lock.code is LockCode.WINDOW_CLOSED:
        return _closed(lock, zone, is_claim=kind in {PathStepKind.EVALUATION, PathStepKind.CLAIM})
    return str(_NOTES[lock.code])


def lock_sentence(lock: Lock, title: str, *, zone: str, kind: PathStepKind | None = None) -> str:
    """A lock as a sentence: "Post-test opens after 1:25 more of the recording."."""
    if lock.code in CLOSING:
        note = lock_note(lock, zone=zone, kind=kind)
        return f"{note[:1].upper()}{note[1:]}."
    return f"{title} {lock_note(lock, zone=zone)}."


def _content(lock: Lock) -> str:
    if lock.left_ms >= lock.demanded_ms:
        return _("opens when %(demanded)s of the recording are played or its transcript is read") % {
            "demanded": clock(lock.demanded_ms / 1000)
        }
    return _("opens after %(left)s more of the recording") % {"left": clock(lock.left_ms / 1000)}


def _pass(lock: Lock) -> str:
    if not lock.pass_mark:
        return _("opens when you submit the post-test")
    return _("opens when you pass, %(mark)s of %(count)s") % {"mark": lock.pass_mark, "count": lock.of}


def _closed(lock: Lock, zone: str, *, is_claim: bool) -> str:
    if lock.until is None:
        return _("not certified any more")
    if is_claim:
        return _("credit could be claimed until %(date)s (%(zone)s)") % {
            "date": day(lock.until),
            "zone": zone,
        }
    return _("not certified after %(date)s (%(zone)s)") % {"date": day(lock.until), "zone": zone}


_NOTES = {
    LockCode.PRE_TEST_FIRST: gettext_lazy("opens when you send the pre-test"),
    LockCode.COMPLETE_FIRST: gettext_lazy("opens when the recording is complete"),
    LockCode.EVALUATION_FIRST: gettext_lazy("opens after the evaluation"),
    LockCode.NO_ATTEMPTS_LEFT: gettext_lazy("no attempts are left"),
    LockCode.WITHDRAWN: gettext_lazy("withdrawn by the provider"),
    LockCode.SUPERSEDED: gettext_lazy("you go on in another participation of yours"),
}
