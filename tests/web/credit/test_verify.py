"""Verification, for anyone who holds a code."""

import re

import pytest
from django.urls import reverse
from tests.credit.test_queries import real_certificate
from tests.factories.credit import certified, certified_participation, without_details
from tests.factories.learning import AT, minutes

from opencme.core.ids import spaced_code
from opencme.core.models import OutboxMail
from opencme.credit.operations import correct_certificate_name, revoke_certificate

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(AT)]


def verdict_on(client, code):
    answer = client.get(reverse("verify_code", args=[code]))
    return answer.status_code, " ".join(re.sub(r"<[^>]+>", "", answer.content.decode()).split())


def test_valid(client):
    certificate = real_certificate()
    status, text = verdict_on(client, certificate.code)

    assert status == 200
    assert (
        "Valid. Issued 22 Nov 2026 by Example Academy of Medicine to Jordan Example, MD, MPH: "
        "0.5 AMA PRA Category 1 Credit™ for “Listening first in chronic pain”." in text
    )
    assert "Enduring material, completed 22 Nov 2026 (ET). Checked 22 Nov 2026, 15:00 (UTC)." in text


def test_corrected(client):
    certificate = real_certificate()
    correct_certificate_name(
        code=certificate.code, name="Jordan Sample", letters="MD", by=None, door="cli", at=minutes(60 * 24)
    )
    _, text = verdict_on(client, certificate.code)

    assert "Valid, corrected. Issued 22 Nov 2026" in text
    assert (
        "The name was changed on 23 Nov 2026, from “Jordan Example, MD, MPH” to “Jordan Sample, MD”." in text
    )


def test_revoked(client):
    certificate = real_certificate()
    revoke_certificate(code=certificate.code, reason="claimed twice.", by=None, door="cli", at=minutes(5))
    _, text = verdict_on(client, certificate.code)

    assert "Revoked. Example Academy of Medicine withdrew this certificate on 22 Nov 2026." in text
    assert "Reason given: claimed twice." in text
    assert "Jordan" not in text


def test_a_certificate_without_its_details_still_stands(client):
    certificate = real_certificate()
    correct_certificate_name(
        code=certificate.code, name="Jordan Sample", letters="MD", by=None, door="cli", at=minutes(60 * 24)
    )
    without_details(certificate)
    status, text = verdict_on(client, certificate.code)
    listed = client.get(reverse("verify"), {"codes": certificate.code}).content.decode()

    assert status == 200
    assert (
        "Valid, corrected. Issued 22 Nov 2026 by Example Academy of Medicine. "
        "The personal details on it were removed. Checked" in text
    )
    assert "The personal details on it were removed." in listed
    revoke_certificate(code=certificate.code, reason="claimed twice.", by=None, door="cli", at=minutes(90))
    assert "Revoked. Example Academy of Medicine withdrew this" in verdict_on(client, certificate.code)[1]
    assert not OutboxMail.objects.filter(key__startswith="revoked:").exists()


def test_specimen(client):
    certificate = certified()
    status, text = verdict_on(client, certificate.code)

    assert status == 200
    assert "Specimen. No credit was awarded." in text
    assert "Jordan" not in text


def test_not_found_with_a_slip(client):
    code = certified().code
    slipped = code[:-1] + ("7" if code[-1] != "7" else "8")
    status, text = verdict_on(client, slipped)

    assert status == 404
    assert f"Not found. No certificate has the code {spaced_code(slipped)}." in text
    assert "At least one character does not fit" in text


@pytest.mark.parametrize(
    ("code", "said"), [("7K3M", "this one has 4"), ("0" * 13, "none like it was issued")]
)
def test_not_found(client, code, said):
    status, text = verdict_on(client, code)

    assert status == 404
    assert said in text


def test_a_participation_says_that_nothing_was_awarded(client):
    certificate = certified_participation()
    _, text = verdict_on(client, certificate.code)

    assert "No credit was awarded." in text


def test_a_typed_code_leads_to_its_own_address(client):
    certificate = certified()
    typed = spaced_code(certificate.code).lower()

    answer = client.get(reverse("verify"), {"code": typed})
    assert answer.headers["Location"] == reverse("verify_code", args=[certificate.code])
    assert client.get(reverse("verify_code", args=[typed])).headers["Location"] == answer.headers["Location"]


def test_a_pasted_list_is_answered_line_by_line(client):
    specimen, valid = certified(), real_certificate()
    pasted = f"{spaced_code(valid.code)}\n\n{specimen.code}, 7K3M\n{valid.code}"
    answer = client.get(reverse("verify"), {"codes": pasted})
    text = " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())

    assert re.findall(r"(Valid|Specimen|Not found)\b", text) == ["Valid", "Specimen", "Not found"]
    assert text.count("Jordan Example") == 1


def test_codes_in_groups_with_spaces_stay_whole_in_a_list(client):
    specimen, valid = certified(), real_certificate()
    pasted = "; ".join(spaced_code(one.code).replace("-", " ") for one in (valid, specimen))
    text = client.get(reverse("verify"), {"codes": f"{pasted}\r\n"}).content.decode()

    assert " " in pasted.partition(";")[0]
    assert re.findall(r"(Valid|Specimen|Not found)</", text) == ["Valid", "Specimen"]


def test_a_list_has_an_end_and_says_so(client):
    answer = client.get(reverse("verify"), {"codes": "\n".join(f"A{number}" for number in range(201))})

    assert answer.content.decode().count("Not found") == 200
    assert "Only the first 200 codes were checked" in answer.content.decode()


def test_checking_has_a_limit(client, monkeypatch):
    statuses = {client.get(reverse("verify_code", args=["7K3M"])).status_code for _ in range(601)}

    assert statuses == {404, 429}


def test_nothing_is_kept_of_who_looks_and_nothing_is_indexed(client):
    answer = client.get(reverse("verify_code", args=[certified().code]))

    assert "no-store" in answer.headers["Cache-Control"]
    assert 'name="robots" content="noindex"' in answer.content.decode()
    assert not answer.cookies
