"""Threads on one processor, heavy work on any; in a process of their own, which it changes for good."""

import subprocess
import sys

SCRIPT = """
import os
from concurrent.futures import ThreadPoolExecutor
from opencme.core.processors import any_processor, stay_on_one, use_any

mine = lambda: len(os.sched_getaffinity(0))
all_of_them = mine()
with any_processor():
    assert mine() == all_of_them, "before anything was chosen"
stay_on_one()
assert mine() == 1
with ThreadPoolExecutor(1) as threads:
    assert threads.submit(mine).result() == 1, "a thread that began later"
with ThreadPoolExecutor(1, initializer=use_any) as threads:
    assert threads.submit(mine).result() == all_of_them, "a thread that may go anywhere"
try:
    with any_processor():
        assert mine() == all_of_them
        raise KeyError
except KeyError:
    pass
assert mine() == 1, "back after heavy work, however it ended"
print("as it should be")
"""


def test_threads_stay_on_one_processor_and_heavy_work_may_leave_it():
    ran = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert ran.stdout == "as it should be\n", ran.stderr
