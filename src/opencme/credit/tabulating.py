"""The transcript as a table for spreadsheets."""

from __future__ import annotations

import io
from collections.abc import Iterable

from defusedcsv import csv
from django.utils.translation import gettext as _

from .choices import CertificateKind
from .queries import CertificateRecord
from .wording import amount_text


def transcript_table(records: Iterable[CertificateRecord]) -> str:
    """The records as CSV, with a mark at its head by which spreadsheets know the encoding.

    Cells that could run as formulas are defused.
    """
    table = io.StringIO()
    table.write("\ufeff")
    writer = csv.writer(table)
    writer.writerow(
        [
            _("Completed"),
            _("Time zone"),
            _("Activity"),
            _("Format"),
            _("Provider"),
            _("Credit type"),
            _("Amount shown"),
            _("Amount counted"),
            _("State"),
            _("Code"),
            _("Verification"),
        ]
    )
    writer.writerows(_cells(record) for record in records)
    return table.getvalue()


def _cells(record: CertificateRecord) -> list[str]:
    printed = record.printed
    return [
        printed.completed_on.isoformat(),
        printed.zone,
        _("The personal details on it were removed.") if printed.is_removed else printed.title,
        printed.format,
        printed.provider,
        printed.plain_phrase if record.certificate.kind == CertificateKind.CREDIT else _("Participation"),
        amount_text(printed.amount),
        amount_text(record.counted),
        _state_word(record),
        printed.face.code,
        printed.face.verify_url,
    ]


def _state_word(record: CertificateRecord) -> str:
    if record.printed.is_removed:
        return _("removed")
    if record.is_revoked:
        return _("revoked")
    return _("specimen") if record.certificate.is_specimen else _("valid")
