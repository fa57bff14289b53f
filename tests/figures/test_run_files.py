"""Runs are read from their files as they are: whole, half written, or missing."""

import json
import shutil

import pytest

from tests.figures import runs
from wgangp_tf.errors import UserError
from wgangp_tf.figures import run_files


def test_numbers_are_read_as_they_were_written(tmp_path):
    logged = runs.lines()
    run = run_files.read(runs.make(tmp_path / "a", logged=logged))
    assert run.lines == logged
    assert run.columns()["critic_loss"] == [line["critic_loss"] for line in logged]
    assert run.last()["critic_loss"] == (6, logged[-1]["critic_loss"])
    assert (run.name, run.step, run.trained) == ("a", 6, False)


def test_numbers_that_not_every_line_has_stay_at_their_steps(tmp_path):
    logged = [{"step": 1, "a": 0.5}, {"step": 2, "b": 2.5}, {"step": 3, "a": 1.5}]
    run = run_files.read(runs.make(tmp_path / "a", logged=logged, pictures=()))
    assert run.columns() == {"step": [1, 2, 3], "a": [0.5, None, 1.5], "b": [None, 2.5, None]}
    assert run.last() == {"step": (3, 3), "a": (3, 1.5), "b": (2, 2.5)}


def test_what_is_no_finite_number_is_left_out(tmp_path):
    path = runs.make(tmp_path / "a", logged=[], pictures=())
    path.joinpath("metrics.jsonl").write_text(
        '{"step": 1, "a": NaN, "b": Infinity, "c": "1", "d": true, "e": null, "f": 2}\n{"step": "2", "a": 1}\n'
    )
    assert run_files.read(path).lines == [{"step": 1, "f": 2}]


def test_half_a_last_line_does_not_count(tmp_path):
    path = runs.make(tmp_path / "a", logged=runs.lines(), evaluations=[runs.evaluation(2, {"precision": 0.5})])
    for name in ("metrics.jsonl", "evaluations.jsonl"):
        with open(path / name, "a") as file:
            file.write('{"step": 8, "critic')
    run = run_files.read(path)
    assert [line["step"] for line in run.lines] == [2, 4, 6]
    assert [line["values"] for line in run.evaluations] == [{"precision": 0.5}]


def test_a_run_that_has_just_begun_is_one(tmp_path):
    run = run_files.read(runs.make(tmp_path / "a", pictures=()))
    assert (run.lines, run.evaluations, run.environment, run.data_report, run.exported) == ([], [], {}, {}, {})
    assert (run.step, run.trained) == (0, False)
    assert run_files.pictures(run, 10, 10**6) == ([], 0) and run_files.real_picture(run) is None
    shutil.rmtree(run.path / "samples")
    assert run_files.pictures(run, 10, 10**6) == ([], 0)


def test_a_run_is_finished_with_its_last_checkpoint(tmp_path):
    path = runs.make(tmp_path / "a", logged=runs.lines())
    (path / "checkpoints" / "step-00000004").mkdir(parents=True)
    assert not run_files.read(path).trained
    (path / "checkpoints" / "step-00000006").mkdir()
    assert run_files.read(path).trained


def test_a_run_of_the_first_format_is_read(tmp_path):
    path = runs.make(tmp_path / "a", logged=runs.lines(), environment={"data": {"kind": "images"}})
    tree = json.loads((path / "config.json").read_text())
    for name in ("format", "randomness"):
        del tree[name]
    (path / "config.json").write_text(json.dumps(tree))
    run = run_files.read(path)
    assert run.config.randomness == 1 and run.config.optimization.steps == 6


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(UserError, match="expected the directory of a run. Received: '.*none'"):
        run_files.read(tmp_path / "none")
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="expected the directory of a run"):
        run_files.read(tmp_path / "file")


def test_evaluations_are_read_with_their_finite_values_apart(tmp_path):
    whole = runs.evaluation(None, {"precision": 0.25, "recall": 0.5})
    odd = runs.evaluation(4, {"precision": "high", "recall": 1.0}) | {"std": None, "versions": 3}
    path = runs.make(tmp_path / "a", evaluations=[whole, odd, {"features": 3}, {"no": "features"}])
    with open(path / "evaluations.jsonl", "a") as file:
        file.write('{"step": 6, "feat')
    found = run_files.read(path).evaluations
    assert [line["values"] for line in found] == [{"precision": 0.25, "recall": 0.5}, {"recall": 1.0}]
    assert (found[1]["std"], found[1]["versions"]) == ({}, {})


def test_pictures_are_thinned_out_evenly_and_whole(tmp_path):
    run = run_files.read(runs.make(tmp_path / "a", pictures=range(0, 101, 10)))
    pictures, count = run_files.pictures(run, 100, 10**6)
    assert count == 11 and [picture.step for picture in pictures] == list(range(0, 101, 10))
    assert pictures[3].data == (run.path / "samples" / "step-00000030.png").read_bytes()
    assert (pictures[3].width, pictures[3].height) == (6, 4)
    assert [picture.step for picture in run_files.pictures(run, 5, 10**6)[0]] == [0, 20, 50, 80, 100]
    assert [picture.step for picture in run_files.pictures(run, 100, 2 * len(pictures[0].data) + 50)[0]] == [0, 100]
    assert [picture.step for picture in run_files.pictures(run, 100, 1)[0]] == [100]


def test_what_is_no_picture_is_left_out(tmp_path):
    run = run_files.read(runs.make(tmp_path / "a", pictures=(0, 5)))
    folder = run.path / "samples"
    (folder / "step-00000007.png").write_bytes(b"<html>" * 10)
    (folder / "step-00000009.png").mkdir()
    (folder / "step-late.png").write_bytes((folder / "real.png").read_bytes())
    (folder / ".step-00000008.png.1.part").touch()
    assert [picture.step for picture in run_files.pictures(run, 100, 10**6)[0]] == [0, 5]


@pytest.mark.parametrize(
    "count, most, places", [(3, 5, [0, 1, 2]), (5, 3, [0, 2, 4]), (10, 2, [0, 9]), (10, 1, [9]), (0, 3, [])]
)
def test_places_are_even_and_keep_the_ends(count, most, places):
    assert run_files.evenly(count, most) == places
