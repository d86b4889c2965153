"""How passwords are kept: argon2id at 19 MiB, two passes, one lane.

The default of the library costs 190 ms and 100 MiB for each log-in, which one
busy morning turns into an outage. These are the parameters OWASP recommends as
its minimum (Password Storage Cheat Sheet, argon2id m=19456, t=2, p=1).
"""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2idHasher(Argon2PasswordHasher):
    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
