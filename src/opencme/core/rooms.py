"""How many requests a process works on at once, how many wait, and the threads that takes.

A request that waits holds a thread. There are enough for all that may work or wait, and some to say
"come again" when every place is taken.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RoomSize:
    """So many requests are worked on at once, so many wait for it."""

    seats: int
    places: int


@dataclass(frozen=True, slots=True)
class Rooms:
    """The rooms of one process."""

    work: RoomSize
    passwords: RoomSize
    """Hashed slowly on purpose: however many sign in at once, others are served meanwhile."""
    media: RoomSize
    probes: RoomSize
    senders: int = 64
    """Requests whose body is still coming, before they ask for a seat."""
    spare_threads: int = 8
    """To turn requests away, and for styles and scripts, when all places are taken."""

    @property
    def threads(self) -> int:
        """Threads for all who send, wait or work."""
        waiting = self.work.places + self.passwords.places + self.media.places + self.probes.places
        return self.senders + waiting + self.connections + self.spare_threads

    @property
    def connections(self) -> int:
        """Connections to the database: one for each seat."""
        return self.work.seats + self.passwords.seats + self.media.seats + self.probes.seats


def rooms_for(work_at_once: int) -> Rooms:
    """The rooms of a process that works on so many requests at once."""
    return Rooms(
        work=RoomSize(seats=work_at_once, places=256),
        passwords=RoomSize(seats=max(1, work_at_once // 2), places=100),
        media=RoomSize(seats=4, places=4),
        probes=RoomSize(seats=1, places=1),
    )
