"""Jobs that leave lines in a file."""

import os
import time
from datetime import timedelta
from pathlib import Path

from opencme.core.jobs import MAIL_QUEUE, Unavailable, job


def notes():
    return Path(os.environ["WORKER_APP_NOTES"]).read_text().splitlines()


def note(line):
    """Append a line in one write, so that processes do not mix theirs."""
    with Path(os.environ["WORKER_APP_NOTES"]).open("a") as file:
        file.write(f"{line}\n")
        file.flush()


@job()
def write(word, *, at):
    note(word)


@job(pauses=(timedelta(seconds=1), timedelta(minutes=1)))
def fail(word, *, at):
    note(word)
    raise ValueError(f"{word} for ana@example.org")


@job(pauses=(timedelta(0),) * 3)
def linger(word, seconds, *, at):
    """Takes its time at the first attempt only."""
    is_first = f"{word} begins" not in notes()
    note(f"{word} begins")
    if is_first:
        time.sleep(seconds)
    note(f"{word} ends")


@job(unique=True)
def only_one(word, *, at):
    note(f"{word} begins")
    time.sleep(0.05)
    note(f"{word} ends")


@job(queue=MAIL_QUEUE)
def needs_another_server(word, *, at):
    note(word)
    raise Unavailable("nobody answers")
