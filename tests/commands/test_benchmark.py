"""`benchmark`: from the command line to its files, with fakes for what is measured; and what it refuses."""

import dataclasses
import json
import os
import pathlib
import signal
import threading

import pytest

from tests.speed import fakes
from wgangp_tf import files
from wgangp_tf.figures import speed_page
from wgangp_tf.speed import contestants, measure, turns

FAKES = fakes.__name__


@pytest.fixture
def faked(monkeypatch):
    """Nothing real is measured: ours takes 2 ms, others 4 ms."""
    monkeypatch.setattr(turns, "LIMITS", (FAKES, "Limits"))
    monkeypatch.setattr(turns, "_SECONDS", 0.05)
    monkeypatch.setattr(measure, "START", (FAKES, "Start"))
    for name, kind in ((contestants.OURS, "Ours"), ("keras", "Double")):
        row = dataclasses.replace(contestants.CONTESTANTS[name], module=FAKES, kind=kind)
        monkeypatch.setitem(contestants.CONTESTANTS, name, row)


def numbers(path="out"):
    return json.loads(pathlib.Path(path, "benchmark.json").read_text())


def test_all_its_files_from_one_command(command, faked, tmp_path):
    words = "--preset=digits --precision=float32 --beside=keras --turns=3 --curves --out=out --page=docs/speed.md"
    status, out, err = command("benchmark", *words.split())
    assert status == 0, err
    found = numbers()
    assert found["complete"] and found["format"] == measure.FORMAT and found["turns"] == 3
    ours, other = found["lines"]
    assert (ours["contestant"], other["contestant"]) == ("ours", "keras")
    assert len(ours["turns"]) == len(other["turns"]) == 3
    assert ours["against_ours"] == 1 and other["against_ours"] > 1.2
    assert ours["operations_per_second"] == 2e6 / ours["seconds"]
    assert ours["share_of_limit"] == pytest.approx(1e-3 / ours["seconds"])  # of 2 GFLOP/s
    assert other["operations"] == ours["operations"]
    assert set(found["curves"]) == set(measure.CURVES) - {"image_size"}  # the digits are 8x8
    assert "by image_size: left out, dataset 'digits' has 8x8 pictures" in err
    assert [line["batch_size"] for line in found["curves"]["batch_size"]["lines"]] == [8, 16, 32, 64]
    assert [line["replicas"] for line in found["curves"]["replicas"]["lines"]] == [1, 2]
    assert found["start_up"]["seconds"].keys() == {"python", "imports", "building", "data", "first step"}
    assert found["limits"]["memory"] == [1e10] * 3
    written = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    pictures = ["out/benchmark.json", "out/benchmark.png", "out/benchmark_curves.png", "out/speed.md"]
    assert written == ["docs/speed.md", "docs/speed.png", "docs/speed_curves.png", *pictures]
    assert "(speed.png)" in pathlib.Path("docs/speed.md").read_text()
    assert "digits  float32    this program" in out and "start-up: digits: " in out
    assert "digits, float32: 25 % of all, about " in err  # one group of four
    # what it made it may make again
    assert command("benchmark", *words.replace("--curves ", "").split())[0] == 0
    assert str(tmp_path) not in pathlib.Path("out/benchmark.json").read_text()


def test_without_a_place_nothing_is_written(command, faked, tmp_path):
    status, out, _ = command("benchmark", "--preset=digits", "--beside=none", "--turns=1")
    assert status == 0 and "digits  float32" in out and "Keras" not in out
    assert list(tmp_path.iterdir()) == []


def test_presets_as_words(command, faked):
    words = ("--beside=none", "--turns=1", "--preset=digits", "toy_8gaussians_small")
    status, out, err = command("benchmark", *words)
    assert status == 0, err
    assert "digits" in out and "toy_8gaussians_small" in out


def test_half_precision_where_it_is_asked_for(command, faked):
    assert (
        command("benchmark", "--preset=digits", "--precision=bfloat16", "--beside=none", "--turns=1", "--out=o")[0] == 0
    )
    (line,) = numbers("o")["lines"]
    assert line["precision"] == "mixed_bfloat16" and line["share_of_limit"] == pytest.approx(1e-3 / line["seconds"])


@pytest.mark.parametrize(
    "described, precisions",
    [
        ({"devices": [], "half_precision": []}, ["float32"]),
        ({"devices": [], "half_precision": ["amx_bf16"]}, ["float32", "mixed_bfloat16"]),
        ({"devices": ["GPU"], "half_precision": []}, ["float32", "mixed_bfloat16", "mixed_float16"]),
    ],
)
def test_which_precisions_a_machine_has_a_use_for(described, precisions):
    assert measure._by_itself(described) == precisions


def test_when_the_time_is_over_what_was_measured_is_kept(command, faked):
    status, out, err = command("benchmark", "--preset=digits", "--turns=9999", "--max_minutes=0.1", "--out=o")
    assert status == 0 and "the 0.1 minutes are over; what was measured is kept" in err
    found = numbers("o")
    assert not found["complete"] and len(found["lines"][0]["turns"]) >= 1
    assert "stopped before it was done" in pathlib.Path("o/speed.md").read_text()


def test_a_signal_keeps_what_was_measured(command, faked, monkeypatch):
    timer, sum_up = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)), turns._sum_up

    def begun(line):  # the first turn is measured: the signal comes while a later one is waited for
        sum_up(line)
        if not timer.ident:
            timer.start()

    monkeypatch.setattr(turns, "_sum_up", begun)
    try:
        status, out, err = command("benchmark", "--preset=digits", "--turns=9999", "--out=o")
    finally:
        timer.cancel()
    assert status == 128 + signal.SIGINT and "Traceback" not in err
    assert len(numbers("o")["lines"][0]["turns"]) >= 1 and "this program" in out


@pytest.mark.parametrize(
    "words, line",
    [
        ("--preset=digit", "Unknown preset 'digit'. Did you mean 'digits'?"),
        ("--preset=,", "--preset expects names, such as digits, "),
        ("--precision=bf16", "Unknown precision 'bf16'."),
        ("--precision=,", "--precision expects names, separated by commas: float32, "),
        ("--beside=kera", "Unknown contestant 'kera'. Did you mean 'keras'?"),
        ("--turns=0", "turns must be at least 1 and at most 10,000. Received: turns=0"),
        ("--max_minutes=0", "max_minutes must be at least 0.001 and at most 1,000,000. Received: max_minutes=0.0"),
        ("--preset=digits --batch_size=0", "batch_size must be at least 1"),
        ("--preset=digits --batch_size=9999", "batch_size must be at most the 1500 training samples"),
        ("--out=file", "--out expects a directory. Received: 'file', where 'file' is a file"),
        ("--out=file/a", "--out expects a directory. Received: 'file/a', where 'file' is a file"),
        ("--out=others", "--out expects a directory in which benchmark replaces nothing but its own. Received: "),
        ("--page=file", "--page expects a new file, or one that benchmark made. Received: 'file', which is something"),
        ("--page=others", "--page expects a file. Received: 'others', which is a directory"),
        ("--page=file/a.md", "--page expects a directory. Received: 'file', where 'file' is a file"),
    ],
)
def test_what_cannot_be_used_is_one_line(command, tmp_path, words, line):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "benchmark.json").write_text("[]")
    status, out, err = command("benchmark", *words.split())
    assert (status, out) == (2, "") and err.startswith(f"error: {line}") and err.count("\n") == 1, err
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["benchmark.json", "file", "others"]


def test_limits_that_cannot_be_measured_are_one_line(command, monkeypatch):
    monkeypatch.setattr(turns, "LIMITS", (FAKES, "Nothing"))
    status, out, err = command("benchmark", "--preset=digits", "--out=o")
    assert (status, out) == (2, "") and err.count("\n") == 1
    assert err.startswith(
        "error: expected a machine on which products of matrices can be timed. Received: AttributeErr"
    )
    assert not pathlib.Path("o").exists()


def test_a_directory_that_cannot_be_written(command, tmp_path, monkeypatch):
    def refuses(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(files, "check_place", refuses)
    status, _, err = command("benchmark", "--out=a/b")
    assert status == 2 and err == (
        "error: --out expects a directory that can be written. Received: 'a/b' (Permission denied)\n"
    )


def test_a_page_of_its_own_may_be_made_again(tmp_path):
    from wgangp_tf.commands import benchmark

    page = tmp_path / "speed.md"
    page.write_text(f"{speed_page.FIRST_LINE}\n# Speed")
    assert benchmark._places({"page": str(page)}) == {"out": None, "page": page}
