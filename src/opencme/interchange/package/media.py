"""Files that a package names: found, recognized by their bytes, hashed; pictures decoded and encoded anew."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from opencme.activities import document as d
from opencme.media.captions import CaptionsRefused, read_captions
from opencme.media.files import sha256_of
from opencme.media.pictures import MAX_BYTES, CleanPicture, PictureRefused, Refusal, clean_picture
from opencme.media.recognition import NotRecognized, Recognized, recognize

from .folder import MAX_TEXT_BYTES, FileRefused, PackageFolder
from .lines import KeyPath
from .problems import Problem, ProblemKind
from .shape import BROKEN, Report, Shaper, Special
from .texts import normal_text, refused_in

_FILE_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")
TOLERANCE_SECONDS = 2

_PICTURE_PROBLEMS = {
    Refusal.TYPE: ProblemKind.PICTURE_TYPE,
    Refusal.UNREADABLE: ProblemKind.PICTURE_UNREADABLE,
    Refusal.BOMB: ProblemKind.PICTURE_BOMB,
}


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes behind a reference: a file of the folder, or a picture encoded anew."""

    media_type: str
    source: Path | bytes

    def open(self) -> BinaryIO:
        """Open the bytes for reading."""
        return self.source.open("rb") if isinstance(self.source, Path) else BytesIO(self.source)


class FileFields:
    """Reads the fields of a document that live in files of their own."""

    def __init__(self, folder: PackageFolder, report: Report) -> None:
        self.folder = folder
        self.report = report
        self.contents: dict[str, Content] = {}
        self._names: dict[str, str] = {}
        self._shaper = Shaper(report, {})

    def special(self, shaper: Shaper) -> dict[Any, Special]:
        """Return how each annotation is read that is not plain TOML."""
        self._shaper = shaper
        return {
            d.Markdown: self.markdown,
            d.MediaRef: self.media,
            d.Picture: self.picture,
            d.Recording: self.recording,
        }

    def markdown(self, value: Any, path: KeyPath) -> Any:
        """Return a text, inline or of ``{ file = "name.md" }``."""
        if isinstance(value, dict):
            value = self._text_of(value, path)
        if value is BROKEN:
            return BROKEN
        plain = Shaper(self.report, {})
        text = plain.build(d.Markdown, value, path)
        if text is not BROKEN and (refusal := refused_in(text)):
            self.report(ProblemKind.UNSAFE_TEXT, path, refusal)
            return BROKEN
        return text

    def picture(self, value: Any, path: KeyPath) -> Any:
        """Return a picture with the reference to what it became when encoded anew."""
        if not isinstance(value, dict) or not isinstance(value.get("file"), str):
            shaper = Shaper(self.report, {d.MediaRef: self.media})
            return shaper.table(d.Picture, value, path)
        size: list[CleanPicture] = []
        shaper = Shaper(self.report, {d.MediaRef: partial(self._picture_file, into=size)})
        picture = shaper.table(d.Picture, value, path)
        if picture is BROKEN:
            return BROKEN
        return replace(picture, width=size[0].width, height=size[0].height)

    def media(self, value: Any, path: KeyPath) -> Any:
        """Return a reference to a recording, its captions or its slides."""
        file = self._path(value, path)
        if file is None:
            return BROKEN
        wanted = path[-1]
        if wanted == "captions":
            return self._reference(value, "text/vtt", file, path)
        recognized = self._recognized(file, str(wanted), path)
        if recognized is None:
            return BROKEN
        return self._reference(value, recognized.media_type, file, path)

    def recording(self, value: Any, path: KeyPath) -> Any:
        """Return a recording with its captions read into cues."""
        if not isinstance(value, dict):
            return self._shaper.table(d.Recording, value, path)
        parts = self._shaper.parts(d.Recording, value, path)
        captions = parts.get("captions")
        if isinstance(captions, d.MediaRef):
            parts["cues"] = self._cues(captions, parts.get("seconds"), (*path, "captions"))
        self._compare_length(parts, path)
        return BROKEN if BROKEN in parts.values() else d.Recording(**parts)

    def _text_of(self, table: dict[str, Any], path: KeyPath) -> Any:
        name = table.get("file")
        if set(table) != {"file"} or not isinstance(name, str):
            sentence = _('A text is written in quotes, or as { file = "name.md" }.')
            self.report(ProblemKind.WRONG_TYPE, path, sentence)
            return BROKEN
        try:
            text = self.folder.text(name)
        except FileRefused as refused:
            return self._told(refused.problem, path)
        self.folder.used.add(name)
        return normal_text(text)

    def _picture_file(self, value: Any, path: KeyPath, *, into: list[CleanPicture]) -> Any:
        file = self._path(value, path)
        if file is None:
            return BROKEN
        try:
            clean = clean_picture(_bounded(file, MAX_BYTES))
        except PictureRefused as refused:
            self.report(_PICTURE_PROBLEMS[refused.refusal], path, _picture_sentence(refused, value))
            return BROKEN
        into.append(clean)
        name = PurePosixPath(value).with_suffix(clean.suffix).name
        return self._keep(name, Content(clean.media_type, clean.content), path)

    def _recognized(self, file: Path, wanted: str, path: KeyPath) -> Recognized | None:
        try:
            recognized = recognize(file)
        except NotRecognized:
            recognized = Recognized("application/octet-stream")
        fits = {
            "audio": recognized.is_audio,
            "slides_file": recognized.media_type == "application/pdf",
        }.get(wanted, recognized.is_video)
        if fits:
            return recognized
        sentence = {
            "audio": _("This is no sound file that browsers play (MP3, M4A, Ogg or WebM)."),
            "slides_file": _("This is no PDF."),
        }.get(wanted, _("This is no video that browsers play (MP4 or WebM), or it is cut off."))
        self.report(ProblemKind.MEDIA_TYPE, path, sentence)
        return None

    def _reference(self, value: str, media_type: str, file: Path, path: KeyPath) -> Any:
        return self._keep(PurePosixPath(value).name, Content(media_type, file), path)

    def _keep(self, name: str, content: Content, path: KeyPath) -> Any:
        if not _FILE_NAME.match(name):
            sentence = _("Name this file with Latin letters, digits, dots, hyphens and underscores alone.")
            self.report(ProblemKind.NOT_ALLOWED_VALUE, path, sentence)
            return BROKEN
        with content.open() as stream:
            sha256 = sha256_of(stream)
            length = stream.tell()
        if self._names.setdefault(name, sha256) != sha256:
            sentence = _(
                "Two different files are called “%(name)s”. Rename one: folders do not tell them apart."
            )
            self.report(ProblemKind.DUPLICATE_KEY, path, sentence % {"name": name})
            return BROKEN
        self.contents[sha256] = content
        return d.MediaRef(sha256=sha256, media_type=content.media_type, length=length, name=name)

    def _cues(self, captions: d.MediaRef, seconds: Any, path: KeyPath) -> Any:
        source = self.contents[captions.sha256].source
        content = source if isinstance(source, bytes) else _bounded(source, MAX_TEXT_BYTES)
        if len(content) > MAX_TEXT_BYTES:
            self.report(ProblemKind.TOO_LARGE, path, _("The captions are larger than 2 MB."))
            return BROKEN
        try:
            read = read_captions(content.decode("utf-8"))
        except UnicodeDecodeError:
            self.report(ProblemKind.CAPTIONS_UNREADABLE, path, _("The captions are not UTF-8 text."))
            return BROKEN
        except CaptionsRefused as refused:
            sentence = _("“%(name)s”, line %(line)s: %(reason)s.")
            words = {"name": captions.name, "line": refused.line, "reason": refused.reason}
            self.report(ProblemKind.CAPTIONS_UNREADABLE, path, sentence % words)
            return BROKEN
        if isinstance(seconds, int) and read[-1].starts_at > seconds + TOLERANCE_SECONDS:
            sentence = _("The captions go on after the recording's %(seconds)s seconds.")
            self.report(ProblemKind.LENGTH_DIFFERS, path, sentence % {"seconds": seconds})
        return tuple(d.Cue(starts_at=cue.starts_at, ends_at=cue.ends_at, text=cue.text) for cue in read)

    def _compare_length(self, parts: dict[str, Any], path: KeyPath) -> None:
        said = parts.get("seconds")
        for name in ("video", "low_bitrate", "audio"):
            reference = parts.get(name)
            if not isinstance(reference, d.MediaRef) or not isinstance(said, int):
                continue
            source = self.contents[reference.sha256].source
            found = recognize(source).seconds if isinstance(source, Path) else None
            if found is not None and abs(found - said) > TOLERANCE_SECONDS:
                sentence = _("The file lasts %(found)s seconds; “seconds” says %(said)s.")
                words = {"found": round(found), "said": said}
                self.report(ProblemKind.LENGTH_DIFFERS, (*path, name), sentence % words)

    def _path(self, value: Any, path: KeyPath) -> Path | None:
        if not isinstance(value, str):
            self.report(
                ProblemKind.WRONG_TYPE, path, _("A file is named in quotes, relative to the package.")
            )
            return None
        try:
            return self.folder.path_of(value)
        except FileRefused as refused:
            self._told(refused.problem, path)
            return None

    def _told(self, problem: Problem, path: KeyPath) -> Any:
        """Tell at the key what is wrong with the file it names, unless the folder has told already."""
        if problem not in self.folder.problems:
            self.report(problem.kind, path, problem.sentence)
        return BROKEN


def _bounded(file: Path, limit: int) -> bytes:
    """Read a file, or just so much of it that whoever judges it sees that it is too large."""
    with file.open("rb") as stream:
        return stream.read(limit + 1)


def _picture_sentence(refused: PictureRefused, name: str) -> str:
    sentences = {
        Refusal.TYPE: _("“%(name)s” is no picture that is taken: PNG, JPEG, WebP or GIF. SVG is refused."),
        Refusal.UNREADABLE: _("The picture “%(name)s” is broken and cannot be decoded."),
        Refusal.BOMB: _(
            "The picture “%(name)s” is larger than 32 MB or 40 million pixels. It was not decoded."
        ),
    }
    return sentences[refused.refusal] % {"name": name}
