"""What is left to the machine: precision, XLA, threads, steps in a call; each with its reason.

The first three are told by tables, as they change the numbers of a training, and no timing may; how many steps a call
has does not, and so follows from what they take, see `stretches`.
"""

import contextlib
import os
import pathlib

SECONDS = 0.2  # of a call: what a signal may have to wait, and how often the bar moves


def precision(asked):
    """What the networks compute in.

    Args:
      asked: a name of `config.PRECISIONS`.

    Returns:
      (name, reason): the precision, and in words why; the reason is "" where it was asked for by name.
    """
    if asked != "auto":
        return asked, ""
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        details = tf.config.experimental.get_device_details
        least = min(details(gpu).get("compute_capability", (0, 0)) for gpu in gpus)
        of = f"GPUs of compute capability {least[0]}.{least[1]}"
        if least >= (8, 0):
            return "mixed_bfloat16", of
        return ("mixed_float16" if least >= (7, 0) else "float32"), of
    found = {"amx_bf16", "avx512_bf16"} & _processor_flags()
    if found:
        return "mixed_bfloat16", f"a processor with {max(found)}"
    return "float32", "a processor without instructions for bfloat16"


def _processor_flags():
    with contextlib.suppress(OSError):
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("flags"):
                return set(line.split())
    return set()


def xla(asked, several=False):
    """Whether XLA compiles a step.

    Args:
      asked: "on", "off" or "auto".
      several: whether several replicas or processes train together.

    Returns:
      (bool, reason): the reason is "" where it was asked for by name.
    """
    if asked != "auto":
        return asked == "on", ""
    if several:
        return False, "XLA off, which cannot reach the variables of another device"
    import tensorflow as tf

    if tf.config.list_physical_devices("GPU"):
        return True, "XLA on, as there is a GPU"
    return False, "XLA off, which gains little on processors for a longer start"


def cores():
    """How many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def threads(narrow, several=False, jit_compile=False):
    """On how many threads each operation of a step runs.

    Args:
      narrow: whether the networks are, see `networks.registry.narrow`.
      several: whether several replicas or processes train together.
      jit_compile: whether XLA compiles the step, which then is one operation.

    Returns:
      (int or None, reason): None for TensorFlow's own way, all cores for each. The reason is "" there.
    """
    asked = os.environ.get("TF_NUM_INTRAOP_THREADS") or os.environ.get("TF_NUM_INTEROP_THREADS")
    # on more cores than two nobody measured it
    if not narrow or several or jit_compile or asked or cores() != 2:
        return None, ""
    import tensorflow as tf

    if tf.config.list_physical_devices("GPU"):
        return None, ""
    return 1, "one thread for each operation and two at a time, as those of narrow networks gain little from a second"


def steps_in_a_call(asked, several=False):
    """How many steps one call may have.

    Args:
      asked: int, or None for what the machine allows.
      several: whether several replicas or processes train together.

    Returns:
      (int or None, reason): the most; None for as many as a short while holds, see `stretches`. The reason is "" where
      a number was asked for.
    """
    if asked is not None:
        return asked, ""
    if several:
        return 1, "one step in a call, as a loop of them cannot merge the updates of replicas"
    return None, f"as many steps in a call as {SECONDS} s hold, so that none waits for the host"


def in_words(*reasons):
    """A line for people of what was chosen; "" where nothing was left to the machine."""
    told = [reason for reason in reasons if reason]
    return f"chosen for this machine: {'; '.join(told)}" if told else ""
