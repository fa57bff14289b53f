"""What is shown while data is read: one line, or a bar on a terminal."""

import sys

import pytest

from wgangp_tf.data import progress


@pytest.mark.parametrize("total, line", [(1200, "reading (1,200)\n"), (None, "reading\n")])
def test_elsewhere_one_line_says_what_is_done(capsys, total, line):
    with progress.progress("reading", total) as tick:
        tick()
    assert capsys.readouterr().err == line


def test_a_terminal_sees_a_bar_that_ends_full(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with progress.progress("reading", 4) as tick:
        for _ in range(3):  # one was left out
            tick()
    shown = capsys.readouterr().err
    assert "reading: " in shown and "/4.00" in shown
    assert "100%" in shown.split("\r")[-1] and "3.00/3.00" in shown.split("\r")[-1]


def test_a_reader_who_left_stops_nothing(monkeypatch):
    def gone(text):
        raise BrokenPipeError

    monkeypatch.setattr(sys.stderr, "write", gone)
    progress.say("nobody hears it")
