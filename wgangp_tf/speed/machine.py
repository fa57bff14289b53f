"""What a machine is, in words that hold for another of its kind: no names, no paths."""

import os
import pathlib
import platform

from wgangp_tf.training import chosen

_FACTS = pathlib.Path("/proc/cpuinfo")
# threads of a product; and oneDNN, which TensorFlow leaves off by itself on processors without AVX-512
_TOLD = ("TF_NUM_INTRAOP_THREADS", "TF_ENABLE_ONEDNN_OPTS")


def describe(devices, onednn):
    """What numbers were measured on.

    Args:
      devices: names of GPUs.
      onednn: whether TensorFlow's operations go through that library; None where nobody knows.

    Returns:
      dict that JSON holds: processor, its instructions for half precision, cores, memory in bytes, devices, system;
      `told`, what the environment says to TensorFlow; `load`, how many processes wanted a core in the minute before, on
      average.
    """
    facts = _facts()
    flags = set(facts.get("flags", "").split())
    return {
        "processor": facts.get("model name") or platform.machine(),
        "half_precision": sorted({"amx_bf16", "avx512_bf16"} & flags),
        "vectors": max({"avx2", "avx512f"} & flags, default=""),
        "cores": chosen.cores(),
        "told": {name: os.environ[name] for name in _TOLD if name in os.environ},
        "memory": _memory(),
        "devices": list(devices),
        "onednn": onednn,
        "system": platform.system(),
        "load": os.getloadavg()[0],
    }


def in_words(machine):
    """A line for people."""
    cores = f"{machine['cores']} core{'s' if machine['cores'] != 1 else ''}"
    parts = [f"{machine['processor']}, {cores}"]
    parts += [f"{name}={value}" for name, value in machine["told"].items()]
    parts.append(
        f"with {' and '.join(machine['half_precision'])}" if machine["half_precision"] else "no bfloat16 instructions"
    )
    if machine["onednn"] is not None:
        parts.append(f"oneDNN {'on' if machine['onednn'] else 'off'}")
    if machine["memory"]:
        parts.append(f"{machine['memory'] / 2**30:.0f} GB")
    parts.append(", ".join(machine["devices"]) or "no GPU")
    return "; ".join(parts)


def _facts():
    """What Linux says of the first core."""
    try:
        lines = _FACTS.read_text(encoding="utf-8").partition("\n\n")[0].splitlines()
    except OSError:
        return {}
    return {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _memory():
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return None
