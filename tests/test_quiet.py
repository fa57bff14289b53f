"""TensorFlow's greetings are kept from the user, its errors are not. A stand-in for it says what the real one would."""

import os
import pathlib
import subprocess
import sys

import pytest

_ROOT = pathlib.Path(__file__).resolve().parents[1]
_GREETS = """
import logging, os
os.write(2, b"a greeting\\n")
get_logger = logging.getLogger
"""
_IMPORTS = """
import os
from wgangp_tf import quiet
quiet.import_tensorflow()
opened = os.open(os.devnull, os.O_WRONLY)
os.write(2, b"and later\\n")
print(opened != 2)
"""


@pytest.fixture
def run(tmp_path):
    def run(stand_in, redirection="", before=""):
        (tmp_path / "tensorflow.py").write_text(stand_in)
        return subprocess.run(
            ["sh", "-c", f'exec "$0" -c "$1" {redirection}', sys.executable, f"import sys; {before}{_IMPORTS}"],
            env=os.environ | {"PYTHONPATH": f"{tmp_path}:{_ROOT}", "PYTHONUNBUFFERED": ""},
            capture_output=True,
            text=True,
        )

    return run


def test_a_greeting_is_not_shown(run):
    done = run(_GREETS)
    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "and later\n")


def test_what_it_says_before_it_fails_is(run):
    done = run(_GREETS + "raise ImportError('no library')")
    assert done.returncode == 1
    assert done.stderr.startswith("a greeting\n") and "no library" in done.stderr


@pytest.mark.parametrize("redirection", ["2>&-", "2>&- <&-"])
def test_without_a_standard_error_its_words_go_into_no_file(run, redirection):
    done = run(_GREETS, redirection)
    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")


def test_a_standard_error_on_a_full_disk_is_no_reason_to_stop(run):
    done = run(_GREETS + "import sys; print('imported')", "2>/dev/full", before="sys.stderr.write('in the buffer')")
    assert done.stdout == "imported\n"


_SAYS_ONEDNN = _GREETS + "print(os.environ['TF_ENABLE_ONEDNN_OPTS'])"


@pytest.mark.parametrize("chosen, used", [(None, "1"), ("0", "0")])
def test_onednn_is_on_unless_it_was_turned_off(run, monkeypatch, chosen, used):
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
    if chosen is not None:
        monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", chosen)
    assert run(_SAYS_ONEDNN).stdout == f"{used}\nTrue\n"


_STOPPED = """
import builtins, signal
signal.raise_signal(signal.SIGTERM)
builtins.said.wait(60)
"""
_STOP = """
import builtins, threading
from wgangp_tf import stopping
builtins.said = threading.Event()
stop = stopping.Stop(lambda line: (stopping._say(line), builtins.said.set())).__enter__()
"""


def test_who_stops_it_is_answered_at_once(run):
    deferred = _STOP + "waits = stop.deferred('the imports are awaited'); waits.__enter__()"
    done = run(_GREETS + _STOPPED + "os._exit(0)", before=deferred)  # at once: while it is imported
    assert done.stderr == "stopping (SIGTERM): the imports are awaited\n"
    done = run(_GREETS + _STOPPED, before=deferred)
    assert done.stderr == "stopping (SIGTERM): the imports are awaited\nand later\n"
    done = run(_GREETS + _STOPPED, before=_STOP)
    assert "a greeting" not in done.stderr and done.stderr.endswith("Interrupted\n")


def test_with_a_standard_error_that_was_closed_it_is_imported(run):
    done = run(_GREETS, before="sys.stderr.close(); ")
    assert (done.returncode, done.stdout) == (0, "True\n")
