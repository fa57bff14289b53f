"""Signals: at once where nothing is at stake, at the next safe point where something is."""

import pathlib
import signal
import subprocess
import sys

import pytest

from wgangp_tf.errors import Interrupted
from wgangp_tf.stopping import Stop


def test_outside_a_deferred_stretch_a_signal_raises():
    with Stop(), pytest.raises(Interrupted) as caught:
        signal.raise_signal(signal.SIGTERM)
    assert caught.value.signal_number == signal.SIGTERM


def test_inside_it_waits_for_a_safe_point():
    with Stop() as stop:
        with stop.deferred():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGTERM)  # a second one changes nothing
        assert stop.requested == signal.SIGINT
        with pytest.raises(Interrupted):
            stop.check()


def test_no_handler_of_ordinary_errors_catches_it():
    assert not issubclass(Interrupted, Exception)


def test_the_handlers_from_before_come_back():
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with Stop():
        assert signal.getsignal(signal.SIGINT) != before[0]
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_a_stop_during_the_imports_ends_without_a_traceback():
    code = """
import runpy, signal, sys

class Hook:
    def find_spec(self, name, *_):
        if name == "wgangp_tf":
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Hook())
runpy.run_path("main.py", run_name="__main__")
"""
    root = pathlib.Path(__file__).resolve().parents[1]
    result = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (-signal.SIGINT, "")
