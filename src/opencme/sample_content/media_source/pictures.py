"""The drawn pictures that are not slides: thumbnails, the patient of the vignette."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

from opencme.sample_content.media_source.slides import (
    ACCENT,
    INK,
    INK_2,
    LINE,
    PAPER,
    TINT,
    sans,
    save,
    serif,
)

SIDE = 384


def draw_all(packages: Path) -> None:
    """Draw every picture into its package."""
    for package, shape in THUMBNAILS.items():
        for name, draw in shape.items():
            image = Image.new("RGB", (SIDE, SIDE), TINT)
            draw(ImageDraw.Draw(image))
            save(image, packages / package / "media" / name)
    patient(packages / "biopsychosocial-conversation" / "media" / "patient.png")


def circles(pen: ImageDraw.ImageDraw) -> None:
    """Three domains that overlap."""
    for x, y in ((192, 148), (148, 224), (236, 224)):
        pen.ellipse((x - 76, y - 76, x + 76, y + 76), outline=ACCENT, width=9)


def gauge(pen: ImageDraw.ImageDraw) -> None:
    """Three measures, side by side."""
    for number, filled in enumerate((0.7, 0.8, 0.6)):
        x = 108 + number * 66
        pen.rectangle((x, 96, x + 36, 288), outline=ACCENT, width=6)
        pen.rectangle((x, 288 - 192 * filled, x + 36, 288), fill=ACCENT)


def branches(pen: ImageDraw.ImageDraw) -> None:
    """One way that opens into several."""
    for y in (104, 162, 222, 280):
        pen.line((100, 192, 176, 192, 228, y, 292, y), fill=ACCENT, width=9, joint="curve")


def lock(pen: ImageDraw.ImageDraw) -> None:
    """Something kept safely."""
    pen.rectangle((116, 184, 268, 296), outline=ACCENT, width=10)
    pen.arc((144, 100, 240, 268), 180, 360, fill=ACCENT, width=10)
    pen.line((192, 224, 192, 258), fill=ACCENT, width=12)


def wave(pen: ImageDraw.ImageDraw) -> None:
    """Days and nights."""
    for number in range(3):
        x = 60 + number * 88
        pen.arc((x, 150, x + 44, 234), 180, 360, fill=ACCENT, width=9)
        pen.arc((x + 44, 150, x + 88, 234), 0, 180, fill=ACCENT, width=9)


def stairs(pen: ImageDraw.ImageDraw) -> None:
    """Small steps."""
    pen.line(
        (64, 288, 128, 288, 128, 232, 192, 232, 192, 176, 256, 176, 256, 120, 320, 120), fill=ACCENT, width=10
    )


THUMBNAILS = {
    "biopsychosocial-conversation": {"picture.png": circles},
    "behavioral-medicine": {"picture.png": branches, "w1.png": gauge, "w2.png": branches, "w3.png": lock},
    "sleep-and-pain": {"picture.png": wave},
    "pacing-in-practice": {"picture.png": stairs},
    "opioid-conversation-draft": {"picture.png": lock},
}


def patient(path: Path) -> None:
    """The week of the invented patient, as she filled in a diary: pain and hours of sleep."""
    image = Image.new("RGB", (1120, 560), PAPER)
    pen = ImageDraw.Draw(image)
    pen.text((56, 40), "One week in her diary", font=serif(38), fill=INK)
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    pain, sleep = (6, 7, 8, 7, 8, 6, 7), (5.5, 5, 4, 5, 4.5, 6, 5)
    for number, day in enumerate(days):
        x = 200 + number * 124
        pen.text((x, 500), day, font=sans(28), fill=INK_2, anchor="mm")
        pen.line((x, 140, x, 470), fill=LINE, width=2)
        pen.text((x, 200), str(pain[number]), font=serif(46), fill=ACCENT, anchor="mm")
        pen.rectangle((x - 26, 450 - sleep[number] * 24, x + 26, 450), fill=ACCENT)
        pen.text((x, 426 - sleep[number] * 24), f"{sleep[number]:g} h", font=sans(26), fill=INK, anchor="mm")
    pen.text((56, 200), "Pain", font=sans(28, strong=True), fill=INK, anchor="lm")
    pen.text((56, 400), "Sleep", font=sans(28, strong=True), fill=INK, anchor="lm")
    save(image, path)
