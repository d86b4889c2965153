"""Fill an empty installation with one of everything that learners and the office do.

Run at a release, with its own program; `README.md` says how. What it made is never made again: a
database of an old release is worth something only if that release wrote it.
"""

# ruff: noqa: E402, I001  Django is readied before its models are imported

from __future__ import annotations

import io
import re
from pathlib import Path
from uuid import UUID

from opencme.cli.ready import ready_django

ready_django()

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from tests.factories.credit import certified
from tests.factories.documents import a_document, a_recording, a_recording_without_certification, a_unit
from tests.factories.learning import (
    AT,
    a_learner,
    a_provider_row,
    evaluated,
    minutes,
    passed,
    path,
    started,
    submitted,
)

from opencme.activities.document import MediaRef
from opencme.activities.operations import publish_activity, report_problem, save_draft, withdraw_activity
from opencme.core.models import OutboxMail
from opencme.credit.merging import confirm_learner
from opencme.credit.operations import certificate_pdf_of, correct_certificate_name, revoke_certificate
from opencme.learning.operations import (
    attest_content,
    begin_attempt,
    grant_attempt,
    keep_plan,
    move_held_evaluations,
    record_played,
    record_segments_read,
    save_answer,
)
from opencme.media.operations import store_media
from opencme.people.operations import create_confirmed_account, open_account


MEDIA = {
    "talk.mp4": ("video/mp4", b"no film, but bytes that a hash is taken of"),
    "talk.vtt": ("text/vtt", b"WEBVTT\n"),
}


def kept(name: str) -> MediaRef:
    """A small file in the media folder, as an activity refers to it."""
    media_type, content = MEDIA[name]
    row = store_media(source=io.BytesIO(content), media_type=media_type, at=AT)
    return MediaRef(sha256=row.sha256, media_type=media_type, length=row.length, name=name)


def offered(document, operator):
    """An activity, published in the office's way."""
    a_provider_row(document.provider)
    draft = save_draft(
        provider=a_provider_row(document.provider), document=document, saved_by=operator, at=AT, door="cli"
    )
    publish_activity(
        activity=draft.activity,
        published_by=operator,
        door="cli",
        at=AT,
        render_snapshot=lambda *_: "<p>As published.</p>",
    )
    draft.activity.refresh_from_db()
    return draft.activity


def last_code() -> str:
    """The six digits that were mailed last."""
    return re.search(r"\b\d{6}\b", OutboxMail.objects.filter(text__regex=r"\d{6}").latest("pk").text).group()


def fill() -> None:
    """The whole story."""
    operator = create_confirmed_account(
        address="office@specimen.example",
        name="Quinn Office",
        password="kept-for-the-fixture",
        at=AT,
        is_operator=True,
    )
    recording = a_recording(video=kept("talk.mp4"), captions=kept("talk.vtt"))
    activity = offered(a_document(units=(a_unit(recordings=(recording,)),)), operator)
    past = offered(
        a_recording_without_certification(
            uuid=UUID("0f4f6f0e-6a53-4bb4-9d1c-2f9d5f0c1b01"),
            title="An earlier talk",
            units=(a_unit(recordings=(recording,), post_test=None),),
        ),
        operator,
    )

    on_the_way(activity)
    certificates(activity, operator)
    for _ in range(11):  # ten of all those who evaluated move; the others are held
        evaluated(passed(started(activity)))
    move_held_evaluations(at=minutes(60))
    evaluated(passed(started(activity)))
    two_accounts(activity)
    report_problem(activity=activity, kind="error", text="Slide 3.", reply_to="reader@example.org", at=AT)
    withdraw_activity(activity=past, reason="Out of date.", withdrawn_by=operator, door="cli", at=minutes(90))
    session = SessionStore()
    session["seen"] = True
    session.save()


def on_the_way(activity) -> None:
    """Learners in the middle: of a test, of the recording, after a failed test."""
    started(activity)

    answering = started(activity)
    attempt = begin_attempt(path=path(answering), step_key="pre-test", at=AT)
    for n, (item, value) in enumerate((("pre-1", "a"), ("pre-2", "b"), ("pre-1", "b")), 1):
        save_answer(
            learner=answering.learner,
            participation=answering.uuid,
            step_key="pre-test",
            attempt=attempt.uuid,
            item=item,
            value=[value],
            n=n,
            age_ms=0,
            at=minutes(n),
        )

    watching = started(activity)
    submitted(watching, "pre-test", wrong=1)
    record_played(path=path(watching), step_key="recording", played=((0, 20_000),), position_ms=20_000, at=AT)
    record_segments_read(
        path=path(watching, at=minutes(2)), step_key="recording", read=((0, 270_000),), at=minutes(2)
    )
    attest_content(
        path=path(watching), step_key="recording", wording="I completed this another way.", at=minutes(3)
    )

    failed = started(activity)
    submitted(failed, "pre-test")
    submitted(failed, "post-test", wrong=4, at=minutes(5))
    grant_attempt(participation=failed, step_key="post-test", reason="A power cut.", at=minutes(6))


def certificates(activity, operator) -> None:
    """Certificates that stand, that were corrected, revoked, and of participation; one with its PDF."""
    row = evaluated(passed(started(activity, a_learner("Ann Learner"))))
    keep_plan(participation=row, text="I will listen first.", ask_in_days=30, at=minutes(20))
    first = certified(row, may_report=True)
    certificate_pdf_of(certificate=first, folder=Path(settings.OPENCME_DATA_DIR), at=minutes(21))
    second = certified(evaluated(passed(started(activity))), name="Jordan Exampel")
    correct_certificate_name(
        code=second.code, name="Jordan Example", letters="MD", by=operator, door="cli", at=minutes(60)
    )
    third = certified(evaluated(passed(started(activity))))
    revoke_certificate(code=third.code, reason="Claimed twice.", by=operator, door="cli", at=minutes(70))


def two_accounts(activity) -> None:
    """Somebody who was here before, started again with the same address, and confirmed it."""
    known = create_confirmed_account(
        address="jordan@hospital.example", name="Jordan Example", password=None, at=AT, profession="physician"
    )
    started(activity, known)
    again = open_account(
        address="jordan@hospital.example", name="Jordan Example", profession="physician", letters="MD", at=AT
    )
    passed(started(activity, again))
    confirm_learner(user=again, digits=last_code(), at=minutes(10))
    open_account(address="new@hospital.example", name="New Person", profession="nurse", letters="RN", at=AT)


if __name__ == "__main__":
    fill()
