"""Write a document as a package that reads into the same document.

The same document always gives the same files, so that a package under version control changes only where its
activity does.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, BinaryIO, get_args, get_origin
from uuid import UUID

from opencme.activities import document as d
from opencme.activities.document import ActivityDocument
from opencme.activities.series_document import SeriesDocument
from opencme.providers.record import ProviderRecord

from .read import ACTIVITY_FILE, IN_ITEMS_FILE, ITEMS_FILE, PROVIDER_FILE, SERIES_FILE
from .shape import fields_of, without_none
from .texts import normal_text
from .toml import Row, toml_of

OpenMedia = Callable[[d.MediaRef], BinaryIO]

LONG_TEXT = 300
FOLDERS = {"captions": "captions", "file": "pictures"}
ROWS = (d.Option, d.Choice, d.Objective, d.Position, d.Chapter, d.Share, d.Link, d.Picture)


class FolderNotEmpty(Exception):
    """The folder to write into holds something already."""


class NameTakenTwice(Exception):
    """Two different files of the document have one name, so they cannot lie in one package."""


def write_package(
    *,
    made: ActivityDocument | SeriesDocument,
    provider: ProviderRecord,
    folder: Path,
    open_media: OpenMedia,
) -> None:
    """Write the folder whole or not at all. Raises ``FolderNotEmpty`` and ``NameTakenTwice``."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderNotEmpty(str(folder))
    pages = _Pages()
    texts = {**_main_files(made, pages), PROVIDER_FILE: toml_of(_Pages().table(provider, ()))}
    texts |= pages.texts
    media = _by_name(pages.media)
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    try:
        _fill(partial, texts, media, open_media)
        partial.chmod(0o755)
        if folder.exists():
            folder.rmdir()
        partial.rename(folder)
    except BaseException:
        shutil.rmtree(partial)
        raise


def _fill(folder: Path, texts: dict[str, str], media: dict[str, d.MediaRef], open_media: OpenMedia) -> None:
    for name, text in texts.items():
        _path(folder, name).write_text(text, encoding="utf-8", newline="\n")
    for name, reference in media.items():
        with open_media(reference) as source, _path(folder, name).open("wb") as target:
            shutil.copyfileobj(source, target)


def _path(folder: Path, name: str) -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    return path


def _main_files(made: ActivityDocument | SeriesDocument, pages: _Pages) -> dict[str, str]:
    table = pages.table(made, ())
    if isinstance(made, SeriesDocument):
        return {SERIES_FILE: toml_of(table)}
    items = {name: table.pop(name) for name in IN_ITEMS_FILE if name in table}
    files = {ACTIVITY_FILE: toml_of({"schema": made.schema, **table})}
    if items:
        files[ITEMS_FILE] = toml_of(items)
    return files


def _by_name(media: list[tuple[str, d.MediaRef]]) -> dict[str, d.MediaRef]:
    names: dict[str, str] = {}
    for _path, reference in media:
        if names.setdefault(reference.name, reference.sha256) != reference.sha256:
            raise NameTakenTwice(reference.name)
    return dict(media)


class _Pages:
    """Turns values into tables, and collects the texts and files that lie beside them."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.media: list[tuple[str, d.MediaRef]] = []

    def table(self, value: Any, path: tuple[str, ...]) -> dict[str, Any]:
        """Return the fields that differ from their defaults, in the order of the format."""
        kind: type = type(value)
        table = Row() if isinstance(value, ROWS) else {}
        for field in fields_of(kind):
            part = getattr(value, field.name)
            if field.required or part != field.default:
                table[field.name] = self._plain(without_none(field.takes), part, (*path, field.name))
        return table

    def _plain(self, takes: Any, value: Any, path: tuple[str, ...]) -> Any:
        if isinstance(value, d.MediaRef):
            return self._file(value, path)
        if takes == d.Markdown:
            return self._text(value, path)
        if get_origin(takes) is tuple:
            inner = get_args(takes)[0]
            return [
                self._plain(inner, part, (*path, getattr(part, "key", str(number))))
                for number, part in enumerate(value, start=1)
            ]
        if hasattr(value, "__dataclass_fields__"):
            return self.table(value, path)
        if isinstance(value, StrEnum):
            return value.value
        return str(value) if isinstance(value, UUID) else value

    def _file(self, reference: d.MediaRef, path: tuple[str, ...]) -> str:
        name = f"{FOLDERS.get(path[-1], 'media')}/{reference.name}"
        self.media.append((name, reference))
        return name

    def _text(self, text: str, path: tuple[str, ...]) -> Any:
        stays = path[0] in IN_ITEMS_FILE or ("\n" not in text and len(text) <= LONG_TEXT)
        if stays or normal_text(text) != text:
            return text
        name = f"text/{'.'.join(path)}.md"
        self.texts[name] = text + "\n"
        return Row(file=name)
