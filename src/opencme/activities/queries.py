"""Reads of activities."""

from __future__ import annotations

import threading
from collections import OrderedDict

from .document import ActivityDocument, read_document, stripped
from .models import Revision

_KEPT = 256


class _ParsedDocuments:
    """The documents that this process has parsed, by digest; the least used one goes first.

    A document never changes, so nothing here can be stale.
    """

    def __init__(self) -> None:
        self._documents: OrderedDict[str, tuple[ActivityDocument, ActivityDocument]] = OrderedDict()
        self._lock = threading.Lock()

    def both(self, revision: Revision) -> tuple[ActivityDocument, ActivityDocument]:
        """Return the document and its stripped view; `canonical` is read on the first call alone."""
        with self._lock:
            found = self._documents.get(revision.sha256)
            if found is not None:
                self._documents.move_to_end(revision.sha256)
                return found
        document = read_document(revision.canonical)
        found = (document, stripped(document))
        with self._lock:
            self._documents[revision.sha256] = found
            while len(self._documents) > _KEPT:
                self._documents.popitem(last=False)
        return found


_parsed = _ParsedDocuments()


def document_of(revision: Revision) -> ActivityDocument:
    """The document of a revision, parsed once in this process.

    `revision` may come without its `canonical` text, which is fetched only when it is needed.
    """
    return _parsed.both(revision)[0]


def stripped_document_of(revision: Revision) -> ActivityDocument:
    """The document without keys and rationales, for every page before a submit."""
    return _parsed.both(revision)[1]
