"""The TOML files of a package: parsed within limits, with the place of every key kept."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from .folder import FileRefused, PackageFolder
from .lines import KeyPath, line_near, lines_of
from .problems import Problem, ProblemKind

Table = dict[str, Any]

_AT_LINE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")


@dataclass(slots=True)
class TomlFile:
    """One parsed file: its table, and where each key stands."""

    name: str
    table: Table = field(default_factory=dict)
    lines: dict[KeyPath, int] = field(default_factory=dict)

    def problem(self, kind: ProblemKind, path: KeyPath, sentence: str) -> Problem:
        """Return a problem at a key of this file."""
        line = line_near(self.lines, path)
        return Problem(kind, self.name, sentence, key=written(path), line=line)


def read_toml(folder: PackageFolder, name: str) -> TomlFile:
    """Parse one file; ``FileRefused`` with the line when it is no TOML."""
    text = folder.text(name).removeprefix("\ufeff")  # some editors of Windows begin a file with it
    try:
        table = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise FileRefused(_not_toml(name, text, str(error))) from error
    return TomlFile(name, table, lines_of(text))


def written(path: KeyPath) -> str:
    """Return a key path as people write it: ``units[0].post_test.items``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def _not_toml(name: str, text: str, message: str) -> Problem:
    place = _AT_LINE.search(message)
    line = int(place[1]) if place and place[1] else (text.count("\n") + 1 if place else None)
    reason = _AT_LINE.sub("", message)
    sentence = _("This is not TOML: %(reason)s.") % {"reason": reason[:1].lower() + reason[1:]}
    return Problem(ProblemKind.NOT_TOML, name, sentence, line=line)
