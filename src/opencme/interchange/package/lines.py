"""Where in a TOML file a key stands.

``tomllib`` forgets lines. This scan runs after it, over a file that is known to parse, and knows
headers, keys and strings and arrays over several lines. Keys inside an inline table answer with the
line of the value around them.
"""

from __future__ import annotations

import re
from collections import Counter

KeyPath = tuple[str | int, ...]

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_DOTTED = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"^\s*(\[\[?)\s*({_DOTTED})\s*\]\]?")
_KEY = re.compile(rf"^\s*({_DOTTED})\s*=")
_TOKEN = re.compile(r"""(\"\"\"|''')|("(?:\\.|[^"\\\n])*"|'[^'\n]*')|(\#[^\n]*)|([\[{])|([\]}])""")


def lines_of(text: str) -> dict[KeyPath, int]:
    """Return the line (from 1) of each table and key of a TOML text."""
    scan = _Scan()
    for number, line in enumerate(text.splitlines(), start=1):
        scan.read(number, line)
    return scan.found


def line_near(lines: dict[KeyPath, int], path: KeyPath) -> int | None:
    """Return the line of the key, or of the closest table around it."""
    for end in range(len(path), 0, -1):
        if path[:end] in lines:
            return lines[path[:end]]
    return None


class _Scan:
    def __init__(self) -> None:
        self.found: dict[KeyPath, int] = {}
        self._counts: Counter[KeyPath] = Counter()
        self._table: KeyPath = ()
        self._quotes = ""
        self._depth = 0
        self._array: KeyPath = ()

    def read(self, number: int, line: str) -> None:
        if not self._quotes and not self._depth:
            line = self._begin(number, line)
        elif self._depth == 1 and line.lstrip().startswith("{"):
            self._count_element(number)
        self._follow(line)

    def _begin(self, number: int, line: str) -> str:
        self._array = ()
        if header := _HEADER.match(line):
            self._enter(number, _parts(header[2]), repeated=header[1] == "[[")
            return ""
        if key := _KEY.match(line):
            path = self._table + _parts(key[1])
            self.found.setdefault(path, number)
            self._array = path
            return line[key.end() :]
        return ""

    def _enter(self, number: int, parts: tuple[str, ...], *, repeated: bool) -> None:
        path: KeyPath = ()
        for part in parts:
            path += (part,)
            if self._counts[path] and (path != self._full(parts) or not repeated):
                path += (self._counts[path] - 1,)
        if repeated:
            self.found.setdefault(path, number)
            self._counts[path] += 1
            path += (self._counts[path] - 1,)
        self.found[path] = number
        self._table = path

    def _full(self, parts: tuple[str, ...]) -> KeyPath:
        path: KeyPath = ()
        for part in parts[:-1]:
            path += (part,)
            if self._counts[path]:
                path += (self._counts[path] - 1,)
        return (*path, parts[-1])

    def _count_element(self, number: int) -> None:
        index = self._counts[self._array]
        self._counts[self._array] += 1
        self.found[(*self._array, index)] = number

    def _follow(self, line: str) -> None:
        """Keep track of open strings, arrays and inline tables to the end of the line."""
        position = 0
        while position < len(line):
            if self._quotes:
                end = _end_of_string(line, position, self._quotes)
                if end < 0:
                    return
                self._quotes, position = "", end
                continue
            token = _TOKEN.search(line, position)
            if token is None:
                return
            self._quotes = token[1] or ""
            self._depth += (1 if token[4] else 0) - (1 if token[5] else 0)
            position = token.end()


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(_PART, dotted))


def _end_of_string(line: str, position: int, quotes: str) -> int:
    while (end := line.find(quotes, position)) >= 0:
        escaped = quotes == '"""' and (len(line[:end]) - len(line[:end].rstrip("\\"))) % 2
        if not escaped:
            return end + len(quotes)
        position = end + 1
    return -1
