#!/usr/bin/env python3
"""Fills an empty installation for the load drivers.

It gets the driver's activity, participations that are over, learners to come, and learners who wait before
the post-test, signed in:

    opencme migrate
    python bench/seed.py --participations 100000 --learners 3000 --users users.json
    python bench/seed.py --waiting 5000 --waiting-users waiting.json

Settings come from the environment, as for every command. A few learners are walked through the same
operations as the pages use; the others are their copies (`multiply.py`), on PostgreSQL also thin ones
(`thin.py`).
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from opencme.cli.ready import ready_django

ready_django()

from activity import ACTIVITY, DESIGNATION, FIXTURES, PROVIDER, bench_document
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from multiply import Copy, Multiplier
from thin import copy_thinly

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
MOST_WALKED = 60  # enough for variety of scores and failed attempts; the others are copies
MILLION = 1_000_000
AT_ONCE = 10_000  # PostgreSQL takes 65,535 values with a statement


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
    participation = walk_to_post_test(activity, learner, at, rng)
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


def walk_to_post_test(activity: Activity, learner: User, at: datetime, rng: random.Random) -> Participation:
    """Pre-test and recording."""
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
    return participation


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


def fill(activity: Activity, participations: int, since: datetime, *, is_thin: bool) -> None:
    """Participations that are over: a few walked, the others copied from them."""
    prefix = f"over{User.objects.count()}-"
    with transaction.atomic():
        walked = make_learners(prefix, min(participations, MOST_WALKED), since)
    walk_all(activity, walked, since)
    copies = participations - len(walked)
    made: Iterable[object] = (
        copy_thinly(walked, copies, prefix=f"{prefix}copy")
        if is_thin
        else Multiplier(prefix=f"{prefix}copy").multiply(walked, copies)
    )
    begun = time.monotonic()
    for number, _ in enumerate(made, 1):
        if number % MILLION == 0:
            print(f"{number // MILLION} million copies in {time.monotonic() - begun:.0f} s", flush=True)


def make_waiting(activity: Activity, number: int, at: datetime) -> list[dict[str, str]]:
    """Learners signed in and past the recording; each with session and participation."""
    prefix = f"waiting{User.objects.count()}-"
    with transaction.atomic():
        walked = make_learners(prefix, min(number, MOST_WALKED), at)
        rng = random.Random(2)
        made = [Copy(one.uuid, walk_to_post_test(activity, one, at, rng).uuid) for one in walked]
    made += Multiplier(prefix=f"{prefix}copy").multiply(walked, number - len(walked))
    return sign_in(made)


def sign_in(waiting: list[Copy]) -> list[dict[str, str]]:
    """A session for each, as a log-in leaves it."""
    store = SessionStore()
    users = {}
    for first in range(0, len(waiting), AT_ONCE):
        some = [each.user for each in waiting[first : first + AT_ONCE]]
        users |= {one.uuid: one for one in User.objects.filter(uuid__in=some)}
    found, sessions = [], []
    for each in waiting:
        user = users[each.user]
        key = store._get_new_session_key()  # noqa: SLF001  the store has no other way to make many at once
        kept = {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
        ends = datetime.now(UTC) + timedelta(days=7)
        sessions.append(Session(session_key=key, session_data=store.encode(kept), expire_date=ends))
        found.append({"session": key, "participation": str(each.participation)})
    Session.objects.bulk_create(sessions, batch_size=1_000)
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--participations", type=int, default=0, help="that are over")
    options.add_argument(
        "--thin", action="store_true", help="of those: account, participation, passed attempt, claim"
    )
    options.add_argument("--learners", type=int, default=0, help="who have an account and nothing else")
    options.add_argument("--users", type=Path, help="where the learners to come are written")
    options.add_argument("--waiting", type=int, default=0, help="learners before the post-test, signed in")
    options.add_argument("--waiting-users", type=Path, help="where those are written")
    chosen = options.parse_args()
    if chosen.thin and connection.vendor != "postgresql":
        options.error("thin copies are made on PostgreSQL alone")
    begun, now = time.monotonic(), datetime.now(UTC)
    past = now - timedelta(days=20)
    activity = Activity.objects.filter(uuid=ACTIVITY).select_related("current_revision", "provider").first()
    if activity is None:
        with transaction.atomic():
            activity = make_activity(past)
    if chosen.participations:
        fill(activity, chosen.participations, past, is_thin=chosen.thin)
    if chosen.learners:
        with transaction.atomic():
            to_come = make_learners("bench", chosen.learners, past)
        chosen.users.write_text(
            json.dumps(
                [{"username": one.email, "password": PASSWORD, "full_name": one.name} for one in to_come]
            )
        )
    if chosen.waiting:
        chosen.waiting_users.write_text(
            json.dumps(make_waiting(activity, chosen.waiting, now - timedelta(hours=1)))
        )
    counted = f"{chosen.participations} participations, {chosen.learners} learners, {chosen.waiting} waiting"
    print(f"{counted} in {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
