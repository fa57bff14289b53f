"""Memory that this process has, had at most, and can still take. Imports no library: those there are looked at."""

import pathlib
import sys

_STATUS = "/proc/self/status"
_MACHINE = "/proc/meminfo"
_OWN_GROUPS, _GROUPS = "/proc/self/cgroup", "/sys/fs/cgroup"
# files of a control group, in its second version and in its first: limit, usage; what of that the kernel can give back
_V2 = "memory.max", "memory.current", "inactive_file"
_V1 = "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"


def now():
    """Bytes of this process that are in memory; None where the system does not say (it is no Linux)."""
    return _of_status("VmRSS")


def peak():
    """Bytes of this process that were in memory at most; None where the system does not say.

    Not `getrusage`, which begins with what the process had that started this one.
    """
    return _of_status("VmHWM")


def available():
    """Bytes that this process can still take: of what the machine has, and of what its control groups allow.

    Swap does not count. None where the system does not say.
    """
    found = _of(_MACHINE, "MemAvailable")
    return min([*([] if found is None else [found]), *_left_in_groups()], default=None)


def _left_in_groups():
    """Bytes that each control group with a limit of its own leaves, of this process' group and those around it."""
    try:
        lines = pathlib.Path(_OWN_GROUPS).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = (line.split(":", 2) + ["", ""])[:3]
        if controllers and "memory" not in controllers.split(","):
            continue
        root = pathlib.Path(_GROUPS, "memory") if controllers else pathlib.Path(_GROUPS)
        of = root / path.lstrip("/")
        # in a container the path may be the host's, and the group itself lie at the root
        for group in {of, *(parent for parent in of.parents if parent.is_relative_to(root)), root}:
            left = _left_in(group, *(_V1 if controllers else _V2))
            if left is not None:
                yield left


def _left_in(group, limit, usage, given_back):
    try:
        most, used = (int((group / name).read_text()) for name in (limit, usage))  # "max" is no number
        counts = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):
        return None
    return max(0, most - used + int(counts.get(given_back, 0)))


def device_peak():
    """Bytes that were taken of the first GPU at most; None where there is none."""
    if "tensorflow" in sys.modules:
        config = sys.modules["tensorflow"].config
        if config.list_physical_devices("GPU"):
            return config.experimental.get_memory_info("GPU:0")["peak"]
    if "torch" in sys.modules and sys.modules["torch"].cuda.is_available():
        return sys.modules["torch"].cuda.max_memory_allocated()
    return None


def in_words(bytes_):
    """An amount for people: "850 MB", "1.44 GB"."""
    return f"{bytes_ / 1e9:.2f} GB" if bytes_ >= 1e9 else f"{bytes_ / 1e6:.0f} MB"


def _of_status(name):
    return _of(_STATUS, name)


def _of(path, name):
    """Bytes that a line of a file of /proc tells, "name: so many kB"; None where there is none."""
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            lines = dict(line.split(":", 1) for line in file if ":" in line)
    except OSError:
        return None
    return 1024 * int(lines[name].split()[0]) if name in lines else None
