"""The activity document: everything that is said of an activity, in one frozen value.

It is one thing in three places: what a package is read into, what rules are given, and what a
revision stores. Nothing here knows Django. Serialization is canonical (sorted keys, amounts as
strings, absent values left out of the text only where they equal the default), so that equal
documents have equal digests.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, StringConstraints, TypeAdapter

from .choices import (
    ActivityType,
    DisclosureAnswer,
    EvaluationMeasure,
    FeeKind,
    ItemKind,
    Listing,
    Providership,
    QuestionKind,
    Role,
    StatementKind,
    StepKind,
    SupportForm,
    SupportKind,
)

SCHEMA_VERSION = 1

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
"""A name stable over edits: lower-case letters, digits, hyphen, underscore."""

RESERVED_STEP_KEYS = frozenset({"claim", "code", "evaluation", "plan"})
"""Words that have an address of their own on the path; no step of a unit may take one."""

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Markdown = Annotated[str, StringConstraints(max_length=200_000)]
Address = Annotated[str, StringConstraints(pattern=r"^(https?://|mailto:)\S+$", max_length=2000)]

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRef:
    """A file by its content. `name` is the file name in the package and in downloads."""

    __pydantic_config__ = _STRICT
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    media_type: str
    length: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture with its alternative text (empty only for decoration)."""

    __pydantic_config__ = _STRICT
    file: MediaRef
    alternative_text: Line
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A labelled address."""

    __pydantic_config__ = _STRICT
    label: Line
    address: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """One position of a person, as printed under the name; any part may be empty."""

    __pydantic_config__ = _STRICT
    title: Line = ""
    department: Line = ""
    institution: Line = ""
    place: Line = ""

    @property
    def line(self) -> str:
        """The position on one line."""
        return ", ".join(filter(None, (self.title, self.department, self.institution, self.place)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonInRole:
    """Someone in control of content, as printed in this activity.

    `letters` are degrees and licences behind the name ("PhD, LP, ABPP").
    """

    __pydantic_config__ = _STRICT
    key: Key
    name: Line
    letters: Line = ""
    roles: tuple[Role, ...]
    specialty: Line = ""
    positions: tuple[Position, ...] = ()
    biography: Markdown = ""
    photo: Picture | None = None

    @property
    def full_name(self) -> str:
        """Name with letters."""
        return f"{self.name}, {self.letters}" if self.letters else self.name

    @property
    def monogram(self) -> str:
        """Two initials, drawn where there is no photo."""
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words))


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """A financial relationship with an ineligible company. No amount is ever asked."""

    __pydantic_config__ = _STRICT
    company: Line
    nature: Line
    ended: bool = False
    relevant: bool = True
    mitigation: Line = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """What one person in control of content disclosed, as it stands at publication."""

    __pydantic_config__ = _STRICT
    person: Key
    answer: DisclosureAnswer
    disclosed_on: date | None = None
    relationships: tuple[Relationship, ...] = ()
    exemption_reason: Line = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportSource:
    """One source of commercial support."""

    __pydantic_config__ = _STRICT
    name: Line
    form: SupportForm
    nature: Line = ""
    agreement_signed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommercialSupport:
    """Commercial support and the sentence learners read about it."""

    __pydantic_config__ = _STRICT
    kind: SupportKind = SupportKind.NOT_STATED
    sources: tuple[SupportSource, ...] = ()
    statement: Markdown = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement as printed. `wording` names the dated wording it was made from, if any."""

    __pydantic_config__ = _STRICT
    kind: StatementKind
    text: Markdown
    label: Line = ""
    wording: Line = ""
    accreditor: Key | None = None
    credit_type: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastStatement:
    """The statement of a past live activity, shown dated and never beside Start."""

    __pydantic_config__ = _STRICT
    stated_on: date
    text: Markdown
    label: Line = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Designation:
    """The maximum of one credit type, fixed before the activity is offered.

    `period` changes only on re-certification; `uuid` is stable over revisions. `eligible` lists
    profession codes; empty means as the credit type says. The requirements are what this
    designation asks before it can be claimed.
    """

    __pydantic_config__ = _STRICT
    uuid: UUID
    credit_type: Key
    maximum: Decimal
    period: Key = "1"
    provider: Key | None = None
    approved_on: date | None = None
    eligible: tuple[Key, ...] = ()
    requires_pre_test: bool = True
    requires_content: bool = True
    requires_post_test: bool = True
    requires_evaluation: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A bibliographic source for further study, cited by key."""

    __pydantic_config__ = _STRICT
    key: Key
    text: Line
    address: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """What the learner will be able to do afterwards."""

    __pydantic_config__ = _STRICT
    key: Key
    text: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One answer of an item. `is_key` marks the correct ones; gone from the stripped view."""

    __pydantic_config__ = _STRICT
    key: Key
    text: Line
    is_key: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Vignette:
    """A case that several items share."""

    __pydantic_config__ = _STRICT
    key: Key
    title: Line
    text: Markdown
    picture: Picture | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question of a test. `key` is stable over edits; `twin` names its pre/post counterpart."""

    __pydantic_config__ = _STRICT
    key: Key
    kind: ItemKind
    stem: Markdown
    options: tuple[Option, ...]
    objectives: tuple[Key, ...] = ()
    rationale: Markdown = ""
    references: tuple[Key, ...] = ()
    vignette: Key | None = None
    twin: Key | None = None
    chapter: Line = ""
    shuffle_options: bool = True

    @property
    def keys(self) -> frozenset[str]:
        """The keys of the correct options."""
        return frozenset(option.key for option in self.options if option.is_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A chapter of a recording, from `starts_at` seconds to the next one or the end."""

    __pydantic_config__ = _STRICT
    title: Line
    starts_at: int
    objectives: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Slide:
    """A slide and the second it appears at."""

    __pydantic_config__ = _STRICT
    at: int
    title: Line
    text: Markdown = ""
    picture: Picture | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One caption; the recording's text ("Transcript" on its tab) is made of these."""

    __pydantic_config__ = _STRICT
    starts_at: float
    ends_at: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreTest:
    """Before the content; answers are kept, never graded."""

    __pydantic_config__ = _STRICT
    key: Key
    items: tuple[Key, ...]
    minutes: int
    title: Line = "Pre-test"
    shuffle_items: bool = False
    kind: StepKind = StepKind.PRE_TEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A recording: `demanded_percent` of it must be played (or read) where it is set.

    `seconds` is the length of the recording itself, `minutes` its part of the credit's time.
    """

    __pydantic_config__ = _STRICT
    key: Key
    minutes: int
    seconds: int
    video: MediaRef | None = None
    audio: MediaRef | None = None
    low_bitrate: MediaRef | None = None
    captions: MediaRef | None = None
    cues: tuple[Cue, ...] = ()
    poster: Picture | None = None
    chapters: tuple[Chapter, ...] = ()
    slides: tuple[Slide, ...] = ()
    slides_file: MediaRef | None = None
    demanded_percent: int | None = None
    title: Line = "Recording"
    kind: StepKind = StepKind.RECORDING


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A text to read, on the page of its unit's content."""

    __pydantic_config__ = _STRICT
    key: Key
    minutes: int
    text: Markdown
    title: Line = "Reading"
    kind: StepKind = StepKind.READING


@dataclass(frozen=True, slots=True, kw_only=True)
class PostTest:
    """The scored assessment of a unit. `pass_mark` counts items; no `attempts` means unlimited."""

    __pydantic_config__ = _STRICT
    key: Key
    items: tuple[Key, ...]
    minutes: int
    pass_mark: int | None = None
    attempts: int | None = None
    title: Line = "Post-test"
    shuffle_items: bool = False
    kind: StepKind = StepKind.POST_TEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The part of a designation that a unit earns."""

    __pydantic_config__ = _STRICT
    designation: UUID
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A part of the activity that is assessed and earns its share of the credit.

    Steps stand in the order pre-test, recordings, readings, post-test; each is optional in a
    draft. Without `shares` a sole unit earns every designation whole.
    """

    __pydantic_config__ = _STRICT
    key: Key
    title: Line = ""
    promise: Line = ""
    objectives: tuple[Key, ...] = ()
    thumbnail: Picture | None = None
    shares: tuple[Share, ...] = ()
    pre_test: PreTest | None = None
    recordings: tuple[Recording, ...] = ()
    readings: tuple[Reading, ...] = ()
    post_test: PostTest | None = None

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps in their order."""
        parts: list[Step] = [self.pre_test] if self.pre_test else []
        parts += [*self.recordings, *self.readings]
        if self.post_test:
            parts.append(self.post_test)
        return tuple(parts)

    @property
    def content(self) -> tuple[Recording | Reading, ...]:
        """The recordings and readings; they share one page, at the first one's key."""
        return (*self.recordings, *self.readings)

    @property
    def minutes(self) -> int:
        """The sum of the steps' minutes."""
        return sum(step.minutes for step in self.steps)


Step = PreTest | Recording | Reading | PostTest


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One choice of an evaluation question."""

    __pydantic_config__ = _STRICT
    key: Key
    text: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question of the evaluation: a rating of five, a choice, or a text.

    `group` is the heading that consecutive questions share; `low` and `high` are the words at
    the ends of a rating.
    """

    __pydantic_config__ = _STRICT
    key: Key
    kind: QuestionKind
    text: Line
    group: Line = ""
    low: Line = ""
    high: Line = ""
    choices: tuple[Choice, ...] = ()
    required: bool = True
    objective: Key | None = None
    measure: EvaluationMeasure = EvaluationMeasure.OTHER


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The confidential evaluation; `asks_plan` shows the named plan beside it."""

    __pydantic_config__ = _STRICT
    key: Key = "evaluation"
    title: Line = "Evaluation"
    questions: tuple[Question, ...] = ()
    required: bool = True
    asks_plan: bool = True
    kind: StepKind = StepKind.EVALUATION


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """What the learner pays: nothing, or an amount in minor units with its currency."""

    __pydantic_config__ = _STRICT
    kind: FeeKind = FeeKind.NOT_STATED
    amount_minor: int = 0
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "USD"
    note: Line = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """The dates of an enduring material, inclusive to the end of the day in the provider's zone."""

    __pydantic_config__ = _STRICT
    original_release: date | None = None
    last_review: date | None = None
    start_until: date | None = None
    complete_until: date | None = None
    evaluate_and_claim_until: date | None = None
    originally_presented_on: date | None = None
    originally_presented_as: Line = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedTag:
    """A regulated topic that the activity is "related to", with the sections taught; never "compliant"."""

    __pydantic_config__ = _STRICT
    key: Key
    label: Line
    sections: tuple[Line, ...] = ()
    note: Line = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Whom the activity is for, as a sentence and as profession codes."""

    __pydantic_config__ = _STRICT
    sentence: Markdown = ""
    professions: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom to ask about the content, and for help and accommodation."""

    __pydantic_config__ = _STRICT
    content: Line = ""
    technical: Line = ""
    accommodation: Markdown = ""
    privacy_address: Address | None = None


@dataclass(frozen=True, kw_only=True)
class ActivityDocument:
    """Everything that is said of an activity. See `docs/package-format.md` for each field."""

    __pydantic_config__ = _STRICT
    uuid: UUID
    title: Line
    provider: Key
    activity_type: ActivityType = ActivityType.ENDURING
    display_type: Line = ""
    schema: int = SCHEMA_VERSION
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")] = "en"
    certified: bool = True
    listing: Listing = Listing.LISTED
    promise: Line = ""
    announcement: Markdown = ""
    abstract: Markdown = ""
    picture: Picture | None = None

    providership: Providership = Providership.DIRECT
    joint_providers: tuple[Line, ...] = ()
    co_providers: tuple[Line, ...] = ()
    produced_by: tuple[Line, ...] = ()
    ineligible_companies: tuple[Line, ...] = ()

    dates: Dates = Dates()
    fee: Fee = Fee()
    audience: Audience = Audience()
    specialties: tuple[Line, ...] = ()
    topics: tuple[Line, ...] = ()
    related_to: tuple[RelatedTag, ...] = ()
    medium: Line = ""
    method_of_participation: Markdown = ""
    requirements_note: Markdown = ""
    technical_requirements: Markdown | None = None

    objectives_label: Line = "You will be able to"
    objectives_lead_in: Line = ""
    objectives: tuple[Objective, ...] = ()

    people: tuple[PersonInRole, ...] = ()
    disclosures: tuple[Disclosure, ...] = ()
    disclosure_statement: Markdown = ""
    off_label_statement: Markdown = ""
    support: CommercialSupport = CommercialSupport()
    statements: tuple[Statement, ...] = ()
    past_live_statement: PastStatement | None = None
    designations: tuple[Designation, ...] = ()

    units: tuple[Unit, ...] = ()
    units_label: Line = ""
    vignettes: tuple[Vignette, ...] = ()
    items: tuple[Item, ...] = ()
    evaluation: Evaluation | None = None
    all_or_nothing: bool = False

    references: tuple[Reference, ...] = ()
    links: tuple[Link, ...] = ()
    contact: Contact = Contact()
    copyright: Line = ""
    disclaimer: Markdown = ""

    @cached_property
    def item_of(self) -> dict[str, Item]:
        """The items by key."""
        return {item.key: item for item in self.items}

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps of all units in their order, without the evaluation."""
        return tuple(step for unit in self.units for step in unit.steps)

    @cached_property
    def step_of(self) -> dict[str, Step | Evaluation]:
        """The steps by key, the evaluation among them."""
        steps: dict[str, Step | Evaluation] = {step.key: step for step in self.steps}
        if self.evaluation:
            steps[self.evaluation.key] = self.evaluation
        return steps

    @cached_property
    def unit_of(self) -> dict[str, Unit]:
        """The unit of each step, by step key."""
        return {step.key: unit for unit in self.units for step in unit.steps}

    @property
    def minutes(self) -> int:
        """The estimated time: the sum of the steps' minutes, the evaluation not counted."""
        return sum(unit.minutes for unit in self.units)

    def share_of(self, unit: Unit, designation: Designation) -> Decimal:
        """The part of `designation` that `unit` earns; a sole unit without shares earns it whole."""
        for share in unit.shares:
            if share.designation == designation.uuid:
                return share.amount
        return designation.maximum if len(self.units) == 1 else Decimal(0)

    def people_as(self, *roles: Role) -> tuple[PersonInRole, ...]:
        """The people who hold one of `roles`, in the document's order."""
        return tuple(person for person in self.people if set(roles) & set(person.roles))

    @property
    def faculty(self) -> tuple[PersonInRole, ...]:
        """The people whom the page shows first."""
        return self.people_as(Role.FACULTY, Role.MODERATOR, Role.AUTHOR)

    def media(self) -> Iterator[MediaRef]:
        """Every file that the document names, each once."""
        seen: set[str] = set()
        for ref in _media_in(self):
            if ref.sha256 not in seen:
                seen.add(ref.sha256)
                yield ref


def _media_in(value: Any) -> Iterator[MediaRef]:
    if isinstance(value, MediaRef):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _media_in(part)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from _media_in(getattr(value, name))


DOCUMENT: TypeAdapter[ActivityDocument] = TypeAdapter(ActivityDocument)


def canonical_json(document: ActivityDocument) -> str:
    """The one text of a document: sorted keys, no spaces, amounts as strings, defaults left out."""
    value = DOCUMENT.dump_python(document, mode="json", exclude_defaults=True)
    value["schema"] = document.schema
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest_of(canonical: str) -> str:
    """The sha256 of a canonical text, in hexadecimal."""
    return hashlib.sha256(canonical.encode()).hexdigest()


def read_document(canonical: str) -> ActivityDocument:
    """The document of a canonical text.

    Raises `pydantic.ValidationError` where the text is not a document of a known schema.
    """
    return DOCUMENT.validate_json(canonical)


def stripped(document: ActivityDocument) -> ActivityDocument:
    """The document without keys, rationales and their references.

    Pages before submit are rendered from this alone, so that no template can give a key away.
    """
    return replace(document, items=tuple(_stripped_item(item) for item in document.items))


def _stripped_item(item: Item) -> Item:
    options = tuple(replace(option, is_key=False) for option in item.options)
    return replace(item, options=options, rationale="", references=(), chapter="", twin=None)
