"""Sound and slides to files that play everywhere: H.264 and AAC, small, quick to seek in."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

FRAMES_A_SECOND = 4
KEYFRAME_EVERY = 20  # seconds; slides change more often than that


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One way to encode a recording; without a height there is sound only."""

    suffix: str
    audio: str
    rate: str
    height: int | None = None
    quality: str = "30"


VARIANTS = {
    "video": Variant(suffix=".mp4", audio="30k", rate="24000", height=540, quality="30"),
    "small_video": Variant(suffix=".mp4", audio="20k", rate="22050", height=540, quality="35"),
    "low_bitrate": Variant(suffix="-low.mp4", audio="14k", rate="16000", height=288, quality="36"),
    "audio": Variant(suffix="-audio.m4a", audio="18k", rate="22050"),
}


def encode(variant: Variant, *, sound: Path, slides: list[tuple[Path, float]], into: Path) -> None:
    """Write one file. `slides` are pictures with the seconds that each stands."""
    audio = ("-c:a", "aac", "-b:a", variant.audio, "-ar", variant.rate, "-ac", "1")
    plain = ("-map_metadata", "-1", "-fflags", "+bitexact", "-movflags", "+faststart")
    if variant.height is None:
        _ffmpeg("-i", str(sound), *LOUDNESS, *audio, *plain, str(into))
        return
    shown = sound.with_suffix(".slides.txt")
    shown.write_text(_concat_list(slides), "utf-8")
    picture = (
        "-vf", f"fps={FRAMES_A_SECOND},scale=-2:{variant.height}:flags=lanczos,format=yuv420p",
        "-c:v", "libx264", "-profile:v", "main", "-preset", "veryslow", "-tune", "stillimage",
        "-crf", variant.quality, "-g", str(FRAMES_A_SECOND * KEYFRAME_EVERY),
    )  # fmt: skip
    listed = ("-f", "concat", "-safe", "0", "-i", str(shown))
    _ffmpeg(*listed, "-i", str(sound), *LOUDNESS, *picture, *audio, "-shortest", *plain, str(into))


LOUDNESS = ("-af", "loudnorm=I=-18:TP=-2:LRA=7")


def _concat_list(slides: list[tuple[Path, float]]) -> str:
    rows = [f"file '{path}'\nduration {seconds:.3f}" for path, seconds in slides]
    return "\n".join([*rows, f"file '{slides[-1][0]}'"])  # the last picture again: concat drops its duration


def _ffmpeg(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-y", "-loglevel", "error", *arguments], check=True)  # noqa: S603, S607
