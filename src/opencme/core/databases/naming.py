"""Where a driver's error gets its name, for both databases."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol

from django.db.utils import DatabaseErrorWrapper

from opencme.core.counting import count

from .errors import DatabaseTrouble, StorageFailed, StorageFull


class NamesErrors(Protocol):
    """A connection that knows what is no mistake of the program."""

    errors_occurred: bool

    def name_of(self, error: BaseException) -> type[DatabaseTrouble] | None:
        """The name of a driver's error; None for those that Django names."""


class NamedErrors(DatabaseErrorWrapper):
    """Raises what is no mistake of the program by its name, everything else as Django does."""

    wrapper: NamesErrors

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exc_value is None:
            return
        named = self.wrapper.name_of(exc_value)
        if named is not None:
            self.wrapper.errors_occurred = True
            if issubclass(named, StorageFull | StorageFailed):
                count("storage_refusals")
            raise named(exc_value).with_traceback(traceback) from exc_value
        super().__exit__(exc_type, exc_value, traceback)
