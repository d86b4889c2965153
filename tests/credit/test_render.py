"""Certificates as files: what is drawn, from which fonts, and that the same input gives the same bytes."""

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest
import segno
from fontTools.ttLib import TTFont
from pypdf import PdfReader

from opencme.credit.render.face import CertificateFace, Run, face_as_json, face_from_json, runs_of
from opencme.credit.render.fonts import FONT_FOLDER, drawable, undrawable_characters
from opencme.credit.render.pdf import certificate_pdf, qr_path

AT = datetime(2026, 11, 22, 16, 38, tzinfo=UTC)

FACE = CertificateFace(
    language="en",
    heading="Certificate of credit",
    specimen_tag="SPECIMEN - NO CREDIT",
    provider="Specimen Institute for Medical Learning",
    certifies="certifies that",
    took_part="took part in the enduring material",
    title="From “what is wrong?” to “what matters?”: the biopsychosocial conversation about chronic pain",
    completed="completed on 22 Nov 2026 (ET), and as a specimen shows",
    amount="0.5",
    credit_type="Specimen Category 1 Credit",
    award="",
    signer_name="Imogen Sample, MD",
    signer_title="Director of education",
    issued="Issued 22 Nov 2026",
    reference="Certificate 2026-7K3M9QTX, activity revision 3",
    statements=("Specimen Institute designates this for at most 0.5 Specimen Category 1 Credit.",),
    code="7K3M-9QTX-2VHN-C",
    verify_url="https://cme.example/verify/7K3M9QTX2VHNC/",
    verify_label="cme.example/verify",
    verify_invitation="Check this certificate at",
    qr_description="QR code that opens the verification page of this certificate",
)
LONG = replace(
    FACE,
    specimen_tag="",
    title=f"{FACE.title} in primary care, the emergency department and long-term care: " * 2,
    provider="The Extraordinarily Long-Named University School of Medicine " * 2,
    statements=("This activity has been planned and implemented in accordance with the rules. " * 5,) * 4,
    amount="12.75",
    credit_type="*AMA PRA Category 1 Credits*™",
)


def text_of(pdf):
    return " ".join(PdfReader(BytesIO(pdf)).pages[0].extract_text().split())


def test_the_same_face_gives_the_same_bytes():
    assert certificate_pdf(FACE, name="Jordan Example", at=AT) == certificate_pdf(
        FACE, name="Jordan Example", at=AT
    )


def test_everything_that_is_certified_can_be_read_from_the_file():
    text = text_of(certificate_pdf(FACE, name="Jordan Example, MD, MPH", at=AT))

    for said in (FACE.provider, FACE.title, FACE.completed, FACE.credit_type, FACE.code, FACE.issued):
        assert said in text
    assert "Jordan Example, MD, MPH" in text
    assert "SPECIMEN - NO CREDIT" in text


@pytest.mark.parametrize(
    ("face", "name"),
    [
        (FACE, "Jordan Example, MD, MPH"),
        (LONG, "Maximiliana Konstantinopoulou-Wolfeschlegelsteinhausen von Hohenzollern, MD, PhD, MPH, FACP"),
        (LONG, "M" * 150),
        (replace(FACE, amount="", credit_type="", award="This activity was designated for 0.5."), "X"),
    ],
)
def test_a_certificate_has_one_letter_page_under_200_kilobytes(face, name):
    pdf = certificate_pdf(face, name=name, at=AT)
    reader = PdfReader(BytesIO(pdf))

    assert len(reader.pages) == 1
    assert [round(float(side)) for side in reader.pages[0].mediabox[2:]] == [792, 612]
    assert len(pdf) < 200_000


def test_nothing_of_a_long_certificate_is_cut_off():
    name = "Maximiliana Konstantinopoulou-Wolfeschlegelsteinhausen von Hohenzollern, MD, PhD, MPH, FACP"
    text = text_of(certificate_pdf(LONG, name=name, at=AT)).replace("- ", "-")

    assert name in text
    assert LONG.code in text
    assert text.count("planned and implemented") == 20


def test_a_word_wider_than_the_page_breaks():
    text = PdfReader(BytesIO(certificate_pdf(FACE, name="M" * 150, at=AT))).pages[0].extract_text()
    lines = [line.replace("\u200b", "") for line in text.splitlines()]

    assert "".join(lines).count("M" * 150) == 1
    assert max(line.count("M") for line in lines) <= 30


def test_fonts_are_embedded_and_subset():
    pdf = PdfReader(BytesIO(certificate_pdf(FACE, name="Jordan Example", at=AT)))
    fonts = pdf.pages[0]["/Resources"]["/Font"]
    names = sorted(fonts[key]["/BaseFont"].partition("+")[2] for key in fonts)

    assert names == ["NotoSans-Regular", "NotoSans-SemiBold", "NotoSerif-SemiBold"]


def test_the_file_is_tagged_titled_and_says_its_language():
    pdf = PdfReader(BytesIO(certificate_pdf(FACE, name="Jordan Example", at=AT)))

    assert pdf.metadata.title == f"Certificate of credit: {FACE.title}"
    assert pdf.trailer["/Root"]["/Lang"] == "en"
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in pdf.trailer["/Root"]


@pytest.mark.parametrize(
    "name",
    [
        "Zoë Müller-Øster",
        "Đặng Thị Nguyễn",
        "Ελένη Παπαδοπούλου",
        "Ἀθηνᾶ Ὑψηλάντη",
        "Володимир Ґжицький",
        "Юлия Ёлкина",
        "Łukasz Żółć",
        "Āyşe İnönü",
        "Sinéad O’Connor",
        "Ḥusayn al-Ḥallāj ʿAlī",
    ],
)
def test_latin_greek_and_cyrillic_names_are_drawn(name):
    assert undrawable_characters(name) == ()
    assert name in text_of(certificate_pdf(FACE, name=name, at=AT))


@pytest.mark.parametrize(
    ("name", "characters"),
    [
        ("王伟", ("王", "伟")),
        ("Ann 王 Lee 王", ("王",)),
        ("محمد", ("م", "ح", "د")),
        ("Ann 🩺", ("🩺",)),
        ("Ann\u202eeeL", ("\u202e",)),
        ("Ann\u0000", ("\u0000",)),
    ],
)
def test_what_cannot_be_drawn_is_named(name, characters):
    assert undrawable_characters(name) == characters


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("Pain ≥ 3 months", "Pain >= 3 months"),
        ("ﬁrst", "first"),
        ("Step 1 → 2", "Step 1 -> 2"),
        ("痛み", "??"),
        ("a\tb", "a b"),
    ],
)
def test_a_title_is_spelled_out_where_it_cannot_be_drawn(text, drawn):
    assert drawable(text) == drawn


@pytest.mark.parametrize("file", ["NotoSerif-SemiBold.ttf", "NotoSans-Regular.ttf"])
def test_the_shipped_fonts_hold_exactly_what_we_say(file):
    with TTFont(FONT_FOLDER / file) as font:
        held = set(font.getBestCmap())
    for character in map(chr, range(0x20, 0x3000)):
        composed = unicodedata.normalize("NFC", character)
        is_drawn = all(ord(c) in held and unicodedata.category(c)[0] != "C" for c in composed)
        assert (undrawable_characters(character) == ()) is is_drawn, f"U+{ord(character):04X}"


@pytest.mark.parametrize(
    "text",
    [
        'A "quoted" \\ title \\n with \\u{41}',
        '"))) #panic("no") #eval("1 + 1")',
        "#import sys: * $x^2$ `raw` *stars* _lines_ <label> @ref // not a remark /* nor this",
    ],
)
def test_texts_are_drawn_letter_for_letter_and_never_run(text):
    face = replace(FACE, title=text)

    assert " ".join(text.split()) in text_of(certificate_pdf(face, name="Ada \\ O'Hara", at=AT))
    assert "Ada \\ O'Hara" in text_of(certificate_pdf(face, name="Ada \\ O'Hara", at=AT))


def test_the_bars_of_a_qr_code_are_its_dark_modules():
    side, path = qr_path("https://cme.example/verify/7K3M9QTX2VHNC/")
    bars = [tuple(map(int, found)) for found in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(?:\d+)z", path)]
    dark = {(column + more, row) for column, row, width in bars for more in range(width)}
    rows = segno.make_qr("https://cme.example/verify/7K3M9QTX2VHNC/", error="m", mask=3).matrix

    assert dark == {(column, row) for row, line in enumerate(rows) for column, on in enumerate(line) if on}
    assert len(rows) == side


def test_a_qr_code_is_a_square_of_modules():
    side, path = qr_path("https://cme.example/verify/7K3M9QTX2VHNC/")

    assert side == 29
    assert path.startswith("M0 0h7v1h-7zM8 0h1v1h-1z")


def test_asterisks_mark_italics():
    assert runs_of("0.5 *AMA PRA Category 1 Credit*™ for all") == (
        Run("0.5 "),
        Run("AMA PRA Category 1 Credit", italic=True),
        Run("™ for all"),
    )


def test_a_face_survives_its_row():
    assert face_from_json(face_as_json(FACE)) == FACE
    with pytest.raises(TypeError):
        face_from_json({**face_as_json(FACE), "color": "red"})
