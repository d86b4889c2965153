"""Safe access to a folder that somebody else wrote.

No name leaves the folder, no symbolic link is followed, nothing but plain files is opened, and
sizes are looked at before anything is read.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

from opencme.interchange.package.problems import Problem, ProblemKind

MEGABYTE = 1024 * 1024
MAX_TEXT_BYTES = 2 * MEGABYTE
MAX_MEDIA_BYTES = 4096 * MEGABYTE
MAX_FILES = 5000
MAX_DEPTH = 20

# What version control and desktops leave behind; never part of a package.
IGNORED_NAMES = frozenset({".git", ".gitignore", ".gitattributes", ".DS_Store", "Thumbs.db"})


class FileRefused(Exception):
    """A file of the package cannot be taken; the problem says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.sentence)
        self.problem = problem


def open_folder(root: Path) -> PackageFolder:
    """Look over the folder without opening any file in it; ``FileRefused`` when it is no folder."""
    if root.is_symlink() or not root.is_dir():
        kind = ProblemKind.NOT_A_PACKAGE
        sentence = _("There is no folder here. A package is a folder with an activity.toml or a series.toml.")
        raise FileRefused(Problem(kind, root.name or str(root), sentence))
    return PackageFolder(root)


class PackageFolder:
    """The folder as a set of plain files by relative name, and what was wrong while looking."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self.names: set[str] = set()
        self.used: set[str] = set()
        self._walk(root)

    def has(self, name: str) -> bool:
        """Tell whether a plain file of this name is in the folder."""
        return name in self.names

    def text(self, name: str) -> str:
        """Read a text file; ``FileRefused`` when it is missing, too large or not UTF-8."""
        path = self.path_of(name)
        if path.stat().st_size > MAX_TEXT_BYTES:
            sentence = _("This text file is larger than %(limit)s MB. It was not read.")
            limit = {"limit": MAX_TEXT_BYTES // MEGABYTE}
            raise FileRefused(Problem(ProblemKind.TOO_LARGE, name, sentence % limit))
        try:
            return path.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            sentence = _("This file is not UTF-8 text (byte %(byte)s). Save it as UTF-8.")
            problem = Problem(ProblemKind.NOT_UTF8, name, sentence % {"byte": error.start})
            raise FileRefused(problem) from error

    def path_of(self, name: str) -> Path:
        """Return the path of a file that may be opened, and remember that it is used.

        Raises ``FileRefused`` for a name that leaves the folder, a link, a missing or an oversized file.
        """
        self._refuse_outside(name)
        if name not in self.names:
            raise FileRefused(self._missing(name))
        path = self.root / name
        if path.stat().st_size > MAX_MEDIA_BYTES:
            sentence = _("This file is larger than %(limit)s MB.") % {"limit": MAX_MEDIA_BYTES // MEGABYTE}
            raise FileRefused(Problem(ProblemKind.TOO_LARGE, name, sentence))
        self.used.add(name)
        return path

    def unused(self) -> list[str]:
        """Return the files that nothing in the package names."""
        return sorted(self.names - self.used)

    def _refuse_outside(self, name: str) -> None:
        pure = PurePosixPath(name)
        leaves = pure.is_absolute() or ".." in pure.parts or "\\" in name or "\0" in name or ":" in name
        if leaves or not name.strip():
            sentence = _("“%(name)s” is not inside the package. Files are named relative to the folder.")
            raise FileRefused(Problem(ProblemKind.OUTSIDE_FOLDER, name, sentence % {"name": name}))
        if str(pure) != name:
            sentence = _("Write this file name as “%(plain)s”.") % {"plain": pure}
            raise FileRefused(Problem(ProblemKind.OUTSIDE_FOLDER, name, sentence))

    def _missing(self, name: str) -> Problem:
        if any(problem.file == name for problem in self.problems):
            return next(problem for problem in self.problems if problem.file == name)
        same = [known for known in self.names if known.lower() == name.lower()]
        if same:
            sentence = _("There is no file “%(name)s”; the folder has “%(same)s”. Capitals count.")
            return Problem(ProblemKind.MISSING_FILE, name, sentence % {"name": name, "same": same[0]})
        sentence = _("There is no file “%(name)s” in the package.") % {"name": name}
        return Problem(ProblemKind.MISSING_FILE, name, sentence)

    def _walk(self, folder: Path, depth: int = 0) -> None:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            self._tell(ProblemKind.NOT_A_FILE, folder, _("This folder cannot be read."))
            return
        for entry in entries:
            if entry.name not in IGNORED_NAMES:
                self._look_at(entry, depth)

    def _look_at(self, entry: os.DirEntry[str], depth: int) -> None:
        path = Path(entry.path)
        mode = entry.stat(follow_symlinks=False).st_mode
        if stat.S_ISLNK(mode):
            sentence = _("This is a symbolic link. Put the file itself into the package.")
            self._tell(ProblemKind.SYMBOLIC_LINK, path, sentence)
        elif stat.S_ISDIR(mode) and depth < MAX_DEPTH:
            self._walk(path, depth + 1)
        elif stat.S_ISDIR(mode):
            sentence = _("Folders lie more than %(limit)s deep here.") % {"limit": MAX_DEPTH}
            self._tell(ProblemKind.TOO_LARGE, path, sentence)
        elif not stat.S_ISREG(mode) or not os.access(path, os.R_OK):
            self._tell(ProblemKind.NOT_A_FILE, path, _("This is no file that can be read."))
        else:
            self._count(path)

    def _count(self, path: Path) -> None:
        if not _is_unicode(path.name):
            self._tell(ProblemKind.NOT_UTF8, path, _("The name of this file is not UTF-8."))
        elif len(self.names) < MAX_FILES:
            self.names.add(path.relative_to(self.root).as_posix())
        elif not any(problem.kind is ProblemKind.TOO_LARGE for problem in self.problems):
            sentence = _("The package has more than %(limit)s files.") % {"limit": MAX_FILES}
            self._tell(ProblemKind.TOO_LARGE, path, sentence)

    def _tell(self, kind: ProblemKind, path: Path, sentence: str) -> None:
        name = path.relative_to(self.root).as_posix()
        shown = name.encode("utf-8", "replace").decode()
        self.problems.append(Problem(kind, shown, sentence))


def _is_unicode(name: str) -> bool:
    return all(not 0xD800 <= ord(sign) <= 0xDFFF for sign in name)
