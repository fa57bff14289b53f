"""`--local_workers`: a training of several processes on this machine, each of them this program again."""

import contextlib
import ctypes
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time

from wgangp_tf.console import on_terminal, say

_CHECKOUT = pathlib.Path(__file__).resolve().parents[2]  # or the folder that packages are installed in
_PATIENCE = 60.0  # seconds that the others have to end by themselves where one of them failed
_CLEARED = "\r\x1b[K"  # a terminal's line, which the chief's progress bar may stand on
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_GRACE = 20.0  # and after a signal to end


def run(given, stop):
    """Starts the processes of a cluster on this machine's loopback, and waits for their end.

    Args:
      given: {flag: value} of `train`, for each of them; with `local_workers`, how many.
      stop: `stopping.Stop` in force.

    Returns:
      int, the exit status: 0 where all ended with it, else that of the first that did not.
    """
    words = [*_program(), "train", *(_flag(name, value) for name, value in given.items())]
    words += [word for word in sys.argv if word in ("-debug", "--debug")]  # of every command, so not in `given`
    addresses = [f"127.0.0.1:{port}" for port in _free_ports(given["local_workers"])]
    with stop.deferred():
        processes = [_started(words, addresses, number) for number in range(len(addresses))]
        readers = [_pass_on(process, number) for number, process in enumerate(processes) if number]
        try:
            status = _wait(processes, stop)
        finally:
            _end(processes)
            for reader in readers:
                reader.join()
    return status


def _free_ports(count):
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def _program():
    """The words that start this program, also where code of another program called it."""
    path = sys.argv[0]
    if os.path.basename(path) == "wgangp-tf" or os.path.realpath(path) == str(_CHECKOUT / "main.py"):
        return [sys.executable, path]
    return [sys.executable, "-m", "wgangp_tf"]


def _flag(name, value):
    if isinstance(value, bool):
        return f"--{name}" if value else f"--no{name}"
    return f"--{name}={value}"


def _started(words, addresses, number):
    """A process of the cluster; what another than the chief says comes through a pipe."""
    told = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": number}}
    environment = os.environ | {"TF_CONFIG": json.dumps(told)}
    if (_CHECKOUT / "main.py").is_file():
        places = [str(_CHECKOUT), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment["PYTHONPATH"] = os.pathsep.join(places)
    out = {} if number == 0 else {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    # in a group of its own: a terminal's Ctrl-C would meet each of them, and twice by way of us
    return subprocess.Popen(words, env=environment, start_new_session=True, preexec_fn=_end_with_parent, **out)


def _end_with_parent():
    """Asks Linux to end this process where the one that started it is killed."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _pass_on(process, number):
    """A thread that says what a process says, a line at a time, so that no line lands in another."""

    def read():
        with process.stdout as lines:
            for line in lines:
                text = line.decode(errors="replace").rstrip()
                if text:
                    say(f"{_CLEARED if on_terminal() else ''}worker {number}: {text}")

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread


def _wait(processes, stop):
    """The exit status of all; passes a signal on to them."""
    told, deadline, status = None, None, 0
    while None in [process.poll() for process in processes]:  # each: a poll learns of an end
        if stop.requested != told:
            told = stop.requested
            for process in processes:
                _signal(process, told)
        failed = [process.returncode for process in processes if process.returncode]
        if failed and deadline is None:
            deadline, status = time.monotonic() + _PATIENCE, failed[0]
        if deadline is not None and time.monotonic() > deadline:
            break
        time.sleep(0.1)
    failed = [process.returncode for process in processes if process.returncode]
    status = status or (failed[0] if failed else 0)
    return 128 - status if status < 0 else status


def _end(processes):
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + _GRACE
        for process in processes:
            if process.poll() is None:
                _signal(process, number)
        while None in [process.poll() for process in processes] and time.monotonic() < deadline:
            time.sleep(0.1)


def _signal(process, number):
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)
