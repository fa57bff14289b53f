"""Signals: at once where nothing is at stake, at the next safe point where something is."""

import os
import pathlib
import queue
import signal
import subprocess
import sys
import threading

import pytest

from wgangp_tf import cli, stopping
from wgangp_tf.commands import list as list_command
from wgangp_tf.errors import Interrupted
from wgangp_tf.stopping import Stop

_ROOT = pathlib.Path(__file__).resolve().parents[1]
_STATUS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGUSR1: 138}
every_signal = pytest.mark.parametrize("number", _STATUS, ids=lambda number: number.name)


@every_signal
def test_outside_a_deferred_stretch_a_signal_raises(number):
    with Stop(), pytest.raises(Interrupted) as caught:
        signal.raise_signal(number)
    assert caught.value.signal_number == number


@every_signal
def test_inside_it_waits_for_a_safe_point(number):
    said = queue.Queue()
    with Stop(said.put) as stop:
        with stop.deferred("the step is saved first"):
            signal.raise_signal(number)
            signal.raise_signal(signal.SIGTERM)  # a second one changes nothing
            assert said.get(timeout=60) == f"stopping ({number.name}): the step is saved first"
        assert stop.requested == number
        with pytest.raises(Interrupted) as caught:
            stop.check()
    assert caught.value.signal_number == number
    assert said.empty()


@every_signal
def test_a_command_ends_with_its_status(monkeypatch, capfd, number):
    monkeypatch.setattr(list_command, "run", lambda given, stop: signal.raise_signal(number))
    assert cli.main(["main.py", "list"]) == _STATUS[number]
    assert capfd.readouterr().err == "stopped\n"


def test_deferred_stretches_may_contain_others():
    with Stop(lambda line: None) as stop:
        with stop.deferred("outer"):
            with stop.deferred("inner"):
                assert stop.doing == "inner"
            assert stop.doing == "outer"
            signal.raise_signal(signal.SIGTERM)
        assert stop.requested == signal.SIGTERM


def test_no_handler_of_ordinary_errors_catches_it():
    assert not issubclass(Interrupted, Exception)


def test_everything_from_before_comes_back():
    before = [signal.getsignal(number) for number in _STATUS]
    source, sink = os.pipe()
    os.set_blocking(sink, False)
    kept = signal.set_wakeup_fd(sink)
    try:
        threads, descriptors = threading.active_count(), len(os.listdir("/proc/self/fd"))
        with Stop():
            assert all(signal.getsignal(number) != old for number, old in zip(_STATUS, before, strict=True))
        assert [signal.getsignal(number) for number in _STATUS] == before
        assert (threading.active_count(), len(os.listdir("/proc/self/fd"))) == (threads, descriptors)
    finally:
        assert signal.set_wakeup_fd(kept) == sink
        os.close(source)
        os.close(sink)


@every_signal
def test_a_signal_that_is_ignored_stays_so(number):
    # SIGHUP under nohup, SIGINT in the background of a script
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with Stop() as stop:
            signal.raise_signal(number)
            assert stop.requested is None
        assert signal.getsignal(number) == signal.SIG_IGN
    finally:
        signal.signal(number, before)


def test_in_another_thread_it_takes_nothing_over():
    seen = []

    def work():
        with Stop() as stop, stop.deferred():
            stop.check()
            seen.append([signal.getsignal(number) for number in _STATUS])

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [[signal.getsignal(number) for number in _STATUS]]


@pytest.fixture
def answers(monkeypatch):
    """answers([(signal, seconds), …]) -> the lines that are said, and the status where the process is left."""

    def exit_(status):
        raise SystemExit(status)

    monkeypatch.setattr(os, "_exit", exit_)

    def run(signals):
        said = []
        stop = Stop(said.append)
        with stop.deferred("saving"):
            for number, now in signals:
                try:
                    stop._answer(number, now)
                except SystemExit as ended:
                    said.append(ended.code)
        return said

    return run


FIRST = "stopping (SIGINT): saving"
SECOND = "still stopping, after 4 s: saving. Ctrl-C once more quits at once, and leaves what was saved before"


def test_an_impatient_user_is_answered_and_in_the_end_obeyed(answers):
    press = signal.SIGINT
    assert answers([(press, 10)]) == [FIRST]
    assert answers([(press, 10), (press, 14)]) == [FIRST, SECOND]
    quit_ = "quit; what was saved before is left"
    assert answers([(press, 10), (press, 14), (press, 15)]) == [FIRST, SECOND, quit_, 130]
    # one press that arrives twice is one
    assert answers([(press, 10), (press, 10.01), (press, 14), (press, 14.2)]) == [FIRST, SECOND]


def test_a_scheduler_may_repeat_itself(answers):
    press, others = (
        signal.SIGINT,
        [(signal.SIGUSR1, 10), (signal.SIGTERM, 11), (signal.SIGTERM, 12), (signal.SIGHUP, 13)],
    )
    first = "stopping (SIGUSR1): saving"
    assert answers(others) == [first]
    assert answers([*others, (press, 14)]) == [first, SECOND]


def test_a_user_is_answered_while_no_python_runs(tmp_path):
    # hashing is one call, as a compilation is: Python's own handlers wait for its end
    code = """
import hashlib
from wgangp_tf import stopping
stopping._ONE_PRESS = 0
with stopping.Stop() as stop, stop.deferred("hashing"):
    print("ready", flush=True)
    hashlib.pbkdf2_hmac("sha256", b"", b"", 2_000_000_000)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=_ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout.readline() == "ready\n"
        for begins in ("stopping (SIGINT): hashing", "still stopping, after ", "quit;"):
            process.send_signal(signal.SIGINT)
            assert process.stderr.readline().startswith(begins)
    assert process.returncode == 130


def test_on_a_terminal_a_line_stands_below_what_the_terminal_shows(terminal):
    with terminal() as shown:
        stopping._say("stopping")
    assert shown() == "\r\nstopping\r\n"


@pytest.mark.parametrize("package", ["absl", "wgangp_tf.cli"])
@pytest.mark.parametrize(
    "start",
    [
        'runpy.run_path("main.py", run_name="__main__")',
        'runpy.run_module("wgangp_tf", run_name="__main__", alter_sys=True)',
        "from wgangp_tf.__main__ import main; sys.exit(main())",  # as the script does that pip makes
    ],
)
def test_a_stop_during_the_imports_ends_without_a_traceback(start, package):
    code = f"""
import runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever started the tests may have it ignored
sys.argv[1:] = ["list"]

class Hook:
    def find_spec(self, name, *_):
        if name == "{package}":
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Hook())
{start}
"""
    result = subprocess.run([sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True, timeout=120)
    early = package == "wgangp_tf.cli"
    assert (result.returncode, result.stderr) == ((-signal.SIGINT, "") if early else (130, "stopped\n"))


@every_signal
@pytest.mark.parametrize("other", [ImportError("no datetime"), ModuleNotFoundError("x", name="x"), OSError("gone")])
def test_what_a_library_makes_of_it_is_a_stop_too(monkeypatch, capfd, number, other):
    # as NumPy does, whose compiled part imports a module
    def run(given, stop):
        try:
            signal.raise_signal(number)
        except Interrupted:
            raise other from None

    monkeypatch.setattr(list_command, "run", run)
    assert cli.main(["main.py", "list"]) == _STATUS[number]
    assert capfd.readouterr().err == "stopped\n"


def test_an_error_while_a_stop_waits_is_told(monkeypatch, capfd):
    def run(given, stop):
        with stop.deferred():
            signal.raise_signal(signal.SIGTERM)
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(list_command, "run", run)
    assert cli.main(["main.py", "list"]) == 2
    assert "error: No space left on device\n" in capfd.readouterr().err


def test_a_script_that_ignores_the_interrupt_is_not_overruled():
    code = """
import runpy, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.argv = ["main.py", "list"]
try:
    runpy.run_path("main.py", run_name="__main__")
finally:
    print(signal.getsignal(signal.SIGINT) == signal.SIG_IGN)
"""
    result = subprocess.run([sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True)
    assert (result.returncode, result.stdout.splitlines()[-1]) == (0, "True")
