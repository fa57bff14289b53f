"""The page of a run: every number in it is in the run's files, and nothing is loaded from elsewhere."""

import base64
import json
import re

import pytest

from tests.figures import runs
from wgangp_tf import quantities
from wgangp_tf.figures import report, report_of_several, run_files
from wgangp_tf.training import evaluation

_EVIL = "<script>alert(1)</script>"
_ENVIRONMENT = {
    "versions": {"python": "3.11.7", "numpy": "2.4.6"},
    "git_commit": "abc",
    "command_line": f"python main.py --name='{_EVIL}'",
    "data": {"name": "digits", "training_samples": 1500, "licence": "CC BY 4.0"},
    "sessions": [{"command_line": "first"}, {"command_line": "second"}],
}
_EVALUATIONS = [
    runs.evaluation(2, {"precision": 0.1234567, "frechet_distance": 1.75}),
    runs.evaluation(6, {"precision": 0.7654321}, repeats=3, std={"precision": 0.0123456}),
]


def _page(path, verdicts=None, **files):
    run = run_files.read(runs.make(path, **files))
    report.write(path / "report.html", run, verdicts)
    return run, runs.Page(path / "report.html")


@pytest.fixture
def whole(tmp_path):
    """A run that has all that a run can have, and its page."""
    return _page(
        tmp_path / _EVIL.replace("/", "∕"),
        ["The critic overfits: 0.4 < 1. Try --flip."],
        logged=runs.lines(),
        evaluations=_EVALUATIONS,
        environment=_ENVIRONMENT,
    )


def _numbers(tree):
    """All numbers in a tree of JSON, those in text too."""
    if isinstance(tree, dict):
        return {number for value in tree.values() for number in _numbers(value)}
    if isinstance(tree, list):
        return {number for value in tree for number in _numbers(value)}
    return {tree} if isinstance(tree, (int, float)) else set()


def test_every_number_is_one_of_the_files(whole):
    run, page = whole
    logged = [json.loads(line) for line in (run.path / "metrics.jsonl").read_text().splitlines()]
    (drawn,) = page.data["runs"]
    assert drawn["columns"] == {name: [line[name] for line in logged] for name in logged[0]}
    assert drawn["evaluations"] == [{"step": line["step"], "values": evaluation.values(line)} for line in _EVALUATIONS]
    config = json.loads((run.path / "config.json").read_text())
    files = _numbers(logged) | _numbers(_EVALUATIONS) | _numbers(config) | _numbers(_ENVIRONMENT)
    assert len(page.numbers) > 40 and set(page.numbers) <= files


def test_the_last_numbers_are_those_of_the_last_line(whole):
    run, page = whole
    last = json.loads((run.path / "metrics.jsonl").read_text().splitlines()[-1])
    table = page.source.split('id="numbers"')[1].split("</table>")[0]
    shown = re.findall(r'<code>(\w+)</code>.*?<data value="([^"]+)">', table)
    assert {name: json.loads(value) for name, value in shown} == last
    for name in last:
        assert quantities.QUANTITIES[name].meaning in page.words


def test_nothing_is_loaded_from_elsewhere(whole, tmp_path):
    run, page = whole
    report_of_several.write(tmp_path / "several.html", {"a": run, "b": run})
    for one in (page, runs.Page(tmp_path / "several.html")):
        assert {tag for tag, _ in one.elements} & {
            "link",
            "iframe",
            "object",
            "embed",
            "base",
            "audio",
            "video",
        } == set()
        leads = [(name, value) for _, found in one.elements for name, value in found.items() if name in _LEADING]
        assert (
            leads and [pair for pair in leads if not re.match(r"#\w+$|data:image/png;base64,[\w+/=]+$", pair[1])] == []
        )
        written = "".join(one.styles) + "".join(found.get("style") or "" for _, found in one.elements)
        assert "--text" in written and re.search(r"url\(|@import|src\(|image-set", written) is None
        ours = one.scripts[-1]
        assert "Plotly" in ours and re.search(r"https?:|fetch|XMLHttp|import\(|WebSocket|sendBeacon", ours) is None
        (policy,) = (meta["content"] for meta in one.all("meta") if "http-equiv" in meta)  # Plotly is held by this
        assert policy == (
            "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
        )


_LEADING = {"src", "href", "srcset", "action", "formaction", "poster", "data", "background", "ping", "xlink:href"}


def test_a_name_that_is_a_script_is_a_name(whole):
    run, page = whole
    assert page.words.startswith("<script>alert(1)<∕script>") or "Run <script>alert(1)<∕script>" in page.words
    assert len(page.all("script")) == 3
    assert page.data["runs"][0]["name"] == run.name
    assert _EVIL in page.words  # of the command line
    assert page.source.count("<script") == 3


def test_every_section_tells_what_the_run_says(whole):
    run, page = whole
    assert "The critic overfits: 0.4 < 1. Try --flip." in page.words
    assert page.cells["optimization.gp_weight"] == ["10.0"] and page.cells["seed"] == ["0"]
    assert page.cells["versions.numpy"] == ["2.4.6"] and page.cells["licence"] == ["CC BY 4.0"]
    assert page.cells["sessions"] == ["first, second"]
    assert "data.name" not in page.cells  # it has a section of its own
    assert "6 of 6, not finished" in page.words
    assert page.cells["2"][:2] == ["0.1235digits", "1.750digits"]
    assert page.cells["6"][:2] == ["0.7654 ± 0.01235digits", ""]
    titles = [chart["title"] for chart in page.data["charts"]]
    assert titles == [quantities.LOSS_CHART, quantities.NORM_CHART, "Learning rate", "Evaluated: precision"]
    assert [found["data-chart"] for found in page.all("figure") if "data-chart" in found] == ["0", "2", "3", "1"]


def test_pictures_are_those_of_the_run_by_step(whole):
    run, page = whole
    samples = [image for image in page.all("img") if "data-step" in image]
    assert [image["data-step"] for image in samples] == ["0", "6"]
    assert ["hidden" in image for image in samples] == [True, False]  # the last one, without a script too
    for image, name in zip(page.all("img"), ("step-00000000", "step-00000006", "real"), strict=True):
        data = (run.path / "samples" / f"{name}.png").read_bytes()
        assert base64.b64decode(image["src"].partition(",")[2]) == data
        assert image["alt"]
    (slider,) = (found for found in page.all("input") if found["type"] == "range")
    assert (slider["min"], slider["max"], slider["value"]) == ("0", "1", "1")
    assert {"for": slider["id"]} in page.all("label")


def test_a_run_that_has_just_begun_says_so(tmp_path):
    _, page = _page(tmp_path / "a", [], pictures=(), steps=100)
    for said in (
        "0 of 100, not finished",
        "There is no log line yet to judge by.",
        "There is no picture of samples",
        "There is no log line yet.",
        "not evaluated yet",
        "says nothing of its data yet",
        "says nothing of its environment yet",
    ):
        assert said in page.words, said
    assert page.data["charts"] == []


@pytest.mark.parametrize(
    "verdicts, said", [(None, "Nothing was looked for."), ([], "None of the known faults was found in the log.")]
)
def test_no_verdict_is_not_the_same_as_none_looked_for(tmp_path, verdicts, said):
    assert said in _page(tmp_path / "a", verdicts, logged=runs.lines())[1].words


def test_many_pictures_are_thinned_out_and_it_says_so(tmp_path):
    _, page = _page(tmp_path / "a", pictures=range(report.MOST_PICTURES + 1))
    assert f"{report.MOST_PICTURES} of {report.MOST_PICTURES + 1} pictures" in page.words
    assert sum("data-step" in image for image in page.all("img")) == report.MOST_PICTURES


def test_many_log_lines_are_thinned_out_and_it_says_so(tmp_path):
    logged = [{"step": step, "critic_loss": 1.0} for step in range(4_001)]
    assert "Of the 4,001 log lines of a 4,000 are drawn" in _page(tmp_path / "a", logged=logged)[1].words


def test_pictures_that_were_left_out_are_named(tmp_path):
    path = runs.make(tmp_path / "a", environment=_ENVIRONMENT)
    files = [{"file": f"{number}.jpg{_EVIL}", "reason": "truncated"} for number in range(21)]
    left_out = {"data_dir": "photos", "pictures": 99, "left_out": 21, "reasons": {"truncated": 21}, "files": files}
    (path / "data_report.json").write_text(json.dumps(left_out))
    report.write(path / "report.html", run_files.read(path))
    page = runs.Page(path / "report.html")
    assert page.cells["left_out"] == ["21"] and page.cells["reasons.truncated"] == ["21"]
    assert page.cells[f"0.jpg{_EVIL}"] == ["truncated"] and f"20.jpg{_EVIL}" not in page.cells
    assert "21 files, of which 20 are named here" in page.words


@pytest.mark.parametrize("content", ['{"files": 3}', '{"files": [3, {"file": "a"}], "left_out": null}', "[]", "{"])
def test_an_odd_data_report_is_no_fault(tmp_path, content):
    path = runs.make(tmp_path / "a", environment={"data": 3, "sessions": [1, 2]})
    (path / "data_report.json").write_text(content)
    (path / "export.json").write_text('{"step": 4, "export_dir": "saved_models/a"}')
    report.write(path / "report.html", run_files.read(path))
    assert runs.Page(path / "report.html").cells["export.step"] == ["4"]
