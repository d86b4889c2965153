"""Logs for machines: one JSON object a line, with the request it belongs to and without personal data.

What a person typed reaches a log by way of messages: an address in a path, a value in the text of an
error. So a path is replaced by the name of its page, e-mail and network addresses are blotted out,
and the text of an error is kept only where its kind speaks of the program rather than of its input.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import MutableMapping
from typing import Any, Final

import structlog
from django.core.exceptions import ImproperlyConfigured
from django.db.utils import DatabaseError, DataError
from django.template import TemplateDoesNotExist, TemplateSyntaxError

from opencme.config.current_request import current_request
from opencme.core.blotting import without_mail_addresses

Event = MutableMapping[str, Any]

FIELDS: Final = ("view", "method", "status", "ms", "database_ms", "queries")
"""What a record may carry beside its message; anything else stays out."""

_ABOUT_THE_PROGRAM: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    DatabaseError,
    ImportError,
    ImproperlyConfigured,
    LookupError,
    MemoryError,
    NameError,
    OSError,
    RuntimeError,
    TemplateDoesNotExist,
    TemplateSyntaxError,
    TypeError,
)
_ABOUT_ITS_INPUT: Final = (DataError,)

_IP_ADDRESS: Final = re.compile(
    r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])|(?<![\w:])(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}(?![\w:])"
    r"|(?<![\w:])[0-9a-fA-F:]*::[0-9a-fA-F:.]*"
)


def json_formatter() -> logging.Formatter:
    """The formatter of the handler, named in the settings."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.ExtraAdder(allow=FIELDS),
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
        ],
        processors=[
            _name_the_request,
            _leave_out_paths,
            _tell_the_error,
            _blot_out,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )


def _name_the_request(_logger: object, _method: str, event: Event) -> Event:
    request = current_request()
    if request is not None:
        event["request_id"] = request.id
        event.setdefault("view", request.view)
    return event


def _leave_out_paths(_logger: object, _method: str, event: Event) -> Event:
    """Django names the path of a request that failed; it may hold a code or a name."""
    record: logging.LogRecord = event["_record"]
    request = getattr(record, "request", None)
    if request is not None:
        event["event"] = str(event["event"]).replace(request.path, event.get("view") or "an address")
    return event


def _tell_the_error(_logger: object, _method: str, event: Event) -> Event:
    told = event.pop("exc_info", None) or event["_record"].exc_info
    if isinstance(told, tuple) and told[1] is not None:
        event["error"] = list(_errors(told[1]))
    return event


def _errors(error: BaseException | None) -> Any:
    """Each error with where it was raised, the cause of it next; bounded, for a chain may run in circles."""
    for _ in range(5):
        if error is None:
            return
        frames = traceback.extract_tb(error.__traceback__)
        yield {
            "type": type(error).__qualname__,
            "text": text_of(error),
            "trace": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
        }
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def text_of(error: BaseException) -> str:
    """What an error says, where that is about the program: its first line, since details follow after it."""
    ours = type(error).__module__.startswith("opencme.")
    about_the_program = isinstance(error, _ABOUT_THE_PROGRAM) and not isinstance(error, _ABOUT_ITS_INPUT)
    if not ours and not about_the_program:
        return "(left out)"
    lines = str(error).strip().splitlines()
    return without_addresses(lines[0]) if lines else ""


def _blot_out(_logger: object, _method: str, event: Event) -> Event:
    first_line, *_ = str(event["event"]).splitlines() or [""]  # a trace follows, with what was typed
    event["event"] = without_addresses(first_line)
    return event


def without_addresses(text: str) -> str:
    """The text with e-mail and network addresses blotted out."""
    return _IP_ADDRESS.sub("[ip]", without_mail_addresses(text))
