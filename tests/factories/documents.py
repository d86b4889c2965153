"""Activity documents, in one call: a clean, publishable one, and changes to it."""

import hashlib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from opencme.activities.choices import (
    DisclosureAnswer,
    EvaluationMeasure,
    FeeKind,
    ItemKind,
    QuestionKind,
    Role,
    StatementKind,
    SupportKind,
)
from opencme.activities.document import (
    ActivityDocument,
    Audience,
    Chapter,
    Choice,
    CommercialSupport,
    Contact,
    Cue,
    Dates,
    Designation,
    Disclosure,
    Evaluation,
    Fee,
    Item,
    MediaRef,
    Objective,
    Option,
    PastStatement,
    PersonInRole,
    Position,
    PostTest,
    PreTest,
    Question,
    Reading,
    Recording,
    Reference,
    Share,
    Statement,
    Unit,
)

TODAY = date(2026, 11, 22)
ACTIVITY = UUID("0f4f6f0e-6a53-4bb4-9d1c-2f9d5f0c1a01")
DESIGNATION = UUID("0f4f6f0e-6a53-4bb4-9d1c-2f9d5f0c1a02")


def a_file(name: str = "talk.mp4", media_type: str = "video/mp4", length: int = 1_000_000) -> MediaRef:
    """A reference to a file that need not exist."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    return MediaRef(sha256=digest, media_type=media_type, length=length, name=name)


def an_item(key: str, **changes) -> Item:
    """A single-choice item of three options, the second one correct."""
    item = Item(
        key=key,
        kind=ItemKind.SINGLE,
        stem=f"Stem of {key}?",
        options=(
            Option(key="a", text=f"First option of {key}"),
            Option(key="b", text=f"Second option of {key}", is_key=True),
            Option(key="c", text=f"Third option of {key}"),
        ),
        objectives=("o1",),
        rationale=f"Rationale of {key}.",
        references=("ref-1",),
    )
    return replace(item, **changes)


def items_of(*keys: str) -> tuple[Item, ...]:
    """One item for each key; the objectives alternate."""
    return tuple(an_item(key, objectives=(f"o{1 + place % 2}",)) for place, key in enumerate(keys))


def a_recording(**changes) -> Recording:
    """A recording of nine minutes with captions and two chapters."""
    recording = Recording(
        key="recording",
        minutes=9,
        seconds=540,
        video=a_file(),
        captions=a_file("talk.vtt", "text/vtt", 2_000),
        cues=(
            Cue(starts_at=0.0, ends_at=270.0, text="First we listen."),
            Cue(starts_at=270.0, ends_at=540.0, text="Then we plan."),
        ),
        chapters=(
            Chapter(title="Listening", starts_at=0, objectives=("o1",)),
            Chapter(title="Planning", starts_at=270, objectives=("o2",)),
        ),
    )
    return replace(recording, **changes)


def a_unit(**changes) -> Unit:
    """Thirty minutes: pre-test, recording, reading and a post-test of four items, three to pass."""
    unit = Unit(
        key="unit-1",
        pre_test=PreTest(key="pre-test", items=("pre-1", "pre-2"), minutes=5),
        recordings=(a_recording(),),
        readings=(Reading(key="reading", minutes=6, text="A page to read."),),
        post_test=PostTest(
            key="post-test", items=("post-1", "post-2", "post-3", "post-4"), minutes=10, pass_mark=3
        ),
    )
    return replace(unit, **changes)


def a_designation(**changes) -> Designation:
    """Half a specimen credit."""
    designation = Designation(uuid=DESIGNATION, credit_type="specimen-category-1", maximum=Decimal("0.5"))
    return replace(designation, **changes)


def statements_for(*, format_word: str = "enduring material", amount: str = "0.5") -> tuple[Statement, ...]:
    """The accreditation and designation statements of the demonstration provider."""
    return (
        Statement(
            kind=StatementKind.ACCREDITATION,
            accreditor="specimen-board",
            wording="specimen-direct-1",
            text="Specimen Institute for Medical Learning is accredited by the Specimen Accreditation "
            "Board for continuing medical education.",
        ),
        Statement(
            kind=StatementKind.DESIGNATION,
            credit_type="specimen-category-1",
            wording="specimen-1",
            text=f"Specimen Institute for Medical Learning designates this {format_word} for at most "
            f"{amount} Specimen Category 1 Credit. Physicians claim only what matches the part they took.",
        ),
    )


def an_evaluation(**changes) -> Evaluation:
    """A rating, a choice and an optional text."""
    evaluation = Evaluation(
        questions=(
            Question(
                key="met-o1",
                kind=QuestionKind.RATING,
                text="I can listen so that a patient feels believed.",
                low="not at all",
                high="fully",
                objective="o1",
                measure=EvaluationMeasure.OBJECTIVE_MET,
            ),
            Question(
                key="barrier",
                kind=QuestionKind.CHOICE,
                text="What stands in the way most?",
                choices=(Choice(key="time", text="Time"), Choice(key="access", text="Access")),
                measure=EvaluationMeasure.BARRIER,
            ),
            Question(
                key="improve",
                kind=QuestionKind.TEXT,
                text="One thing to improve",
                required=False,
                measure=EvaluationMeasure.COMMENT,
            ),
        ),
    )
    return replace(evaluation, **changes)


def a_document(**changes) -> ActivityDocument:
    """A certified enduring material of the demonstration provider that nothing stands against."""
    document = ActivityDocument(
        uuid=ACTIVITY,
        title="Listening first in chronic pain",
        provider="specimen-institute",
        display_type="Webcast",
        promise="Half an hour on the first three minutes.",
        abstract="What to say first, and what to plan next.",
        dates=Dates(
            original_release=date(2025, 11, 22),
            last_review=date(2026, 11, 16),
            start_until=date(2027, 11, 21),
            complete_until=date(2027, 11, 21),
            evaluate_and_claim_until=date(2027, 12, 21),
        ),
        audience=Audience(sentence="Clinicians who see adults in pain.", professions=("physician", "nurse")),
        fee=Fee(kind=FeeKind.FREE),
        medium="Internet: recorded talk and text",
        method_of_participation="Take the pre-test, watch or read, pass the post-test, evaluate, claim.",
        technical_requirements="Any browser of the last four years.",
        objectives=(
            Objective(key="o1", text="open a conversation so that a patient feels believed"),
            Objective(key="o2", text="agree on a plan with honest expectations"),
        ),
        people=(
            PersonInRole(
                key="imogen-sample",
                name="Imogen Sample",
                letters="MD",
                roles=(Role.FACULTY,),
                positions=(Position(title="Internal medicine", institution="Specimen Institute"),),
            ),
            PersonInRole(
                key="quinn-placeholder", name="Quinn Placeholder", letters="RN", roles=(Role.PLANNER,)
            ),
        ),
        disclosures=(
            Disclosure(person="imogen-sample", answer=DisclosureAnswer.NONE, disclosed_on=date(2025, 10, 1)),
            Disclosure(
                person="quinn-placeholder",
                answer=DisclosureAnswer.NONE,
                disclosed_on=date(2025, 10, 1),
            ),
        ),
        disclosure_statement="Nobody in control of this content has a relevant financial relationship "
        "with an ineligible company in the past 24 months: Imogen Sample, MD (faculty); "
        "Quinn Placeholder, RN (planner).",
        off_label_statement="Off-label use is not discussed.",
        support=CommercialSupport(
            kind=SupportKind.NONE, statement="No commercial support was asked for or received."
        ),
        statements=statements_for(),
        designations=(a_designation(),),
        units=(a_unit(),),
        items=items_of("pre-1", "pre-2", "post-1", "post-2", "post-3", "post-4"),
        evaluation=an_evaluation(),
        references=(
            Reference(
                key="ref-1",
                text="Chronic pain among adults, 2023. NCHS Data Brief 518.",
                address="https://www.cdc.gov/nchs/products/databriefs/db518.htm",
            ),
        ),
        contact=Contact(
            content="education@specimen.example",
            technical="help@specimen.example",
            accommodation="Tell us before you start.",
            privacy_address="https://specimen.example/privacy",
        ),
    )
    return replace(document, **changes)


def a_document_of_three_units(**changes) -> ActivityDocument:
    """Three units of fifteen minutes, each with its own post-test and a quarter of a credit."""
    units = tuple(_small_unit(number) for number in (1, 2, 3))
    tested = (f"post-{number}-{item}" for number in (1, 2, 3) for item in (1, 2))
    document = a_document(
        units=units,
        items=items_of(*tested),
        designations=(a_designation(maximum=Decimal("0.75"), requires_pre_test=False),),
        statements=statements_for(amount="0.75"),
    )
    return replace(document, **changes)


def _small_unit(number: int) -> Unit:
    return Unit(
        key=f"unit-{number}",
        title=f"Webcast {number}",
        shares=(Share(designation=DESIGNATION, amount=Decimal("0.25")),),
        recordings=(a_recording(key=f"recording-{number}", minutes=5, seconds=300),),
        readings=(Reading(key=f"reading-{number}", minutes=5, text="A page to read."),),
        post_test=PostTest(
            key=f"post-test-{number}",
            items=(f"post-{number}-1", f"post-{number}-2"),
            minutes=5,
            pass_mark=2,
        ),
    )


def a_recording_without_certification(**changes) -> ActivityDocument:
    """A past webinar to watch after log-in and pre-test: no post-test, no credit, and it says so."""
    document = a_document(
        certified=False,
        designations=(),
        statements=(),
        units=(a_unit(post_test=None),),
        items=items_of("pre-1", "pre-2"),
        evaluation=None,
        dates=Dates(originally_presented_on=date(2024, 8, 22), original_release=date(2025, 1, 10)),
        past_live_statement=PastStatement(
            stated_on=date(2024, 8, 22),
            text="Specimen Institute for Medical Learning designated the live activity for at most "
            "1 Specimen Category 1 Credit.",
        ),
    )
    return replace(document, **changes)
