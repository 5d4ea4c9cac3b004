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
