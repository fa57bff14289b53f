"""Memory of a process: what it has, and what it had at most."""

import subprocess
import sys

import pytest

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


@pytest.fixture
def system(monkeypatch, tmp_path):
    """Writes files in the place of the system's: system(meminfo, cgroup, {path of a group: {file: value}})."""

    def write(meminfo=None, cgroup=None, groups=()):
        for name, text in (("_MACHINE", meminfo), ("_OWN_GROUPS", cgroup)):
            path = tmp_path / name
            if text is not None:
                path.write_text(text)
            monkeypatch.setattr(memory, name, str(path))
        monkeypatch.setattr(memory, "_GROUPS", str(tmp_path / "groups"))
        for group, values in dict(groups).items():
            directory = tmp_path / "groups" / group
            directory.mkdir(parents=True, exist_ok=True)
            for name, value in values.items():
                (directory / name).write_text(f"{value}\n")

    return write


_MEMINFO = "MemTotal:       24684096 kB\nMemAvailable:   1000 kB\n"


def v2(limit, usage, inactive=0):
    return {"memory.max": limit, "memory.current": usage, "memory.stat": f"anon 7\ninactive_file {inactive}"}


def test_what_the_machine_has_left(system):
    system()
    assert memory.available() is None
    system(_MEMINFO)
    assert memory.available() == 1_024_000
    system(_MEMINFO, "0::/a/b\n", {"": {"memory.stat": "anon 7"}, "a/b": v2("max", 5)})
    assert memory.available() == 1_024_000


@pytest.mark.parametrize(
    "cgroup, groups, left",
    [
        ("0::/a/b\n", {"a/b": v2(900_000, 300_000)}, 600_000),
        ("0::/a/b\n", {"a/b": v2(900_000, 300_000, inactive=50_000)}, 650_000),
        ("0::/a/b\n", {"a": v2(700_000, 300_000), "a/b": v2("max", 200_000)}, 400_000),  # the group around it
        ("0::/of/the/host\n", {"": v2(800_000, 300_000)}, 500_000),  # a container sees its own as the root
        ("0::/a\n", {"a": v2(100_000, 300_000)}, 0),
        ("0::/a\n", {"a": v2(9_000_000, 300_000)}, 1_024_000),  # it allows more than there is
        (
            "5:cpu:/c\n4:memory:/a\n0::/\n",
            {
                "memory/a": {
                    "memory.limit_in_bytes": 900_000,
                    "memory.usage_in_bytes": 400_000,
                    "memory.stat": "inactive_file 1\ntotal_inactive_file 70000",
                }
            },
            570_000,
        ),
    ],
)
def test_what_the_control_groups_leave(system, cgroup, groups, left):
    system(_MEMINFO, cgroup, groups)
    assert memory.available() == left


def test_what_this_machine_has_left():
    import os

    here = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert not sys.platform.startswith("linux") or 0 < memory.available() < here


def test_amounts_in_words():
    assert [memory.in_words(amount) for amount in (8.5e8, 1.44e9)] == ["850 MB", "1.44 GB"]
