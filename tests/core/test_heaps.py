"""How many heaps the threads of a process have."""

import platform
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="other libraries have no such heaps"
)

# Threads that all live at once and each ask for memory; then the library tells of its heaps, as XML.
PROGRAM = """
import ctypes, sys, threading
from opencme.core.heaps import use_few_heaps

if sys.argv[1] == "few":
    use_few_heaps()
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p
all_here = threading.Barrier(12)

def ask():
    all_here.wait()
    libc.malloc(ctypes.c_size_t(5000))
    all_here.wait()

threads = [threading.Thread(target=ask) for _ in range(12)]
for one in threads:
    one.start()
for one in threads:
    one.join()
told = ctypes.c_void_p(libc.fopen(sys.argv[2].encode(), b"w"))
libc.malloc_info(0, told)
libc.fclose(told)
"""


def heaps(tmp_path, how, **environment):
    told = tmp_path / f"{how}.xml"
    subprocess.run(
        [sys.executable, "-c", PROGRAM, how, told],
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)} | environment,
    )
    return told.read_text().count("<heap nr=")


def test_threads_share_two_heaps(tmp_path):
    assert heaps(tmp_path, "as-the-library-likes") > 2
    assert heaps(tmp_path, "few") == 2


def test_whoever_sets_the_library_by_itself_is_heeded(tmp_path):
    assert heaps(tmp_path, "few", MALLOC_ARENA_MAX="3") == 3
