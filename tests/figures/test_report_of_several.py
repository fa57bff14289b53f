"""The page of several runs: what differs, their last numbers, their best evaluations, their curves."""

import json
import re

from tests.figures import runs
from wgangp_tf.figures import report_of_several, run_files


def _page(tmp_path, **of):
    found = {name: run_files.read(runs.make(tmp_path / name, **files)) for name, files in of.items()}
    report_of_several.write(tmp_path / "report.html", found)
    return runs.Page(tmp_path / "report.html")


def test_fields_that_differ_are_beside_one_another(tmp_path):
    page = _page(tmp_path, a={"gp_weight": 10.0}, b={"gp_weight": 0.1, "method": "wgan-lp", "image_size": (8, 6)})
    table = page.source.split('id="differences"')[1].split("</table>")[0]
    assert re.findall(r"<code>(\w+)</code>", table) == ["image_size", "method", "gp_weight"]
    assert page.cells["gp_weight"] == ["10.0", "0.1"] and page.cells["method"] == ["wgan-gp", "wgan-lp"]
    assert page.cells["image_size"] == ["none", "8x6"]


def test_runs_of_one_config_say_so(tmp_path):
    assert "Nothing: they are of one config." in _page(tmp_path, a={}, b={}).words


def test_curves_and_last_numbers_are_those_of_each_run(tmp_path):
    of = {"a": runs.lines(), "b": [*runs.lines((3, 9)), {"step": 12, "modes_covered": 7.5}]}
    page = _page(tmp_path, **{name: {"logged": logged} for name, logged in of.items()})
    for drawn, (name, logged) in zip(page.data["runs"], of.items(), strict=True):
        assert drawn["name"] == name
        for column, numbers in drawn["columns"].items():
            assert numbers == [line.get(column) for line in logged]
    table = page.source.split('id="numbers"')[1].split("</table>")[0]
    shown = {
        name: [json.loads(value) for value in re.findall(r'<data value="([^"]+)">', row)]
        for name, row in re.findall(r"<code>(\w+)</code>(.*)", table)
    }
    assert shown["step"] == [6, 12] and shown["modes_covered"] == [7.5]
    assert shown["critic_loss"] == [of["a"][-1]["critic_loss"], of["b"][1]["critic_loss"]]


def test_the_best_evaluation_is_the_best_by_that_value(tmp_path):
    found = [
        runs.evaluation(step, {"precision": precision, "frechet_distance": distance, "density": distance})
        for step, precision, distance in [(2, 0.5, 3.0), (4, 0.75, 1.0), (6, 0.25, 2.0)]
    ]
    page = _page(tmp_path, a={"evaluations": found}, b={})
    cells = {name: others for name, others in page.cells.items() if others[0].startswith(("0.", "1.", "2."))}
    assert cells["precisionmore is better"][0].startswith("0.7500digitsstep 4, 3,000 samples against 1,500 training")
    assert cells["frechet_distanceless is better"][0].startswith("1.000digitsstep 4")
    assert cells["densitythe last"][0].startswith("2.000digitsstep 6")
    assert [others[1] for others in cells.values()] == ["", "", ""]


def test_curves_of_evaluations_are_the_numbers_of_the_files(tmp_path):
    found = {
        name: [runs.evaluation(step, {"precision": step / divisor}) for step in (2, 4, 6)]
        for name, divisor in (("a", 7), ("b", 9))
    }
    page = _page(tmp_path, **{name: {"evaluations": lines} for name, lines in found.items()})
    (chart,) = page.data["charts"]
    for one in chart["series"]:
        evaluations = page.data["runs"][one["run"]]["evaluations"]
        drawn = [(evaluations[place]["step"], evaluations[place]["values"]["precision"]) for place in one["of"]]
        assert drawn == [(line["step"], line["precision"]) for line in found[one["label"]]]
    assert [one["label"] for one in chart["series"]] == ["a", "b"]
    assert "Evaluated: precision" in page.source.split('id="curves"')[1]


def test_last_pictures_stand_beside_one_another(tmp_path):
    page = _page(tmp_path, a={"pictures": (0, 4)}, b={"pictures": ()})
    assert [image["alt"] for image in page.all("img")] == ["samples of a at step 4"]


def test_runs_that_have_just_begun_say_so(tmp_path):
    page = _page(tmp_path, a={"pictures": ()}, b={"pictures": ()})
    for said in ("None of them has a log line yet.", "none of them were evaluated yet", "None of them has a picture"):
        assert said in page.words
