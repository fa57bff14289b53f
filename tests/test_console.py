"""Lines and bars: whole, and never a reason to stop."""

import contextlib
import io
import os
import pathlib
import socket
import subprocess
import sys

import pytest

from tests.test_streams import closed, without_reader
from wgangp_tf import console

_ROOT = pathlib.Path(__file__).resolve().parents[1]


@contextlib.contextmanager
def _datagrams():
    """Standard error as a socket that keeps writes apart; gives a function: bytes of each write so far."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    ours.setblocking(False)

    def read():
        found = []
        while True:
            try:
                found.append(ours.recv(1 << 16))
            except BlockingIOError:
                return found

    stream = os.fdopen(theirs.fileno(), "w", encoding="utf-8", closefd=False)
    with ours, theirs, stream, contextlib.redirect_stderr(stream):
        yield read


def test_a_line_and_its_end_are_one_write_after_what_came_before():
    with _datagrams() as written:
        sys.stderr.write("before ")
        console.say("step 2/8  grüße")
        console.say("two\nlines")
        assert written() == [b"before ", "step 2/8  grüße\n".encode(), b"two\nlines\n"]


def test_a_stream_without_a_descriptor_gets_one_write(monkeypatch):
    class Stream(io.StringIO):
        encoding = "ascii"
        writes = []

        def write(self, text):
            self.writes.append(text)
            return super().write(text)

    monkeypatch.setattr(sys, "stderr", Stream())
    console.say("grüße")
    assert Stream.writes == ["gr\\xfc\\xdfe\n"]


def test_a_line_that_is_not_taken_at_once_arrives_whole(tmp_path, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:3]))
    with open(tmp_path / "errors", "w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        console.say("step 2/8")
    assert (tmp_path / "errors").read_bytes() == b"step 2/8\n"


@pytest.mark.parametrize("text, written", [("grüße", rb"gr\xfc\xdfe"), ("\udcff.png", rb"\udcff.png")])
def test_what_an_encoding_does_not_have_is_escaped(tmp_path, monkeypatch, text, written):
    with open(tmp_path / "errors", "w", encoding="ascii") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        console.say(text)
    assert (tmp_path / "errors").read_bytes() == written + b"\n"


def _full():
    stream = os.fdopen(os.open("/dev/full", os.O_WRONLY), "w")
    stream.write("what a warning left in the buffer")
    return stream


@pytest.mark.parametrize("make", [closed, without_reader, _full, lambda: None], ids=lambda make: make.__name__)
def test_where_nothing_can_be_written_nothing_is_raised(monkeypatch, make):
    stream = make()
    monkeypatch.setattr(sys, "stderr", stream)
    console.say("a line")
    with console.progress("a title", 3) as tick:
        tick()
    assert console.on_terminal() is False
    assert console.finish(0) == 0
    if stream is not None:
        stream.close()  # what was in its buffer is gone


def _status(program, **streams):
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.run([sys.executable, "-c", program], cwd=_ROOT, env=buffered, **streams).returncode


_SAYS = """
import logging, sys
from wgangp_tf.console import finish, say
print("output")
logging.warning("not one of ours")
say("a line")
sys.exit(finish(3))
"""


def test_a_full_disk_under_standard_error_leaves_the_status_alone():
    with open("/dev/full", "w") as full:
        assert _status(_SAYS, stderr=full, stdout=subprocess.DEVNULL) == 3
        assert _status(_SAYS.replace("finish(3)", "finish(0)"), stderr=full, stdout=subprocess.DEVNULL) == 0


def test_output_that_a_full_disk_lost_is_an_error(tmp_path):
    with open("/dev/full", "w") as full, open(tmp_path / "errors", "w") as errors:
        assert _status(_SAYS.replace("finish(3)", "finish(0)"), stderr=errors, stdout=full) == 2
        assert _status(_SAYS, stderr=subprocess.DEVNULL, stdout=full) == 3
    lines = (tmp_path / "errors").read_text().splitlines()
    assert lines[1:] == ["a line", "error: cannot write to standard output (No space left on device)"]


@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-"])
def test_an_error_that_nobody_hears_is_one(redirection):
    command = f"exec {sys.executable} {_ROOT / 'main.py'} --seed=x {redirection}"
    assert subprocess.run(command, shell=True, cwd=_ROOT).returncode == 2


def test_elsewhere_a_pass_is_one_line(capfd):
    with console.progress("reading numbers", 12_000) as tick:
        tick()
    with console.progress("reading all", None) as tick:
        tick()
    assert capfd.readouterr().err == "reading numbers (12,000)\nreading all\n"


def test_on_a_terminal_a_bar_of_80_columns_goes_when_it_is_full(terminal):
    with terminal() as shown, console.progress("reading " + 100 * "n", 3) as tick:
        for _ in range(3):
            tick()
    line, _, rest = shown().partition("\n")
    assert line.strip() == "reading " + 100 * "n" + " (3)"
    bars = [part for part in rest.split("\r") if part.strip()]
    assert bars and all("samples" in bar and len(bar) <= 80 for bar in bars)
    assert rest.endswith("\r") and not rest.split("\r")[-2].strip()  # written over with blanks
