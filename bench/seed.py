#!/usr/bin/env python3
"""Fills an empty installation for the load driver.

It gets the driver's activity, participations that are over, and learners to come:

    opencme migrate
    python bench/seed.py --participations 2000 --learners 3000 --users users.json

Settings come from the environment, as for every command. Everything is written through the same operations
as the pages use.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from opencme.cli.ready import ready_django

ready_django()

from activity import ACTIVITY, DESIGNATION, FIXTURES, PROVIDER, bench_document
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from opencme.activities.document import MediaRef
from opencme.activities.models import Activity
from opencme.activities.operations import save_draft
from opencme.compliance.operations import publish
from opencme.credit.operations import Confirmed, claim_credit
from opencme.learning.models import Participation
from opencme.learning.operations import (
    begin_attempt,
    record_played,
    start_participation,
    submit_attempt,
    submit_evaluation,
)
from opencme.learning.queries import path_of
from opencme.media.operations import store_media
from opencme.people.models import Qualification, User
from opencme.people.operations import create_confirmed_account
from opencme.providers.operations import create_provider
from opencme.web.learner.snapshot import render_public_page

PASSWORD = "measured-not-taught"
BATCH = 100


def make_activity(at: datetime) -> Activity:
    """Publish the driver's activity, unlisted."""
    provider = create_provider(record=PROVIDER, at=at, door="bench")
    operator = create_confirmed_account(
        address="operator@bench.example", name="Bench Operator", password=PASSWORD, is_operator=True, at=at
    )
    document = bench_document(
        video=keep("recording.mp4", "video/mp4", at), captions=keep("captions.vtt", "text/vtt", at), at=at
    )
    draft = save_draft(provider=provider, document=document, saved_by=operator, at=at, door="bench")
    publish(
        activity=draft.activity,
        published_by=operator,
        door="bench",
        at=at,
        render_snapshot=render_public_page,
    )
    return Activity.objects.select_related("current_revision", "provider").get(uuid=ACTIVITY)


def keep(name: str, media_type: str, at: datetime) -> MediaRef:
    with (FIXTURES / name).open("rb") as source:
        row = store_media(source=source, media_type=media_type, at=at)
    return MediaRef(sha256=row.sha256, media_type=media_type, length=row.length, name=name)


def make_learners(prefix: str, count: int, at: datetime) -> list[User]:
    """Confirmed accounts of physicians; they share a password, hashed once."""
    hashed = make_password(PASSWORD)
    people = User.objects.bulk_create(
        User(
            email=f"{prefix}{number}@bench.example",
            name=f"{prefix.capitalize()} Learner{number}",
            password=hashed,
            date_joined=at,
        )
        for number in range(count)
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=person, email=person.email, verified=True, primary=True) for person in people
    )
    Qualification.objects.bulk_create(
        Qualification(user=person, profession="physician", letters="MD", country="US", stated_at=at)
        for person in people
    )
    return people


def walk_all(activity: Activity, learners: list[User], since: datetime) -> None:
    """Bring each learner from the start to the certificate, some minutes apart."""
    rng = random.Random(1)
    for first in range(0, len(learners), BATCH):
        with transaction.atomic():
            for place, learner in enumerate(learners[first : first + BATCH], first):
                walk(activity, learner, since + timedelta(minutes=place % 20_000), rng)


def walk(activity: Activity, learner: User, at: datetime, rng: random.Random) -> None:
    """One learner's way, with a failed attempt now and then."""
    participation = start_participation(
        learner=learner, activity=activity, shown_block_sha256="0" * 64, at=at
    )
    take_test(participation, "pre-test", right=rng.randint(3, 7), at=at + timedelta(minutes=8))
    begun = at + timedelta(minutes=9)
    for seconds in (0, 15, 30):
        beat_at = begun + timedelta(seconds=seconds)
        record_played(
            path=path_of(participation, at=beat_at),
            step_key="recording",
            played=[(0, seconds * 1000)],
            position_ms=seconds * 1000,
            at=beat_at,
        )
    if rng.random() < 0.2:
        take_test(participation, "post-test", right=rng.randint(3, 6), at=at + timedelta(minutes=30))
    take_test(participation, "post-test", right=rng.randint(7, 10), at=at + timedelta(minutes=50))
    evaluate(participation, at=at + timedelta(minutes=55))
    claim_credit(
        learner=learner,
        participation=participation.uuid,
        designation=DESIGNATION,
        seq=1,
        amount=Decimal(1),
        confirmed=Confirmed(name=learner.name, letters="MD"),
        base_url=settings.OPENCME_BASE_URL,
        door="bench",
        at=at + timedelta(minutes=56),
    )


def take_test(participation: Participation, step_key: str, *, right: int, at: datetime) -> None:
    path = path_of(participation, at=at)
    attempt = begin_attempt(path=path, step_key=step_key, at=at)
    answers = {
        key: [
            next(
                option.key
                for option in path.document.item_of[key].options
                if option.is_key is (place < right)
            )
        ]
        for place, key in enumerate(attempt.form["items"])
    }
    submit_attempt(participation=participation, attempt=attempt.uuid, answers=answers, at=at)


def evaluate(participation: Participation, at: datetime) -> None:
    participation.refresh_from_db()
    path = path_of(participation, at=at)
    answers = {
        question.key: question.choices[0].key if question.choices else "More time with each patient."
        for question in path.document.evaluation.questions
    }
    submit_evaluation(path=path, answers=answers, at=at)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--participations", type=int, default=2000)
    options.add_argument("--learners", type=int, default=3000)
    options.add_argument("--users", type=Path, required=True, help="where the learners to come are written")
    chosen = options.parse_args()
    begun, now = time.monotonic(), datetime.now(UTC)
    past = now - timedelta(days=20)
    with transaction.atomic():
        activity = make_activity(past)
        over = make_learners("past", chosen.participations, past)
        to_come = make_learners("bench", chosen.learners, past)
    walk_all(activity, over, past)
    chosen.users.write_text(
        json.dumps([{"username": one.email, "password": PASSWORD, "full_name": one.name} for one in to_come])
    )
    print(f"{len(over)} participations, {len(to_come)} learners in {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
