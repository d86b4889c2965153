"""Draw a certificate as a PDF of one page."""

from __future__ import annotations

import dataclasses
import json
import re
import threading
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from textwrap import wrap
from typing import Final

import segno
import typst

from opencme.core.processors import any_processor
from opencme.credit.render.face import CertificateFace, runs_of
from opencme.credit.render.fonts import FONT_FOLDER, drawable

_FOLDER: Final = Path(__file__).parent
_DOCUMENT: Final = '#import "certificate.typ": certificate\n#certificate(json(bytes("{}")), known-scale: {})'

PDF_STANDARDS: Final[list[typst.PDFStandard]] = ["ua-1", "a-2a"]
"""What the typesetter is told to keep to. It checks itself; no independent validator is part of our tests."""

_QR_MASK: Final = 3

_LETTER: Final = re.compile(r"\w")

_DARK: Final = re.compile(rb"\x01+")

ZERO_WIDTH_SPACE: Final = "\u200b"

_TOO_LONG: Final = re.compile(r"[^\s-]{37,}")

_ONE_AT_A_TIME: Final = threading.Lock()


def certificate_pdf(face: CertificateFace, *, name: str, at: datetime) -> bytes:
    """Return the unsigned PDF of `face` with `name` on it.

    The same face, name and instant give the same bytes. `at` becomes the document's date of creation.
    """
    printed = _printed(face, name)
    scale = _scale_of(json.dumps(_of_everybody(printed), ensure_ascii=False))
    with _ONE_AT_A_TIME, any_processor():
        compiled = _compiler().compile(
            _document(json.dumps(printed, ensure_ascii=False), scale),
            format="pdf",
            pdf_standards=PDF_STANDARDS,
            timestamp=int(at.timestamp()),
        )
    if not isinstance(compiled, bytes):
        raise TypeError(type(compiled))
    return compiled


def _document(face_text: str, scale: str) -> bytes:
    # JSON leaves no character but these two that a string of the typesetter would take for its own.
    quoted = face_text.replace("\\", r"\\").replace('"', r"\"")
    return _DOCUMENT.format(quoted, scale).encode()


def _of_everybody(printed: dict[str, object]) -> dict[str, object]:
    """What the certificates of a day and an activity have in common, with marks for what is one learner's."""
    return printed | {
        "name": "M",
        "code": "0",
        "reference": _LETTER.sub("0", str(printed["reference"])),
        "verify_url": "https://cme.example.org/",
        "qr_svg": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>',
    }


@lru_cache(maxsize=512)
def _scale_of(face_text: str) -> str:
    """The scale that fits a face under a name of one line; to find it costs half a certificate."""
    fitted = typst.Compiler(
        _document(face_text, "none"), root=_FOLDER, font_paths=_fonts(), ignore_system_fonts=True
    )
    scale: float = json.loads(fitted.query("<scale>", field="value", one=True))
    return str(scale)


@lru_cache(maxsize=512)
def qr_path(address: str) -> tuple[int, str]:
    """Return the side of the QR code for `address` in modules and its dark squares as an SVG path.

    Level M: a printed code survives a fold or a stain. One mask for all: to weigh the eight that the
    standard allows takes longer than to typeset the page, and any reader undoes any of them.
    """
    code = segno.make_qr(address, error="m", mask=_QR_MASK)
    # Dark squares side by side are one bar: half as much for the typesetter to draw.
    bars = [
        f"M{bar.start()} {row}h{len(bar[0])}v1h-{len(bar[0])}z"
        for row, modules in enumerate(code.matrix)
        for bar in _DARK.finditer(bytes(modules))
    ]
    return len(code.matrix), "".join(bars)


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    """Read template and shipped fonts once per process; the machine's own fonts change no certificate.

    Keeping it halves the cost of a page; it is no thing for two threads at once.
    """
    return typst.Compiler(root=_FOLDER, font_paths=_fonts(), ignore_system_fonts=True)


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONT_FOLDER])


def _printed(face: CertificateFace, name: str) -> dict[str, object]:
    texts = {field.name: getattr(face, field.name) for field in dataclasses.fields(face)}
    plain = {key: _breakable(drawable(text)) for key, text in texts.items() if isinstance(text, str)}
    return {
        **plain,
        "name": _breakable(name),
        "verify_url": face.verify_url,
        "document_title": f"{face.heading}: {face.title}",
        "specimen_lines": list(face.specimen_lines),
        "credit_type": _runs(plain["credit_type"]),
        "award": _runs(plain["award"]),
        "statements": [_runs(_breakable(drawable(statement))) for statement in face.statements],
        "qr_svg": _qr_svg(face.verify_url),
    }


def _breakable(text: str) -> str:
    """Let a word wider than the page break; no word of a language is that long."""
    return _TOO_LONG.sub(lambda word: ZERO_WIDTH_SPACE.join(wrap(word[0], 24)), text)


def _runs(text: str) -> list[dict[str, object]]:
    return [{"text": run.text, "italic": run.italic} for run in runs_of(text)]


def _qr_svg(address: str) -> str:
    side, path = qr_path(address)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#14242b" d="{path}"/></svg>'
    )
