"""What may be claimed, by whom, when, and what a certificate says and keeps.

Plain values in, a `Verdict` out. Whether a unit is fulfilled is the gate's business
(`learning.rules`); here it is asked what follows from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from opencme.activities.document import ActivityDocument, Designation, Unit
from opencme.core.dates import in_words, years_after
from opencme.core.sentences import sentence as _
from opencme.core.verdicts import ALLOWED, Verdict, refused
from opencme.learning.rules import PathState, Window, fulfilled_units
from opencme.providers.choices import Standing
from opencme.providers.record import ProviderRecord
from opencme.providers.statements import (
    CreditType,
    IdentityLevel,
    formats_named,
    plain_letters,
    profession,
    professions_of_degree,
    words_for,
)
from opencme.providers.statements.rulebook import rule_entry

from .choices import CertificateKind, RecordKind, ReissueReason


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedQualification:
    """A profession and letters, as the learner stated them when claiming."""

    profession: str
    letters: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierClaim:
    """What was claimed before of the same designation in the same certification period."""

    units: frozenset[str]
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimState:
    """Everything known of a learner who is about to claim.

    `earlier` are all claims of the designation in its period, over all of the learner's accounts.
    """

    path: PathState
    window: Window
    identity: IdentityLevel = IdentityLevel.STATED
    qualifications: tuple[StatedQualification, ...] = ()
    earlier: tuple[EarlierClaim, ...] = ()


# --- amounts ---------------------------------------------------------------------------


def claimable_amounts(maximum: Decimal, increment: Decimal) -> tuple[Decimal, ...]:
    """What may be claimed up to `maximum`, the most first (R#46): 0.5, 0.25."""
    steps = int(maximum // increment)
    return tuple(increment * step for step in range(steps, 0, -1))


def earned_units(document: ActivityDocument, designation: Designation, path: PathState) -> tuple[Unit, ...]:
    """The fulfilled units; none of them counts before all do where credit is all or nothing."""
    units = fulfilled_units(document, path, designation)
    if document.all_or_nothing and len(units) < len(document.units):
        return ()
    return units


def earned_amount(document: ActivityDocument, designation: Designation, units: Iterable[Unit]) -> Decimal:
    """The sum of these units' shares, never above the designation (R#48, R#50)."""
    total = sum((document.share_of(unit, designation) for unit in units), Decimal(0))
    return min(total, designation.maximum)


def claimable_maximum(document: ActivityDocument, designation: Designation, state: ClaimState) -> Decimal:
    """What can be claimed now: the shares of units not claimed yet, within the designation (R#50).

    What a learner chose not to take of a claimed unit is not offered again.
    """
    claimed = {key for claim in state.earlier for key in claim.units}
    taken = sum((claim.amount for claim in state.earlier), Decimal(0))
    fresh = (unit for unit in earned_units(document, designation, state.path) if unit.key not in claimed)
    return max(Decimal(0), min(earned_amount(document, designation, fresh), designation.maximum - taken))


# --- may it be claimed? ----------------------------------------------------------------


def may_claim(
    document: ActivityDocument,
    designation: Designation,
    kind: CreditType,
    provider: ProviderRecord,
    state: ClaimState,
    *,
    on: date,
) -> Verdict:
    """Whether credit of this designation may be claimed on this day, all reasons against at once.

    The amount is asked apart (`amount_is_claimable`). A learner who fails on `may_earn` alone gets
    a certificate of participation (`may_certify_participation`).
    """
    return may_certify_participation(document, designation, kind, provider, state, on=on) & may_earn(
        designation, kind, state.qualifications
    )


def may_certify_participation(
    document: ActivityDocument,
    designation: Designation,
    kind: CreditType,
    provider: ProviderRecord,
    state: ClaimState,
    *,
    on: date,
) -> Verdict:
    """Whether the activity is completed and the learner known: what credit and participation share."""
    return (
        participation_counts(state.path, state.window)
        & claim_is_in_time(state.window, on=on)
        & something_is_earned(document, designation, state.path)
        & evaluation_is_in(document, designation, state.path)
        & identity_is_confirmed(kind, state.identity)
        & provider_may_award(kind, provider)
    )


def participation_counts(path: PathState, window: Window) -> Verdict:
    """Withdrawal stops everything; of two participations of one person, one counts; no preview (OWN013)."""
    entry = rule_entry("OWN013")
    if window.is_withdrawn:
        return refused(entry.reason(_("The provider has withdrawn the activity.")))
    if path.is_superseded:
        return refused(entry.reason(_("Another participation of the same person counts.")))
    if path.is_preview:
        return refused(entry.reason(_("This is a preview; it earns nothing.")))
    return ALLOWED


def claim_is_in_time(window: Window, *, on: date) -> Verdict:
    """Those who passed in time may claim until the window closes (OWN010)."""
    until = window.evaluate_and_claim_until
    if until and on > until:
        return refused(
            rule_entry("OWN010").reason(_("Credit could be claimed until %(until)s.", until=in_words(until)))
        )
    return ALLOWED


def something_is_earned(document: ActivityDocument, designation: Designation, path: PathState) -> Verdict:
    """A unit earns its share by a passed assessment and the required content (R#48)."""
    if earned_units(document, designation, path):
        return ALLOWED
    if fulfilled_units(document, path, designation):
        message = _("Credit is given for the whole activity; units are missing.")
    elif len(document.units) > 1:
        message = _("No unit is completed yet.")
    elif designation.requires_post_test and _has_unpassed_test(document, path):
        message = _("The post-test is not passed yet.")
    else:
        message = _("Nothing is completed yet.")
    return refused(rule_entry("CME048").reason(message))


def _has_unpassed_test(document: ActivityDocument, path: PathState) -> bool:
    tests = (unit.post_test for unit in document.units if unit.post_test)
    return any(not path.test(test.key).passed for test in tests)


def evaluation_is_in(document: ActivityDocument, designation: Designation, path: PathState) -> Verdict:
    """A required evaluation comes before the certificate (R#49)."""
    evaluation = document.evaluation
    asked = designation.requires_evaluation and evaluation is not None and evaluation.required
    if asked and path.evaluated_at is None:
        return refused(rule_entry("CME049").reason(_("The evaluation has not been submitted.")))
    return ALLOWED


def identity_is_confirmed(kind: CreditType, level: IdentityLevel) -> Verdict:
    """A certificate is issued to a person: an address at least, more where the credit type asks."""
    if level.reaches(kind.identity_level):
        return ALLOWED
    message = (
        _("Your address is not confirmed yet.")
        if kind.identity_level is IdentityLevel.ADDRESS_CONFIRMED
        else _("This credit asks for more than a confirmed address.")
    )
    return refused(rule_entry("OWN011").reason(message))


def provider_may_award(kind: CreditType, provider: ProviderRecord) -> Verdict:
    """Only an accredited provider awards; a demonstration awards invented credit only (OWN012)."""
    entry = rule_entry("OWN012")
    if provider.standing is Standing.NOT_ACCREDITED:
        return refused(entry.reason(_("%(provider)s is not accredited.", provider=provider.name)))
    if provider.is_demonstration != kind.demonstration_only:
        return refused(
            entry.reason(_("%(provider)s cannot award %(kind)s.", provider=provider.name, kind=kind.name))
        )
    return ALLOWED


def may_earn(
    designation: Designation, kind: CreditType, qualifications: Iterable[StatedQualification]
) -> Verdict:
    """Credit goes to the professions that the designation, or else the credit type, names (R#45).

    A degree that the credit type knows is as good as the profession it belongs to: a psychologist
    who is an MD too is a physician for it.
    """
    eligible = designation.eligible or kind.professions
    if not eligible or any(_qualifies(one, eligible, kind) for one in qualifications):
        return ALLOWED
    whom = words_for(tuple(profession(key).plural for key in eligible))
    message = _(
        "%(kind)s is for %(whom)s; others get a certificate of participation.", kind=kind.name, whom=whom
    )
    return refused(rule_entry("CME045").reason(message))


def _qualifies(stated: StatedQualification, eligible: tuple[str, ...], kind: CreditType) -> bool:
    if stated.profession in eligible:
        return True
    held = {plain_letters(one) for one in re.split(r"[,;/]", stated.letters)}
    return any(
        plain_letters(degree) in held and any(one.key in eligible for one in professions_of_degree(degree))
        for degree in kind.degrees
    )


def amount_is_claimable(
    amount: Decimal,
    document: ActivityDocument,
    designation: Designation,
    kind: CreditType,
    state: ClaimState,
) -> Verdict:
    """Above zero, in steps, and with all earlier claims within the designation (R#46, R#50)."""
    reasons = []
    if amount <= 0 or amount % kind.increment:
        step = f"{kind.increment.normalize():f}"
        reasons.append(rule_entry("CME046").reason(_("Credit is claimed in steps of %(step)s.", step=step)))
    most = claimable_maximum(document, designation, state)
    if amount > most:
        code = "CME050" if state.earlier else "CME046"
        message = _("No more than %(most)s can be claimed.", most=f"{most.normalize():f}")
        reasons.append(rule_entry(code).reason(message))
    return Verdict(tuple(reasons))


# --- certificates ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateContents:
    """What one certificate is about, and `text`: everything that is printed on it."""

    kind: CertificateKind
    text: str
    name: str
    provider: str
    title: str
    format: str
    completed_on: date | None
    is_live: bool = False
    place: str = ""
    amount: Decimal = Decimal(0)
    phrase: str = ""
    claimed: Decimal = Decimal(0)


_SPACES = re.compile(r"\s+")
_AWARDED = re.compile(r"\b(is|are|was|hereby)\s+awarded\b", re.IGNORECASE)


def certificate_is_complete(contents: CertificateContents) -> Verdict:
    """What a certificate must say, and what one of participation must not (R#45, R#52, R#53)."""
    complete = rule_entry("CME052")
    reasons = [complete.reason(message) for message in _missing(contents)]
    if contents.kind is CertificateKind.PARTICIPATION and _AWARDED.search(contents.text):
        reasons.append(rule_entry("CME045").reason(_("A certificate of participation awards nothing.")))
    is_other = any(one.key == "other" for one in formats_named(contents.format))
    if is_other and not _says(contents.text, contents.format):
        reasons.append(rule_entry("CME053").reason(_("The certificate does not name its format.")))
    return Verdict(tuple(reasons))


_UNSAID = {
    "name": _("The certificate does not say the name."),
    "provider": _("The certificate does not say the provider."),
    "title": _("The certificate does not say the title."),
    "format": _("The certificate does not say the format."),
}


def _missing(contents: CertificateContents) -> Iterator[str]:
    for field, message in _UNSAID.items():
        value: str = getattr(contents, field)
        if not value or not _says(contents.text, value):
            yield message
    if contents.completed_on is None:
        yield _("The certificate has no date.")
    if contents.is_live and not (contents.place and _says(contents.text, contents.place)):
        yield _("The certificate of a live activity does not say the place.")
    if contents.kind is CertificateKind.CREDIT:
        if contents.amount != contents.claimed:
            yield _("The certificate shows another number than was claimed.")
        if not contents.phrase or not _says(contents.text, contents.phrase):
            yield _("The certificate does not say the credit's phrase in full.")


def _says(text: str, part: str) -> bool:
    return _plain(part) in _plain(text)


def _plain(text: str) -> str:
    return _SPACES.sub(" ", text.replace("*", "")).strip().casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenFacts:
    """What of a certificate never changes, and the two things that a new version may change."""

    provider: str
    title: str
    format: str
    credit_type: str
    completed_on: date
    full_name: str
    amount: Decimal


def may_issue_again(before: FrozenFacts, after: FrozenFacts, reason: ReissueReason) -> Verdict:
    """A correction changes the name, a supplement the total; nothing else ever changes (R#54).

    The date of completion moves with a supplement, since later units were completed later.
    """
    entry = rule_entry("CME054")
    changed = {field for field in FrozenFacts.__slots__ if getattr(before, field) != getattr(after, field)}
    allowed = {
        ReissueReason.NAME_CORRECTED: {"full_name"},
        ReissueReason.NEW_TOTAL: {"amount", "completed_on"},
    }[reason]
    reasons = [
        entry.reason(_("A certificate's %(field)s is frozen.", field=field.replace("_", " ")), place=field)
        for field in sorted(changed - allowed)
    ]
    if reason is ReissueReason.NEW_TOTAL and after.amount < before.amount:
        reasons.append(entry.reason(_("A new total cannot be less than the one before."), place="amount"))
    return Verdict(tuple(reasons))


# --- retention -------------------------------------------------------------------------

RETAIN_YEARS = 6


def retain_until(
    kind: RecordKind,
    *,
    last_day: date,
    retention_years: int = RETAIN_YEARS,
    term_ends_on: date | None = None,
    is_jointly_accredited: bool = False,
) -> date:
    """The last day on which a record must still be there (R#55).

    Participation: six years from the activity. Activity files: the accreditation term or twelve
    months, whichever is longer; six years under Joint Accreditation.
    """
    if kind is RecordKind.PARTICIPATION:
        return years_after(last_day, max(retention_years, RETAIN_YEARS))
    if is_jointly_accredited:
        return years_after(last_day, RETAIN_YEARS)
    year = years_after(last_day, 1)
    return max(year, term_ends_on) if term_ends_on else year


def may_delete_records(until: date, *, on: date) -> Verdict:
    """Records are kept to their last day (R#55)."""
    if on > until:
        return ALLOWED
    return refused(
        rule_entry("CME055").reason(_("The records are kept until %(until)s.", until=in_words(until)))
    )
