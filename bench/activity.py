"""The activity of the load driver as one of ours: one hour, two tests of ten items, twelve questions."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from opencme.activities.choices import (
    DisclosureAnswer,
    ItemKind,
    Listing,
    QuestionKind,
    Role,
    StatementKind,
    SupportKind,
)
from opencme.activities.document import (
    ActivityDocument,
    Audience,
    Choice,
    CommercialSupport,
    Contact,
    Cue,
    Dates,
    Designation,
    Disclosure,
    Evaluation,
    Item,
    MediaRef,
    Objective,
    Option,
    PersonInRole,
    PostTest,
    PreTest,
    Question,
    Reading,
    Recording,
    Reference,
    Statement,
    Unit,
)
from opencme.providers.choices import Standing
from opencme.providers.record import AccreditationRecord, ProviderRecord

FIXTURES = Path(__file__).parent / "learner_flow" / "fixtures"
FIXTURE = json.loads((FIXTURES / "activity.json").read_text())
ACTIVITY = UUID(FIXTURE["uuid"])
DESIGNATION = UUID("b8d5f6a2-31f4-4c39-9c0e-8f1f8d0a7b02")
PASS_MARK = 7

PROVIDER = ProviderRecord(
    key="bench-institute",
    name="Bench Institute",
    standing=Standing.DEMONSTRATION,
    accreditations=(
        AccreditationRecord(
            accreditor="specimen-board", credit_types=("specimen-category-1",), identifier="0000009"
        ),
    ),
    content_contact="education@bench.example",
    technical_contact="help@bench.example",
    privacy_address="https://bench.example/privacy",
    signatory_name="Ada Bench, MD",
    signatory_title="Director",
)


def bench_document(*, video: MediaRef, captions: MediaRef, at: datetime) -> ActivityDocument:
    """The document, released a month before `at`."""
    today = at.date()
    return ActivityDocument(
        uuid=ACTIVITY,
        title=FIXTURE["title"],
        provider=PROVIDER.key,
        listing=Listing.UNLISTED,
        display_type="Webcast",
        promise="Ten cases from primary care.",
        dates=Dates(
            original_release=today - timedelta(days=30),
            last_review=today - timedelta(days=30),
            start_until=today + timedelta(days=700),
            complete_until=today + timedelta(days=700),
            evaluate_and_claim_until=today + timedelta(days=730),
        ),
        audience=Audience(sentence="Physicians in primary care.", professions=("physician",)),
        medium="Internet: recorded talk and text",
        method_of_participation="Take the pre-test, watch, pass the post-test, evaluate, claim.",
        technical_requirements="Any current browser.",
        objectives=(Objective(key="o1", text="choose the treatment that trials support"),),
        people=(
            PersonInRole(key="ada-bench", name="Ada Bench", letters="MD", roles=(Role.FACULTY, Role.PLANNER)),
        ),
        disclosures=(
            Disclosure(
                person="ada-bench", answer=DisclosureAnswer.NONE, disclosed_on=today - timedelta(days=60)
            ),
        ),
        disclosure_statement="Ada Bench, MD (faculty, planner) has no relevant financial relationship with an"
        " ineligible company in the past 24 months.",
        off_label_statement="Off-label use is not discussed.",
        support=CommercialSupport(kind=SupportKind.NONE, statement="No commercial support was received."),
        statements=(
            Statement(
                kind=StatementKind.ACCREDITATION,
                accreditor="specimen-board",
                wording="specimen-direct-1",
                text="Bench Institute is accredited by the Specimen Accreditation Board for continuing"
                " medical education.",
            ),
            Statement(
                kind=StatementKind.DESIGNATION,
                credit_type="specimen-category-1",
                wording="specimen-1",
                text="Bench Institute designates this enduring material for at most 1 Specimen Category 1"
                " Credit. Physicians claim only what matches the part they took.",
            ),
        ),
        designations=(Designation(uuid=DESIGNATION, credit_type="specimen-category-1", maximum=Decimal(1)),),
        units=(
            Unit(
                key="unit",
                pre_test=PreTest(key="pre-test", items=_keys("pre"), minutes=10),
                recordings=(
                    Recording(
                        key="recording",
                        minutes=1,
                        seconds=FIXTURE["recording_seconds"],
                        video=video,
                        captions=captions,
                        cues=(
                            Cue(starts_at=0, ends_at=10, text="This recording measures a server."),
                            Cue(starts_at=10, ends_at=20, text="It shows a clock and sounds one tone."),
                            Cue(starts_at=20, ends_at=30, text="Nothing is taught by it."),
                        ),
                        demanded_percent=100,
                    ),
                ),
                readings=(Reading(key="reading", minutes=39, text=_text()),),
                post_test=PostTest(key="post-test", items=_keys("post"), minutes=10, pass_mark=PASS_MARK),
            ),
        ),
        items=(*_items("pre"), *_items("post")),
        evaluation=Evaluation(questions=tuple(map(_question, FIXTURE["evaluation"])), asks_plan=False),
        references=(Reference(key="ref-1", text="A reference for further study."),),
        contact=Contact(
            content="education@bench.example",
            technical="help@bench.example",
            privacy_address="https://bench.example/privacy",
        ),
    )


def _keys(test: str) -> tuple[str, ...]:
    return tuple(f"{test}-{question['id']}" for question in FIXTURE["questions"])


def _items(test: str) -> tuple[Item, ...]:
    return tuple(
        Item(
            key=key,
            kind=ItemKind.SINGLE,
            stem=question["stem"],
            options=tuple(
                Option(key=f"o{place}", text=text, is_key=text == question["correct"])
                for place, text in enumerate(question["options"], 1)
            ),
            objectives=("o1",),
            rationale=question["rationale"],
            references=("ref-1",),
        )
        for key, question in zip(_keys(test), FIXTURE["questions"], strict=True)
    )


def _text() -> str:
    """Some pages of text, as long as the cases themselves."""
    return "\n\n".join(
        f"## Case {place}\n\n{one['stem']}\n\n{one['rationale']}"
        for place, one in enumerate(FIXTURE["questions"], 1)
    )


def _question(question: dict) -> Question:
    if question["kind"] == "text":
        return Question(key=question["id"], kind=QuestionKind.TEXT, text=question["text"])
    choices = tuple(Choice(key=f"c{place}", text=text) for place, text in enumerate(question["options"], 1))
    return Question(key=question["id"], kind=QuestionKind.CHOICE, text=question["text"], choices=choices)
