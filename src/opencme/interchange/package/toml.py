"""Tables as TOML, always the same text for the same tables, laid out for people to edit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

WIDTH = 100

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
_ESCAPED = re.compile(r'[\x00-\x1f\x7f"\\]')
_ESCAPED_IN_LINES = re.compile(r'[\x00-\x08\x0b-\x1f\x7f\\]|"(?="")|"\Z')


class Row(dict[str, Any]):
    """A table written on one line, inside its list or beside its key."""


def toml_of(table: Mapping[str, Any]) -> str:
    """Return the text of a table: its own keys first, then the tables in it, in their order."""
    return "\n".join(_lines(table, ())).strip("\n") + "\n"


def _lines(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterable[str]:
    below = [(name, value) for name, value in table.items() if _has_header(value)]
    for name, value in table.items():
        if not _has_header(value):
            yield f"{name} = {_value(value)}"
    for name, value in below:
        here = (*path, name)
        if isinstance(value, list):
            for part in value:
                yield ""
                yield f"[[{'.'.join(here)}]]"
                yield from _lines(part, here)
        else:
            yield ""
            yield f"[{'.'.join(here)}]"
            yield from _lines(value, here)


def _has_header(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and _has_header(value[0])
    return isinstance(value, dict) and not isinstance(value, Row)


def _value(value: Any) -> str:
    if isinstance(value, list):
        return _list(value)
    if isinstance(value, str) and "\n" in value:
        return _text_in_lines(value)
    return _on_one_line(value)


def _list(values: list[Any]) -> str:
    parts = [_on_one_line(value) for value in values]
    flat = f"[{', '.join(parts)}]"
    if len(flat) <= WIDTH and not any(isinstance(value, Row) for value in values):
        return flat
    return "[\n" + "".join(f"  {part},\n" for part in parts) + "]"


def _on_one_line(value: Any) -> str:
    if isinstance(value, Row):
        inside = ", ".join(f"{name} = {_on_one_line(part)}" for name, part in value.items())
        return f"{{ {inside} }}"
    if isinstance(value, list):
        return f"[{', '.join(_on_one_line(part) for part in value)}]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return _amount(value)
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, date):
        return value.isoformat()
    return f'"{_ESCAPED.sub(_escape, str(value))}"'


def _amount(value: Decimal) -> str:
    plain = str(value)
    return plain if re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?", plain) else f'"{plain}"'


def _text_in_lines(text: str) -> str:
    return f'"""\n{_ESCAPED_IN_LINES.sub(_escape, text)}"""'


def _escape(found: re.Match[str]) -> str:
    sign = found[0]
    return _ESCAPES.get(sign, f"\\u{ord(sign):04x}")
