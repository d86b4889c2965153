"""Whose the data folder is: what one account writes there, most of all root, another could not open."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import click
from django.conf import settings


def other_account() -> str:
    """Why this account may not write into the data folder, and who may; empty where it may."""
    folder = Path(settings.OPENCME_DATA_DIR)
    if not folder.is_dir() or folder.stat().st_uid == os.geteuid():
        return ""
    return f"{folder} belongs to {owner_of(folder)}. Run this as that account (`sudo -u`)."


def refuse_other_account() -> None:
    """End the command before it writes what the account that serves could not open."""
    if words := other_account():
        raise click.ClickException(f"{words} Nothing was changed.")


def owner_of(path: Path) -> str:
    """The name of the account that a file or folder belongs to; its number where it has no name here."""
    owner = path.stat().st_uid
    try:
        return pwd.getpwuid(owner).pw_name
    except KeyError:
        return str(owner)
