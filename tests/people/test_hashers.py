"""Passwords are hashed in threads of their own, also after a fork."""

import os
import threading

from opencme.people import hashers
from opencme.people.hashers import Argon2idHasher


def test_a_password_is_hashed_and_known_again():
    hasher = Argon2idHasher()
    encoded = hasher.encode("correct-horse-battery", "some-salt-of-16-chars")
    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert hasher.verify("correct-horse-battery", encoded)
    assert not hasher.verify("correct-horse-batter", encoded)


def test_it_is_done_by_few_threads():
    Argon2idHasher().encode("correct-horse-battery", "some-salt-of-16-chars")
    names = [thread.name for thread in threading.enumerate() if thread.name.startswith("opencme-hashing")]
    assert 1 <= len(names) <= (os.cpu_count() or 1)


def test_a_process_that_was_forked_has_threads_of_its_own():
    Argon2idHasher().encode("correct-horse-battery", "some-salt-of-16-chars")
    before = hashers._threads
    hashers._begin()  # as the fork does
    assert hashers._threads is not before
    assert Argon2idHasher().encode("correct-horse-battery", "some-salt-of-16-chars")
