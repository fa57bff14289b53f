"""Runs that are killed at chosen moments, continued, and compared with one that was not killed.

    python kill_and_continue.py "after_log:3 in_export:1" --flags …

Each run is a child process of its own, which dies by SIGKILL when its moment comes for the given time: no handler, no
`finally`, no flush. At `full_disk` it meets a limit on the size of files instead. Prints a line a difference, and how
many runs were compared.
"""

import os
import resource
import signal
import sys

import tensorflow as tf

from benchmarks.run_differences import differences
from wgangp_tf import cli, files
from wgangp_tf.samples import drawing
from wgangp_tf.serving import export
from wgangp_tf.training import checkpoints, observers

# moment → (owner, function, whether before its call)
_MOMENTS = {
    "after_log": (observers.Log, "see", False),
    "in_picture": (drawing, "png", True),
    "in_replace": (files.os, "replace", True),  # of a file that was written beside
    "before_rename": (checkpoints.os, "rename", True),
    "after_checkpoint": (observers.Saves, "see", False),
    "in_export": (export, "_swap", True),
    "after_export": (export, "_swap", False),
}


def _kill():
    os.kill(os.getpid(), signal.SIGKILL)


def _arm(moment, number):
    """Kills this process at the number-th time of a moment."""
    if moment == "data_without_index":
        _kill_between_data_and_index()
        return
    if moment == "full_disk":
        _fill_disk_after_checkpoint()
        return
    owner, name, before = _MOMENTS[moment]
    original = getattr(owner, name)
    calls = []

    def hooked(*args, **keywords):
        calls.append(name)
        if before and len(calls) == number:
            _kill()
        result = original(*args, **keywords)
        if len(calls) == number:
            _kill()
        return result

    setattr(owner, name, hooked)


def _kill_between_data_and_index():
    def digest(file, algorithm):
        os.unlink(os.path.join(os.path.dirname(file.name), "weights.index"))
        _kill()

    checkpoints.hashlib.file_digest = digest


def _fill_disk_after_checkpoint():
    """From the first checkpoint on no file can grow past a few bytes, as on a disk without space."""
    save = observers.Saves.see

    def hooked(*args):
        save(*args)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    observers.Saves.see = hooked


def _set_up(flags):
    """Two logical processors where a run is to be mirrored; only after a fork, as it starts threads."""
    if "--strategy=mirrored" in flags:
        processor = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)


def _killed_child(moment, number, flags):
    """Starts a run that dies; returns its process id."""
    child = os.fork()  # TensorFlow is imported, but has no threads yet
    if child == 0:
        _arm(moment, int(number))
        _set_up(flags)
        status = cli.main(["main.py", *flags, f"--run_dir=runs/{moment}"])
        os._exit(status)
    return child


def main(moments, flags):
    moments = dict(moment.split(":") for moment in moments.split())
    children = {moment: _killed_child(moment, number, flags) for moment, number in moments.items()}
    for moment, child in children.items():
        _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) != (2 if moment == "full_disk" else -signal.SIGKILL):
            sys.exit(f"the run to be killed at {moment} ended with {status}")
    _set_up(flags)
    for name in ["whole", *moments]:
        status = cli.main(["main.py", *flags, f"--run_dir=runs/{name}"])
        if status != 0:
            sys.exit(f"run {name} ended with {status}")
    for name in moments:
        exports = ("saved_models/whole", f"saved_models/{name}")
        for line in differences("runs/whole", f"runs/{name}", exports):
            print("differs:", name, line)
    print("compared", len(moments))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
