"""Renderings that a process keeps under all that they depend on, so that none can be stale."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from django.utils.safestring import SafeString
from django.utils.translation import get_language

_MOST = 2_000


class Renderings:
    """The renderings of one part of a page. When there are too many it begins anew.

    The language is part of every key. Nothing that depends on a date, a person or a setting may
    be rendered unless it is in the key too.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[Hashable, ...], SafeString] = {}

    def kept(
        self, key: tuple[Hashable, ...], render: Callable[[], SafeString], *, language: str | None = None
    ) -> SafeString:
        """The rendering under `key`, made where it is not there yet.

        `language` is the one at hand: who asks for many looks it up once, it costs more than the rest.
        """
        place = (language or get_language(), *key)
        found = self._known.get(place)
        if found is None:
            found = render()
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[place] = found
        return found
