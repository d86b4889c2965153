"""Make every recording anew, or those whose file name is given; write its times into the package."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from opencme.sample_content.media_source import pictures
from opencme.sample_content.media_source.encode import VARIANTS, encode
from opencme.sample_content.media_source.narration import FOLDER, Narration, narrations, read_narration
from opencme.sample_content.media_source.slides import draw_slide
from opencme.sample_content.media_source.speech import Speech, speak

PACKAGES = Path(__file__).parents[1] / "packages"
STAYS = 0.15  # seconds that a caption outlasts its words


def main(names: list[str]) -> None:
    """Make the named recordings, or all, and the drawn pictures."""
    pictures.draw_all(PACKAGES)
    chosen = [read_narration(FOLDER / f"{name}.toml") for name in names] or list(narrations())
    for narration in chosen:
        with tempfile.TemporaryDirectory() as work:
            make_recording(narration, Path(work))


def make_recording(narration: Narration, work: Path) -> None:
    """Speak, draw, encode, caption, and write the times between the marks of `activity.toml`."""
    package = PACKAGES / narration.package
    media = package / "media"
    media.mkdir(parents=True, exist_ok=True)
    speech = speak(narration, work)
    pictures_of_slides = [media / f"{narration.step}-slide-{number:02}.png" for number in _numbers(narration)]
    for slide, path in zip(narration.slides, pictures_of_slides, strict=True):
        draw_slide(slide, path)
    ends = [*speech.slide_starts[1:], float(narration.seconds)]
    stands = [end - start for start, end in zip(speech.slide_starts, ends, strict=True)]
    for name in narration.variants:
        variant = VARIANTS[name]
        into = media / f"{narration.step}{variant.suffix}"
        encode(
            variant, sound=speech.sound, slides=list(zip(pictures_of_slides, stands, strict=True)), into=into
        )
        sys.stdout.write(f"{narration.package}: {into.name} {into.stat().st_size:,} bytes\n")
    (media / f"{narration.step}.vtt").write_text(captions(speech), "utf-8")
    write_times(package / "activity.toml", narration, speech)


def captions(speech: Speech) -> str:
    """The captions as WebVTT, one cue for each utterance; each stays a moment, but not into the next."""
    nexts = [*(spoken.starts_at for spoken in speech.spoken[1:]), float("inf")]
    cues = [
        f"{number}\n{_clock(spoken.starts_at)} --> {_clock(min(spoken.ends_at + STAYS, following))}\n"
        f"{spoken.utterance.caption}\n"
        for number, (spoken, following) in enumerate(zip(speech.spoken, nexts, strict=True), start=1)
    ]
    return "\n".join(["WEBVTT\n", *cues])


def write_times(activity: Path, narration: Narration, speech: Speech) -> None:
    """Put chapters and slides between the two marks that name this recording."""
    begins, ends = f"# <{narration.step}: times>\n", f"# </{narration.step}: times>\n"
    before, _, rest = activity.read_text("utf-8").partition(begins)
    _, mark, after = rest.partition(ends)
    if not mark:
        raise ValueError(f"{activity} has no marks for {narration.step}")
    activity.write_text(f"{before}{begins}{times(narration, speech)}{ends}{after}", "utf-8")


def times(narration: Narration, speech: Speech) -> str:
    """Chapters and slides in the words of the package format."""
    rows: list[str] = []
    for chapter, start in zip(narration.chapters, speech.chapter_starts, strict=True):
        rows += [
            "[[units.recordings.chapters]]",
            f"title = {_quoted(chapter.title)}",
            f"starts_at = {int(start)}",
        ]
        rows += [f"objectives = {json.dumps(list(chapter.objectives))}", ""]
    for number, slide, start in zip(_numbers(narration), narration.slides, speech.slide_starts, strict=True):
        picture = f"media/{narration.step}-slide-{number:02}.png"
        rows += ["[[units.recordings.slides]]", f"at = {int(start)}", f"title = {_quoted(slide.title)}"]
        rows += [f"text = {_quoted(slide.markdown)}"]
        shown = f"file = {_quoted(picture)}, alternative_text = {_quoted(slide.alternative_text)}"
        rows += [f"picture = {{ {shown} }}", ""]
    return "\n".join(rows) + "\n"


def _numbers(narration: Narration) -> range:
    return range(1, len(narration.slides) + 1)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes) // 60:02}:{int(minutes) % 60:02}:{rest:06.3f}"


if __name__ == "__main__":
    main(sys.argv[1:])
