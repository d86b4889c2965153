"""What one certificate says, word for word.

A face is made once, when the credit is claimed, and frozen on the certificate (R#54). The page and
the PDF draw the same face; neither of them looks anything up.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass

_EMPHASIS = re.compile(r"\*([^*]+)\*")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one style."""

    text: str
    italic: bool = False


@dataclass(frozen=True, slots=True)
class CertificateFace:
    """Everything printed on a certificate except the learner's name, which can be blanked alone.

    Texts may mark italics with single asterisks, as in `*AMA PRA Category 1 Credit*™`. Empty text is
    not drawn.
    """

    language: str
    heading: str
    """For assistive technology and the document title, as "Certificate of credit"."""
    specimen_tag: str
    """Printed on top and across the page; empty on a certificate that stands for credit."""
    provider: str
    certifies: str
    took_part: str
    title: str
    completed: str
    amount: str
    """The number in the rosette; empty on a certificate of participation."""
    credit_type: str
    award: str
    """Stands in place of amount and credit type on a certificate of participation."""
    signer_name: str
    signer_title: str
    issued: str
    reference: str
    statements: tuple[str, ...]
    code: str
    """Grouped for reading, as 7K3M-9QTX-2VHN-C."""
    verify_url: str
    """The full address in the QR code."""
    verify_label: str
    """The address as printed, without scheme and code."""
    verify_invitation: str
    qr_description: str

    @property
    def specimen_lines(self) -> tuple[str, ...]:
        """The specimen tag as the lines that run across the page."""
        return tuple(part.strip() for part in self.specimen_tag.split(" - ")) if self.specimen_tag else ()


_FIELDS = tuple(field.name for field in dataclasses.fields(CertificateFace))


def empty_face(code: str) -> CertificateFace:
    """The face of a certificate whose text was removed: its code and nothing else."""
    texts = {name: "" for name in _FIELDS if name != "statements"}
    return CertificateFace(statements=(), **{**texts, "code": code})


def runs_of(text: str) -> tuple[Run, ...]:
    """Split `text` at its asterisks into runs of plain and italic text."""
    runs: list[Run] = []
    position = 0
    for match in _EMPHASIS.finditer(text):
        runs.append(Run(text[position : match.start()]))
        runs.append(Run(match[1], italic=True))
        position = match.end()
    runs.append(Run(text[position:]))
    return tuple(run for run in runs if run.text)


def face_as_json(face: CertificateFace) -> dict[str, object]:
    """Return the face as plain values for the row that freezes it."""
    texts = {name: getattr(face, name) for name in _FIELDS}
    return {**texts, "statements": list(face.statements)}


def face_from_json(stored: dict[str, object]) -> CertificateFace:
    """Rebuild a face from its row. Raises `TypeError` when a field is missing or unknown."""
    values = dict(stored)
    statements = values.pop("statements")
    if not isinstance(statements, list):
        raise TypeError("statements must be a list")
    texts = {key: str(value) for key, value in values.items()}
    return CertificateFace(statements=tuple(map(str, statements)), **texts)
