"""Memory that this process has, and had at most. Imports no library: it looks at those that are there."""

import sys

_STATUS = "/proc/self/status"


def now():
    """Bytes of this process that are in memory; None where the system does not say (it is no Linux)."""
    return _of_status("VmRSS")


def peak():
    """Bytes of this process that were in memory at most; None where the system does not say.

    Not `getrusage`, which begins with what the process had that started this one.
    """
    return _of_status("VmHWM")


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
    try:
        with open(_STATUS, encoding="ascii", errors="replace") as file:
            lines = dict(line.split(":", 1) for line in file if ":" in line)
    except OSError:
        return None
    return 1024 * int(lines[name].split()[0]) if name in lines else None
