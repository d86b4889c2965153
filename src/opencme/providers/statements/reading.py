"""Reads the TOML files beside this module into frozen values."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import TypeVar

from pydantic import TypeAdapter

Row = TypeVar("Row")


def read_table(file: str, table: str, kind: type[Row]) -> tuple[Row, ...]:
    """The rows of one table of a file.

    Raises `pydantic.ValidationError` where a row is not as its kind asks.
    """
    text = resources.files("opencme.providers.statements").joinpath(file).read_text("utf-8")
    return tuple(TypeAdapter(list[kind]).validate_python(tomllib.loads(text)[table]))  # type: ignore[valid-type]
