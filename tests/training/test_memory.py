"""Memory of a process: what it has, and what it had at most."""

import subprocess
import sys

from wgangp_tf.training import memory

_PROGRAM = """
from wgangp_tf.training import memory
before = memory.peak()
large = b"1" * 300_000_000
during = memory.now()
del large
print(before, during, memory.now(), memory.peak(), memory.device_peak())
"""


def test_the_peak_stays_and_is_the_process_own():
    large = bytearray(200_000_000)  # of this process, not of the one it starts
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True)
    del large
    before, during, after, peak, device = map(eval, done.stdout.split())
    assert before < 100e6 and device is None
    # Linux counts in batches of pages, which may be some MB apart
    assert 290e6 < during - before < 310e6 and during - 10e6 < peak < during + 10e6
    assert after < before + 10e6


def test_where_the_system_does_not_say(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "_STATUS", tmp_path / "none")
    assert (memory.now(), memory.peak()) == (None, None)
    monkeypatch.setattr(memory, "_STATUS", tmp_path / "other")
    (tmp_path / "other").write_text("Name:\tx\nVmRSS:\t 2 kB\n")
    assert (memory.now(), memory.peak()) == (2048, None)


def test_amounts_in_words():
    assert [memory.in_words(amount) for amount in (8.5e8, 1.44e9)] == ["850 MB", "1.44 GB"]
