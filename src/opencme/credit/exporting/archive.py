"""The archive: what is kept as plain values, with the files that belong to it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext as _

from opencme.credit.operations.files import certificate_pdf_of
from opencme.credit.queries import CertificateRecord, certificates_of
from opencme.credit.tabulating import transcript_table
from opencme.learning.models import Participation, ShownBlock
from opencme.people.models import User

from .participations import participations_in_full, shown_file
from .values import personal_data


def data_archive(user: User, *, folder: Path, at: datetime) -> bytes:
    """A ZIP with what is kept as JSON, the transcript as CSV, every certificate as PDF, and what was shown.

    `folder` holds the key that signs a certificate which was never asked for before.
    """
    records, rows = certificates_of(user), participations_in_full(user)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("READ-ME.txt", _explanation(at))
        told = json.dumps(personal_data(user, rows, records, at=at), ensure_ascii=False, indent=2)
        archive.writestr("your-data.json", told)
        archive.writestr("transcript.csv", transcript_table(records))
        for record in records:
            if not record.printed.is_removed:
                pdf = certificate_pdf_of(certificate=record.certificate, folder=folder, at=at)
                archive.writestr(f"certificates/{_file_name(record)}", pdf)
        for block in _shown_to(rows):
            archive.writestr(shown_file(block.sha256), _page(block))
    return held.getvalue()


def _shown_to(rows: Iterable[Participation]) -> Iterable[ShownBlock]:
    return ShownBlock.objects.filter(sha256__in={row.shown_sha256 for row in rows}).order_by("pk")


def _page(block: ShownBlock) -> str:
    """The block as it stood, in as much of a page as shows its letters."""
    return f'<!doctype html>\n<meta charset="utf-8">\n<title>{block}</title>\n{block.html}\n'


def _file_name(record: CertificateRecord) -> str:
    return f"{record.printed.completed_on.isoformat()}-{record.certificate.code}.pdf"


def _explanation(at: datetime) -> str:
    return _(
        "What is kept about you, written on %(day)s (UTC).\n\n"
        "your-data.json   everything: account, codes that were mailed, closings, tests with your answers,\n"
        "                 what was played and read, claims, certificates as printed and revocations, mail,\n"
        "                 problems that you reported, and what happened when\n"
        "transcript.csv   your certificates as a table\n"
        "certificates/    each certificate as signed PDF\n"
        "shown/           what stood before Start, word for word, when you pressed it\n\n"
        "What you said in an evaluation is in here only while it waits to be set free from your name.\n"
        "Afterwards nobody can tell which answers were yours, and so they cannot be in here.\n\n"
        "Mail, and problems reported with your address, are in here from the moment on at which you had\n"
        "shown that the address is yours: before, it may have been somebody else's.\n"
    ) % {"day": f"{at:%Y-%m-%d %H:%M}"}
