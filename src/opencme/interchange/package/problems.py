"""What may be wrong with a package as files: each kind has a code that never changes its meaning."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

FORMAT = "docs/package-format.md"


class ProblemKind(StrEnum):
    """The codes; ``docs/package-format.md`` explains each and a test compares the two."""

    NOT_A_PACKAGE = "PKG001"
    MISSING_FILE = "PKG002"
    NOT_TOML = "PKG003"
    TOO_LARGE = "PKG004"
    NOT_UTF8 = "PKG005"
    UNKNOWN_KEY = "PKG010"
    WRONG_TYPE = "PKG011"
    MISSING_KEY = "PKG012"
    NOT_A_CHOICE = "PKG013"
    NOT_ALLOWED_VALUE = "PKG014"
    OUTSIDE_FOLDER = "PKG020"
    SYMBOLIC_LINK = "PKG021"
    NOT_A_FILE = "PKG022"
    UNUSED_FILE = "PKG023"
    PICTURE_UNREADABLE = "PKG030"
    PICTURE_TYPE = "PKG031"
    PICTURE_BOMB = "PKG032"
    MEDIA_TYPE = "PKG033"
    CAPTIONS_UNREADABLE = "PKG034"
    LENGTH_DIFFERS = "PKG035"
    UNSAFE_TEXT = "PKG040"
    DUPLICATE_KEY = "PKG050"
    ITEM_WITHOUT_KEY = "PKG051"
    UNKNOWN_REFERENCE = "PKG052"
    PROVIDER_UNKNOWN = "PKG060"
    PROVIDER_DIFFERS = "PKG061"
    STANDING_FIXED = "PKG062"
    NOT_OURS = "PKG063"


# Problems that are told and do not stop an import.
NOTES = frozenset({ProblemKind.UNUSED_FILE, ProblemKind.PROVIDER_DIFFERS})


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a package, where it is, and what to do, in a plain sentence."""

    kind: ProblemKind
    file: str
    sentence: str
    key: str = ""
    line: int | None = None
    source: str = FORMAT

    @property
    def code(self) -> str:
        """Return the code that a person can look up."""
        return self.kind.value

    @property
    def stops_import(self) -> bool:
        """Tell whether a package with this problem is refused whole."""
        return self.kind not in NOTES

    @property
    def place(self) -> str:
        """Return file, line and key as one word to click or search for."""
        file_and_line = f"{self.file}:{self.line}" if self.line else self.file
        return f"{file_and_line} {self.key}".strip()


class PackageRefused(Exception):
    """The package has problems; nothing of it was taken in."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems
