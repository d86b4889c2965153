"""A series as a value: what a package says of it, and what its page shows."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from pydantic import ConfigDict

from .choices import Listing
from .document import Key, Line, Markdown


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesDocument:
    """A group of activities with its own page and objectives; it carries no credit.

    `objectives_label` stands above the objectives ("Series objectives"). `activities` are shown in
    this order.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")
    uuid: UUID
    title: Line
    provider: Key
    listing: Listing = Listing.LISTED
    promise: Line = ""
    text: Markdown = ""
    objectives_label: Line = "Series objectives"
    objectives: tuple[Line, ...] = ()
    activities: tuple[UUID, ...] = ()
