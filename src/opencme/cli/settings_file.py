"""Settings in a file, in the form that systemd reads as an EnvironmentFile.

So a person gives a command the very settings that the server has.
"""

from __future__ import annotations

from pathlib import Path

SETTINGS_FILE = "opencme.settings_file"
"""Where a command finds the path of the file in the context of its call."""


class SettingsFileRefused(Exception):
    """The file cannot be read, or a line of it makes no sense."""


def read_settings_file(path: Path) -> dict[str, str]:
    """Return the settings in the file. Raises `SettingsFileRefused`."""
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or error
        message = f"{path} cannot be read ({said}). Run this as root, or as the account that serves."
        raise SettingsFileRefused(message) from error
    found = {}
    for number, line in enumerate(map(str.strip, text.splitlines()), start=1):
        if not line or line[0] in "#;":
            continue
        name, separator, value = line.partition("=")
        if not separator or not name.strip().isidentifier():
            message = f"Line {number} of {path} is no setting. Write NAME=value, or begin it with #."
            raise SettingsFileRefused(message)
        found[name.strip()] = _without_quotes(value.strip())
    return found


def _without_quotes(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value
