"""Read a package: either a whole document, or every problem at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from opencme.activities.document import ActivityDocument
from opencme.activities.series_document import SeriesDocument
from opencme.providers.record import ProviderRecord

from .crossings import check_crossings, check_series
from .folder import FileRefused, PackageFolder, open_folder
from .lines import KeyPath
from .media import Content, FileFields
from .problems import PackageRefused, Problem, ProblemKind
from .shape import BROKEN, Shaper, fields_of
from .source import Table, TomlFile, read_toml, written

ACTIVITY_FILE = "activity.toml"
SERIES_FILE = "series.toml"
PROVIDER_FILE = "provider.toml"
ITEMS_FILE = "items.toml"
IN_ITEMS_FILE = ("vignettes", "items")
BESIDE = frozenset({"README", "LICENSE", "CHANGELOG", "NOTICE"})

Place = tuple[str, int | None]


@dataclass(frozen=True)
class Package:
    """What a folder holds: an activity or a series, its provider, and the files by hash."""

    provider: ProviderRecord
    made: ActivityDocument | SeriesDocument
    main_file: str
    contents: dict[str, Content] = field(default_factory=dict)
    notes: tuple[Problem, ...] = ()
    places: dict[str, Place] = field(default_factory=dict)

    def place_of(self, path: str) -> Place:
        """Return file and line of a key path (``units[0].post_test``), or of the nearest table around it."""
        while path:
            if path in self.places:
                return self.places[path]
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.main_file, None


def read_package(root: Path) -> Package:
    """Read the folder. Raises ``PackageRefused`` with every problem, in the order of files and lines."""
    try:
        folder = open_folder(root)
    except FileRefused as refused:
        raise PackageRefused((refused.problem,)) from refused
    return _Reading(folder).package()


class _Reading:
    def __init__(self, folder: PackageFolder) -> None:
        self.folder = folder
        self.problems: list[Problem] = list(folder.problems)
        self.files: dict[str, TomlFile] = {}
        self.unparsed: set[str] = set()
        self.contents: dict[str, Content] = {}
        self.main_file = SERIES_FILE if folder.has(SERIES_FILE) else ACTIVITY_FILE

    def package(self) -> Package:
        provider = self._provider()
        made = self._series() if self.main_file == SERIES_FILE else self._activity()
        if made is not None and not made.title:
            self._report(ProblemKind.NOT_ALLOWED_VALUE, ("title",), _("The title is empty."))
        if made is not None and provider is not None:
            self._compare_provider(made.provider, provider.key)
        self.problems += self._unused()
        if made is None or provider is None or any(one.stops_import for one in self.problems):
            self._refuse()
        return Package(
            provider=provider,
            made=made,
            main_file=self.main_file,
            contents=self.contents,
            notes=_in_order(self.problems),
            places=self._places(),
        )

    def _refuse(self) -> NoReturn:
        raise PackageRefused(_in_order(self.problems))

    def _provider(self) -> ProviderRecord | None:
        file = self._toml(PROVIDER_FILE)
        if file is None:
            return None
        made: Any = Shaper(self._report_provider, {}).table(ProviderRecord, file.table, ())
        return None if made is BROKEN else made

    def _series(self) -> SeriesDocument | None:
        file = self._toml(SERIES_FILE)
        if file is None:
            return None
        check_series(file.table, self._report)
        series: SeriesDocument | None = self._shaped(SeriesDocument, file.table)
        return series

    def _activity(self) -> ActivityDocument | None:
        activity = self._toml(ACTIVITY_FILE)
        items = self._toml(ITEMS_FILE) if self.folder.has(ITEMS_FILE) else TomlFile(ITEMS_FILE)
        if items is not None:
            self._keep_apart(items, lambda key: key in IN_ITEMS_FILE, ACTIVITY_FILE)
        if activity is not None:
            self._keep_apart(activity, lambda key: key not in IN_ITEMS_FILE, ITEMS_FILE)
        if activity is None:
            self._shape_items(items)
            return None
        table = {**activity.table, **(items.table if items else {})}
        if items is not None:
            check_crossings(table, self._report)
        document: ActivityDocument | None = self._shaped(ActivityDocument, table)
        return document if items else None

    def _shape_items(self, items: TomlFile | None) -> None:
        """Tell what is wrong with the items where the rest could not be parsed."""
        shaper = self._shaper()
        for one in fields_of(ActivityDocument):
            if items and one.name in items.table:
                shaper.build(one.takes, items.table[one.name], (one.name,))

    def _shaped(self, kind: type, table: Table) -> Any:
        made = self._shaper().table(kind, table, ())
        return None if made is BROKEN else made

    def _shaper(self) -> Shaper:
        shaper = Shaper(self._report, {})
        fields = FileFields(self.folder, self._report)
        self.contents = fields.contents
        shaper.special = fields.special(shaper)
        return shaper

    def _toml(self, name: str) -> TomlFile | None:
        try:
            self.files[name] = read_toml(self.folder, name)
        except FileRefused as refused:
            self.problems.append(refused.problem)
            self.unparsed.add(name)
            return None
        return self.files[name]

    def _keep_apart(self, file: TomlFile, belongs: Callable[[str], bool], other: str) -> None:
        """Vignettes and items stand in a file of their own, everything else in the main one."""
        for key in [key for key in file.table if not belongs(key)]:
            sentence = _("“%(key)s” belongs to %(other)s.") % {"key": key, "other": other}
            self.problems.append(file.problem(ProblemKind.UNKNOWN_KEY, (key,), sentence))
            del file.table[key]

    def _compare_provider(self, said: str, key: str) -> None:
        if said != key:
            sentence = _("“provider” says “%(said)s”; the key in provider.toml is “%(key)s”.")
            words = {"said": said, "key": key}
            self._report(ProblemKind.UNKNOWN_REFERENCE, ("provider",), sentence % words)

    def _report(self, kind: ProblemKind, path: KeyPath, sentence: str) -> None:
        name = ITEMS_FILE if path and path[0] in IN_ITEMS_FILE else self.main_file
        file = self.files.get(name) or TomlFile(name)
        self.problems.append(file.problem(kind, path, sentence))

    def _report_provider(self, kind: ProblemKind, path: KeyPath, sentence: str) -> None:
        self.problems.append(self.files[PROVIDER_FILE].problem(kind, path, sentence))

    def _unused(self) -> list[Problem]:
        """Tell files that nothing names, unless what would name them could not be parsed."""
        if self.unparsed & {self.main_file, ITEMS_FILE}:
            return []
        sentence = _("Nothing in the package names this file. It is not taken in.")
        return [
            Problem(ProblemKind.UNUSED_FILE, name, sentence)
            for name in self.folder.unused()
            if PurePosixPath(name).stem not in BESIDE
        ]

    def _places(self) -> dict[str, Place]:
        places: dict[str, Place] = {}
        for name, file in self.files.items():
            before: KeyPath = ("provider",) if name == PROVIDER_FILE else ()
            for path, line in file.lines.items():
                places.setdefault(written((*before, *path)), (name, line))
        return places


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems once each, by file and line."""
    return tuple(
        sorted(dict.fromkeys(problems), key=lambda one: (one.file, one.line or 0, one.key, one.code))
    )
