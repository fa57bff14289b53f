"""Standard streams: what cannot be written is dropped and remembered, and nothing waits in a buffer."""

import copy
import io
import os
import sys

import pytest

from wgangp_tf import streams


def closed():
    """A stream that was closed."""
    with open(os.devnull, "w") as stream:
        return stream


def without_reader():
    """A stream into a pipe that nobody reads."""
    source, sink = os.pipe()
    os.close(source)
    return open(sink, "w")


def _full():
    return open("/dev/full", "w")


class _Busy(io.StringIO):
    def write(self, text):
        raise RuntimeError("reentrant call inside a signal's handler")


_UNABLE = {
    "missing": (lambda: None, OSError),
    "closed": (closed, ValueError),
    "without a reader": (without_reader, BrokenPipeError),
    "full": (_full, OSError),
    "busy": (_Busy, RuntimeError),
}


@pytest.mark.parametrize("name", _UNABLE)
def test_what_cannot_be_written_is_dropped_and_remembered(name):
    make, error = _UNABLE[name]
    stream = make()
    steady = streams.Steady(stream)
    assert steady.lost is None
    assert print("a line", file=steady) is None
    assert steady.write("grüße") == 5
    steady.writelines(["a", "b"])
    steady.flush()
    assert isinstance(steady.lost, error)
    assert steady.isatty() is False
    if stream is not None:
        stream.close()  # raises where something waits in its buffer


def test_what_can_be_written_goes_out_at_once_after_what_came_before(tmp_path):
    with open(tmp_path / "out", "w", encoding="utf-8") as stream:
        stream.write("before ")
        streams.Steady(stream).write("grüße\n")
        assert (tmp_path / "out").read_bytes() == "before grüße\n".encode()


@pytest.mark.parametrize(
    "encoding, errors, text, written",
    [
        ("ascii", "strict", "modèle", rb"mod\xe8le"),
        ("latin-1", "strict", "modèle →", b"mod\xe8le \\u2192"),
        ("utf-8", "strict", "\udcff", rb"\udcff"),
        ("ascii", "surrogateescape", "\udcc3\udca8", b"\xc3\xa8"),  # a file's name, as Python reads it under LC_ALL=C
        ("ascii", "replace", "è", b"?"),
    ],
)
def test_what_an_encoding_does_not_have_is_escaped(tmp_path, encoding, errors, text, written):
    with open(tmp_path / "out", "w", encoding=encoding, errors=errors) as stream:
        steady = streams.Steady(stream)
        steady.write(text)
    assert (tmp_path / "out").read_bytes() == written
    assert steady.lost is None


def test_a_stream_looks_like_the_one_behind_it(tmp_path):
    with open(tmp_path / "out", "w", encoding="latin-1") as stream:
        steady = streams.Steady(stream)
        assert (steady.encoding, steady.fileno(), steady.name) == ("latin-1", stream.fileno(), stream.name)
        assert streams.steady(steady) is steady
    with pytest.raises(AttributeError):
        steady.nothing  # noqa: B018


def test_both_are_steady_meanwhile_and_as_before_afterwards(monkeypatch):
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    with streams.all_steady() as output:
        assert sys.stdout is output and isinstance(sys.stderr, streams.Steady)
        print("a line")
        with streams.all_steady() as inner:  # as where the program is called again inside
            assert inner is output
        assert sys.stdout is output
    assert (sys.stdout, sys.stderr, out.getvalue()) == (out, err, "a line\n")


def test_a_stream_that_somebody_puts_in_stays(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    theirs = io.StringIO()
    with streams.all_steady():
        sys.stdout = theirs
    assert sys.stdout is theirs


def test_a_copy_is_made_without_going_round_in_circles():
    assert copy.copy(streams.Steady(io.StringIO())).lost is None
