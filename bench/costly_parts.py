"""The three parts of a journey that cost most by design, to be timed on their own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from opencme.cli.ready import ready_django

ready_django()

from django.contrib.auth.hashers import check_password, make_password

from opencme.credit.render.face import CertificateFace
from opencme.credit.render.pdf import certificate_pdf
from opencme.credit.render.signing import ensure_signing_key, signed

AT = datetime(2026, 11, 22, tzinfo=UTC)
PASSWORD = "measured-not-taught"

FACE = CertificateFace(
    language="en",
    heading="Certificate of credit",
    specimen_tag="SPECIMEN - NO CREDIT",
    provider="Bench Institute",
    certifies="certifies that",
    took_part="took part in the enduring material",
    title="Cardiometabolic Update for Primary Care",
    completed="Completed 22 Nov 2026",
    amount="1",
    credit_type="Specimen Category 1 Credit",
    award="",
    signer_name="Ada Bench, MD",
    signer_title="Director",
    issued="Issued 22 Nov 2026",
    reference="2026-000001",
    statements=(
        "Bench Institute is accredited by the Specimen Accreditation Board for continuing medical education.",
        "Bench Institute designates this enduring material for at most 1 Specimen Category 1 Credit.",
    ),
    code="7K3M-9QTX-2VHN-C",
    verify_url="https://cme.example.org/verify/7K3M9QTX2VHNC/",
    verify_label="cme.example.org/verify",
    verify_invitation="Anyone can check this certificate:",
    qr_description="Address of the page that checks this certificate",
)

_hashed = make_password(PASSWORD)
_folder = tempfile.TemporaryDirectory(prefix="opencme-bench-")


def log_in_hash() -> bool:
    return check_password(PASSWORD, _hashed)


def pdf() -> Callable[[], bytes]:
    """Each time another certificate: the typesetter remembers what it has drawn."""
    numbers = count()

    def draw() -> bytes:
        face = replace(FACE, code=f"{next(numbers):012}")
        return certificate_pdf(face, name=f"Bench Learner {next(numbers)}, MD", at=AT)

    return draw


def signature() -> Callable[[], bytes]:
    drawn = certificate_pdf(FACE, name="Bench Learner, MD", at=AT)
    key = ensure_signing_key(Path(_folder.name), at=AT)
    return lambda: signed(drawn, key_file=key, reason="Issued by Bench Institute", at=AT)
