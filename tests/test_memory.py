import platform
import subprocess
import sys

import pytest

# A tokenizer as large as a real one is read as the server does it, and as the library does it.
READS = {
    "server": "asyncio.run(Counter(file).load())",
    "library": "asyncio.run(asyncio.to_thread(Tokenizer.from_file, str(file)))",
}
CODE = """
import asyncio, sys
from pathlib import Path
from tokenizers import Tokenizer
from arriero.model.tokens import Counter

def memory():
    return int(Path("/proc/self/status").read_text().partition("VmRSS:")[2].split()[0])

file, before = Path(sys.argv[1]), memory()
kept = {read}
print(memory() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="others give back by themselves")
def test_what_reading_a_tokenizer_takes_for_a_while_is_given_back(tmp_path):
    from benchmarks.overhead.setting import tokenizer_file

    file = tokenizer_file(tmp_path)
    taken = {}
    for who, read in READS.items():
        code = CODE.replace("{read}", read)
        ran = subprocess.run(
            [sys.executable, "-c", code, file], check=True, capture_output=True, text=True
        )
        taken[who] = int(ran.stdout)
    assert taken["server"] < 0.8 * taken["library"]


# Objects that hold themselves, each let go of when many more were made: how many are left?
CYCLES = """
import gc
from collections import deque
from arriero import memory
from arriero.cli import serve

class Held:
    alive = most = 0
    def __init__(self):
        self.itself = self
        Held.alive += 1
        Held.most = max(Held.alive, Held.most)
    def __del__(self):
        Held.alive -= 1

memory.begin()
serve._server()
recent = deque(maxlen=10_000)
for _ in range(300_000):
    recent.append(Held())
print(Held.most)
"""


def test_garbage_is_found_soon():
    ran = subprocess.run([sys.executable, "-c", CYCLES], check=True, capture_output=True, text=True)
    assert int(ran.stdout) < 200_000


# Blocks of many sizes that are freed while a small one stands behind each: what stays in the heap?
LARGE = """
from pathlib import Path
from arriero import memory

def resident():
    return int(Path("/proc/self/status").read_text().partition("VmRSS:")[2].split()[0])

{settle}
b"x" * 16_000_000
before, behind = resident(), []
for size in range(2_000_000, 12_000_000, 1_000_000):
    large = b"x" * size
    behind.append(b"x" * 100_000)
    del large
print(resident() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="others give back by themselves")
def test_what_was_large_goes_back_whole():
    left = {}
    for settle in ("memory.settle()", ""):
        code = LARGE.replace("{settle}", settle)
        ran = subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        )
        left[settle] = int(ran.stdout)
    assert left["memory.settle()"] < 3_000 < left[""]
