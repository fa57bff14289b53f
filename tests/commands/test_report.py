"""`report`: where the page goes, and what is refused in one line."""

import os

import pytest

from tests.figures import runs
from wgangp_tf.commands import report as command_module
from wgangp_tf.figures import report_parts


@pytest.fixture
def three(tmp_path):
    """Runs a, b and far/a."""
    for name in ("a", "b", "far/a"):
        runs.make(tmp_path / name, logged=runs.lines())


def test_the_page_of_a_run_is_in_its_directory(command, tmp_path, three):
    assert command("report", "--run_dir=a") == (0, "a/report.html\n", "")
    assert runs.Page(tmp_path / "a" / "report.html").data["runs"][0]["name"] == "a"
    assert command("report", "--run_dir=a", "--out=page.html") == (0, "page.html\n", "")
    assert report_parts.ours(tmp_path / "page.html")


def test_a_page_is_replaced_by_a_newer_one(command, tmp_path, three):
    assert command("report", "--run_dir=a", "--out=page.html")[0] == 0
    assert command("report", "--run_dir=b", "--out=page.html")[0] == 0
    assert runs.Page(tmp_path / "page.html").data["runs"][0]["name"] == "b"


def test_runs_are_compared_by_commas_or_words(command, tmp_path, three):
    for words in (("--compare=a,b,",), ("--compare", "a", "b"), ("--compare=a", "b", "--out=report.html")):
        (tmp_path / "report.html").unlink(missing_ok=True)
        assert command("report", *words) == (0, "report.html\n", "")
        assert [run["name"] for run in runs.Page(tmp_path / "report.html").data["runs"]] == ["a", "b"]


@pytest.mark.parametrize("words", [("--compare=lr,lr,0.1",), ("--compare", "lr", "lr,0.1"), ("--compare=lr,0.1 ,lr",)])
def test_a_run_may_have_commas_in_its_name(command, tmp_path, words):
    for name in ("lr", "lr,0.1"):
        runs.make(tmp_path / name)
    assert command("report", *words) == (0, "report.html\n", "")
    assert {run["name"] for run in runs.Page(tmp_path / "report.html").data["runs"]} == {"lr", "lr,0.1"}


def test_evaluations_that_cannot_be_read_are_named(command, tmp_path):
    for name in ("a", "b"):
        runs.make(tmp_path / name, evaluations=[runs.evaluation(2, {"precision": 0.5}), {"no": "evaluation"}])
    said = [f"line 2 of '{name}/evaluations.jsonl' is no evaluation that can be read, and is left out" for name in "ab"]
    assert command("report", "--run_dir=a")[2].splitlines() == said[:1]
    assert command("report", "--compare=a,b")[2].splitlines() == said


def test_log_lines_that_cannot_be_read_are_named(command, tmp_path):
    logged = [{"step": step, "gradient_norm": 1.0} for step in (50, 100, 150, 200)]  # after the first steps
    for name, damage in zip("abcd", ("{", "3", '{"step": "3"}', "[" * 100_000), strict=True):
        path = runs.make(tmp_path / name, logged=logged)
        text = path.joinpath("metrics.jsonl").read_text()
        path.joinpath("metrics.jsonl").write_text(f"{text}{damage}\n{text}")
        status, _, err = command("report", f"--run_dir={path.name}")
        said = f"line 5 of '{path.name}/metrics.jsonl' is no log line that can be read; the lines from there on are "
        assert status == 0 and err == said + "left out\n"


def test_runs_of_one_name_are_told_apart_by_their_paths(command, tmp_path, three):
    assert command("report", "--compare=a,b,far/a")[0] == 0
    assert [run["name"] for run in runs.Page(tmp_path / "report.html").data["runs"]] == ["a", "b", "far/a"]


@pytest.mark.parametrize(
    "words, line",
    [
        ((), "report expects --run_dir=<run> or --compare=<run>,<run>,… Received: neither"),
        (("--run_dir=a", "--compare=a,b"), "report expects --run_dir=<run> or --compare=<run>,<run>,… Received: both"),
        (("--run_dir=none",), "expected the directory of a run. Received: 'none'"),
        (("--run_dir=notes.html",), "expected the directory of a run. Received: 'notes.html'"),
        (("--compare=a,none",), "expected the directory of a run. Received: 'none'"),
        (("--compare=a",), "--compare expects two runs or more, separated by commas. Received: 'a'"),
        (("--compare=,",), "--compare expects two runs or more, separated by commas. Received: no path"),
        (("--compare=a,b,./a",), "--compare expects each run once. Received: './a' twice"),
        (
            ("--run_dir=a", "--out=far.html"),
            "--out expects a new file, or one that report made. Received: 'far.htm",
        ),
        (("--run_dir=a", "--out=notes.html"), "--out expects a new file, or one that report made. Received: 'notes.ht"),
        (
            ("--run_dir=a", "--out=no/page.html"),
            "--out expects a .html file in a directory that exists. Received: 'no/page.h",
        ),
        (("--run_dir=a", "--out=a.pdf"), "--out expects a .html file in a directory that exists. Received: 'a.pdf'"),
        (("--run_dir=a", "b"), "expected flags after the command. Received: 'b'"),
    ],
)
def test_what_cannot_be_used_is_one_line(command, tmp_path, three, words, line):
    (tmp_path / "notes.html").write_text("mine")
    (tmp_path / "far.html").mkdir()
    before = sorted(tmp_path.rglob("*"))
    status, out, err = command("report", *words)
    assert (status, out) == (2, "") and err.startswith(f"error: {line}") and err.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before and (tmp_path / "notes.html").read_text() == "mine"


def test_a_page_that_cannot_be_written_is_one_line(command, monkeypatch, three):
    def refuses(*_):
        raise PermissionError(13, "Permission denied", "a/.report.html.1.part")

    monkeypatch.setattr(os, "replace", refuses)
    status, out, err = command("report", "--run_dir=a")
    assert (status, out) == (2, "")
    assert err == ("error: --out expects a file that can be written. Received: 'a/report.html' (Permission denied)\n")
    assert sorted(os.listdir("a")) == ["config.json", "metrics.jsonl", "samples"]


def test_a_link_that_leads_nowhere_is_not_replaced(command, tmp_path, three):
    (tmp_path / "page.html").symlink_to("nowhere")
    status, _, err = command("report", "--run_dir=a", "--out=page.html")
    assert status == 2 and "which is something else" in err


def test_a_damaged_run_is_one_line(command, tmp_path, three):
    (tmp_path / "a" / "config.json").write_text("{")
    status, out, err = command("report", "--run_dir=a")
    assert (
        (status, out) == (2, "") and err.startswith("error: the config of a run expects JSON") and err.count("\n") == 1
    )


def test_a_tilde_is_a_home_in_every_word(command, tmp_path, three, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert command("report", "--compare=~/a,~/b") == (0, "report.html\n", "")


def test_what_takes_more_words_is_a_flag():
    assert command_module.WORDS in {flag.name for flag in command_module.FLAGS}
