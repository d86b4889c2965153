"""Public identifiers: uuids, and codes that people read aloud.

Hot rows take time-ordered uuids (v7), whose index stays compact; rows where the time must not
show take v4. Codes use Crockford's base 32, which has no I, L, O and U.
"""

from __future__ import annotations

import secrets
import time
import uuid

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0"})
CODE_LENGTH = 12


def uuid7() -> uuid.UUID:
    """A time-ordered uuid (RFC 9562, version 7)."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & ((1 << 48) - 1)) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)


def check_character(code: str) -> str:
    """The check character of `code`: a letter or digit that changes with any single slip.

    The sum weighs each place with an odd factor modulo 32, so that it stays within the alphabet
    itself (Crockford's own check uses five extra signs that no one can say on the phone).
    """
    total = 0
    for place, character in enumerate(code):
        total = (total + ALPHABET.index(character) * (2 * place + 3)) % len(ALPHABET)
    return ALPHABET[total]


def new_code() -> str:
    """Twelve random characters and their check character."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    return code + check_character(code)


def read_code(text: str) -> str:
    """What a person typed as a code: capitals, without dashes and spaces, O read as 0, I and L as 1."""
    kept = "".join(character for character in text.upper() if character.isalnum())
    return kept.translate(_READ_AS)


def is_well_formed(code: str) -> bool:
    """Whether `code` has the length, the alphabet and the check character of a code."""
    if len(code) != CODE_LENGTH + 1 or any(character not in ALPHABET for character in code):
        return False
    return check_character(code[:-1]) == code[-1]


def spaced_code(code: str) -> str:
    """The code in groups of four, as it is printed."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))
