"""`--local_workers`: a training of several processes on this machine, each of them this program again."""

import contextlib
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

from wgangp_tf.console import say

_PATIENCE = 60.0  # seconds that the others have to end by themselves where one of them failed
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_GRACE = 20.0  # and after a signal to end


def run(count, stop):
    """Starts the processes of a cluster on this machine's loopback, and waits for their end.

    Args:
      count: int, how many.
      stop: `stopping.Stop` in force.

    Returns:
      int, the exit status: 0 where all ended with it, else that of the first that did not.
    """
    addresses = [f"127.0.0.1:{port}" for port in _free_ports(count)]
    with stop.deferred():
        processes = [_started(addresses, number) for number in range(count)]
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


def _started(addresses, number):
    """A process of the cluster; what another than the chief says comes through a pipe."""
    told = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": number}}
    environment = os.environ | {"TF_CONFIG": json.dumps(told)}
    words = sys.argv if not sys.argv[0].endswith("__main__.py") else ["-m", "wgangp_tf", *sys.argv[1:]]
    out = {} if number == 0 else {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    # in a group of its own: a terminal's Ctrl-C would meet each of them, and twice by way of us
    words = [sys.executable, *words]
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
                    say(f"worker {number}: {text}")

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
