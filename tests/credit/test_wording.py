"""What certificates say: wordings with the facts filled in."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from opencme.credit.wording import (
    CertificateFacts,
    WordingUnusable,
    amount_text,
    face_of,
    known_zone,
    printed_text,
    zone_label,
)
from opencme.providers.statements import WordingKind, certificate_wording, credit_type

FACTS = CertificateFacts(
    provider="Example Academy of Medicine",
    title="Listening first",
    format="other activity",
    completed_on=date(2026, 11, 22),
    zone="America/New_York",
    amount=Decimal("1.50"),
    credit_type=credit_type("ama-pra-category-1"),
    is_participation=False,
    is_specimen=False,
    signer_name="",
    signer_title="",
    issued_on=date(2026, 11, 23),
    number="2026-7K3M9QTX",
    revision=3,
    statements=(),
    code="7K3M9QTX2VHNC",
    base_url="https://cme.example",
)
TODAY = date(2026, 11, 23)


def wording(kind, key="ama-pra-category-1"):
    return certificate_wording(key, kind, on=TODAY)


def test_credit_in_the_fields_words():
    face = face_of(FACTS, wording(WordingKind.CREDIT))

    assert (face.certifies, face.took_part) == (
        "certifies that",
        "has participated in the other activity titled",
    )
    assert face.completed == "on 22 Nov 2026 (ET) and is awarded"
    assert (face.amount, face.credit_type, face.award) == ("1.5", "*AMA PRA Category 1 Credits*™", "")
    assert (face.issued, face.reference) == ("Issued 23 Nov 2026", "Number 2026-7K3M9QTX, revision 3")
    assert (face.code, face.verify_label) == ("7K3M-9QTX-2VHN-C", "cme.example/verify")


def test_participation_awards_nothing():
    face = face_of(replace(FACTS, is_participation=True), wording(WordingKind.PARTICIPATION))

    assert (face.completed, face.amount, face.credit_type) == ("on 22 Nov 2026 (ET)", "", "")
    assert face.award == "This activity was designated for 1.5 *AMA PRA Category 1 Credits*™."
    assert "award" not in f"{face.certifies} {face.took_part} {face.completed} {face.award}"


def test_the_place_of_a_live_activity_is_named():
    face = face_of(replace(FACTS, place="Boston, MA"), wording(WordingKind.CREDIT_LIVE))

    assert face.completed == "at Boston, MA on 22 Nov 2026 (ET) and is awarded"


def test_every_wording_in_force_can_be_laid_out():
    for kind in (WordingKind.CREDIT, WordingKind.PARTICIPATION):
        for key in ("ama-pra-category-1", "specimen-category-1", "ancc-contact-hours", "abim-moc", "ipce"):
            facts = replace(FACTS, credit_type=credit_type(key), is_participation=kind == "participation")
            assert face_of(facts, wording(kind, key)).title == "Listening first"


def test_a_wording_without_its_places_is_refused():
    odd = replace(wording(WordingKind.CREDIT), text="{title} was attended by {name}.")

    with pytest.raises(WordingUnusable):
        face_of(FACTS, odd)


@pytest.mark.parametrize(
    ("markdown", "printed"),
    [
        ("For *AMA PRA Category 1 Credits*™.", "For *AMA PRA Category 1 Credits*™."),
        ("**Bold**, _slanted_ and\na new line", "Bold, *slanted* and a new line"),
        ("See [the rules](https://accme.org).\n\nSecond.", "See the rules. Second."),
        ("Up to `0.5` credit", "Up to 0.5 credit"),
    ],
)
def test_markdown_becomes_one_line_with_italics(markdown, printed):
    assert printed_text(markdown) == printed


@pytest.mark.parametrize(
    ("zone", "label"),
    [
        ("America/New_York", "ET"),
        ("America/Los_Angeles", "PT"),
        ("Europe/Berlin", "CET"),
        ("Asia/Kolkata", "IST"),
        ("America/Sao_Paulo", "Sao Paulo"),
        ("UTC", "UTC"),
    ],
)
def test_zones_have_a_short_name(zone, label):
    assert zone_label(zone, date(2026, 11, 22)) == label


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", "\x00"])
def test_what_is_no_zone_is_nothing(zone):
    assert known_zone(zone) == ""


@pytest.mark.parametrize(
    ("amount", "text"), [("0.50", "0.5"), ("1.00", "1"), ("12.75", "12.75"), ("0", "0"), ("10", "10")]
)
def test_amounts_have_no_idle_zeros(amount, text):
    assert amount_text(Decimal(amount)) == text
