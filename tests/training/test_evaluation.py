"""Evaluations: what is measured, and the file they are kept in."""

import json

import numpy as np
import pytest

from wgangp_tf.data.source import Source, Split
from wgangp_tf.errors import UserError
from wgangp_tf.metrics import registry as metrics
from wgangp_tf.samples.spec import Spec
from wgangp_tf.training import evaluation

RANDOM = np.random.default_rng(0)
REAL = Split(RANDOM.normal(size=(50, 2)).astype(np.float32))
KEPT = {"format": 1, "by": "training", "features": {"frechet_distance": "pixels"}}


def blocks(count, seed):
    points = np.random.default_rng(seed).normal(size=(count, 2)).astype(np.float32)
    return [points[:7], points[7:]]


def test_the_values_are_those_of_the_metrics():
    judged = evaluation.Evaluation(REAL, samples=40, names=["frechet", "neighbours"])
    means, deviations = judged.repeated(blocks, 3, 1)
    expected = metrics.measure(["frechet", "neighbours"], REAL, np.concatenate(blocks(40, 3)))
    assert means == expected and deviations == {}
    assert judged.features["precision"] == "pixels" and judged.real_samples == 50


def test_repeats_have_seeds_of_their_own_and_give_mean_and_deviation():
    judged = evaluation.Evaluation(REAL, samples=40, names=["frechet"])
    found = [judged.repeated(blocks, seed, 1)[0]["frechet_distance"] for seed in (5, 6, 7)]
    means, deviations = judged.repeated(blocks, 5, 3)
    assert len(set(found)) == 3
    assert means["frechet_distance"] == pytest.approx(np.mean(found), rel=1e-12)
    assert deviations["frechet_distance"] == pytest.approx(np.sqrt(np.var(found) * 3 / 2), rel=1e-9)


def test_what_does_not_fit_is_left_out_with_its_reason():
    judged = evaluation.Evaluation(REAL, samples=5)
    assert judged.left_out["modes"] == "it needs the modes of the real samples"
    assert judged.left_out["neighbours"] == "it needs at least 6 generated samples, and there are 5"
    assert "frechet_distance" in judged.features and not {"precision", "modes_covered"} & set(judged.features)
    assert "frechet_distance" in judged.measure(blocks(5, 0)) and judged.digests == {}


def test_a_metric_that_was_named_is_not_left_out():
    with pytest.raises(UserError, match="'neighbours' needs at least 6 generated samples. Received: 5"):
        evaluation.Evaluation(REAL, samples=5, names=["neighbours"])
    with pytest.raises(UserError, match="metric 'modes' needs the modes of the real samples"):
        evaluation.Evaluation(REAL, samples=50, names=["modes"])


def test_of_many_samples_some_are_taken_always_the_same():
    labels = np.arange(50, dtype=np.int32)
    split = Split(REAL.samples, labels)
    one, again = (evaluation.some(split, 20) for _ in range(2))
    assert len(one) == 20 and len(set(one.labels)) == 20
    np.testing.assert_array_equal(one.samples[:], REAL.samples[one.labels])
    np.testing.assert_array_equal(one.labels, again.labels)
    assert evaluation.some(split, 50) is split


def test_some_samples_are_others_for_a_cache_and_no_copies_are_looked_for_in_them():
    split = Split(REAL.samples, identity="points", held_out=REAL.samples[:3])
    some = evaluation.some(split, 20)
    assert some.identity == "points-20" and some.held_out is None and split.held_out is not None
    assert evaluation.some(REAL, 20).identity == ""


def test_no_more_real_samples_than_the_limit_are_compared_with(monkeypatch):
    assert evaluation.REAL_SAMPLES == 10_000
    monkeypatch.setattr(evaluation, "REAL_SAMPLES", 30)
    judged = evaluation.Evaluation(REAL, samples=40, names=["frechet"])
    assert judged.real_samples == 30
    expected = metrics.measure("frechet", evaluation.some(REAL, 30), np.concatenate(blocks(40, 3)))
    assert judged.repeated(blocks, 3, 1)[0] == expected


def _source(train, held_out):
    points = REAL.samples
    return Source(
        name="dots",
        spec=Spec("points", (2,)),
        train=Split(points[:train]),
        validation=Split(points[:held_out]),
        licence="none",
        fingerprint="",
    )


def test_real_samples_know_of_the_held_out_ones():
    np.testing.assert_array_equal(evaluation.real_of(_source(40, 5)).held_out[:], REAL.samples[:5])
    assert evaluation.real_of(_source(40, 0)).held_out is None


def test_what_is_compared_with_is_said(monkeypatch):
    assert evaluation.in_words(_source(40, 5)) == "40 training samples of dots"
    monkeypatch.setattr(evaluation, "REAL_SAMPLES", 30)
    assert evaluation.in_words(_source(40, 5)) == "30 of 40 training samples of dots"
    assert evaluation.in_words(_source(30, 5)) == "30 training samples of dots"


def test_the_terminal_is_told_of_the_values_of_which_one_end_is_good():
    kept = {"features": dict.fromkeys(["precision", "density", "frechet_distance"], "pixels"), "seconds": 2.6}
    kept |= {"precision": 0.12345, "density": 7.0, "frechet_distance": 20.0}
    assert evaluation.told(kept) == "evaluation: precision 0.1235, frechet_distance 20 (3 s)"


def test_a_metric_with_samples_enough_is_not_said_to_have_few():
    for samples, few in ((2, {"frechet": 3}), (3, {})):  # points have two features
        assert evaluation.Evaluation(REAL, samples=samples, names=["frechet"]).few == few


def test_a_line_holds_the_values_by_their_names():
    judged = evaluation.Evaluation(REAL, samples=40, names=["frechet"])
    means, deviations = judged.repeated(blocks, 3, 2)
    about = {"by": "evaluate", "of": "a", "step": 7, "against": "b", "versions": {"numpy": "2"}}
    kept = evaluation.line(judged, means, deviations, seed=3, repeats=2, seconds=1.23456, **about)
    assert kept["frechet_distance"] == means["frechet_distance"] and kept["std"] == deviations
    assert (kept["samples"], kept["real_samples"], kept["seed"], kept["repeats"]) == (40, 50, 3, 2)
    assert about.items() <= kept.items() and kept["format"] == 1 and kept["seconds"] == 1.235
    assert evaluation.values(kept) == means
    assert json.loads(json.dumps(kept)) == kept


def _kept(by, step, value):
    return KEPT | {"by": by, "step": step, "frechet_distance": value}


def test_what_is_appended_is_read_and_a_torn_line_is_no_line(tmp_path):
    path = tmp_path / "evaluations.jsonl"
    assert evaluation.read(path) == []
    first, second = _kept("training", 1, 0.5), _kept("evaluate", 2, 0.25)
    evaluation.append(path, first)
    with open(path, "a") as file:
        file.write('{"format": 1, "by": "tra')  # killed here
    evaluation.append(path, second)
    said = []
    assert evaluation.read(path, said.append) == [first, second]
    assert said == [f"line 2 of {str(path)!r} is no evaluation that can be read, and is left out"]
    assert path.read_text().endswith("}\n")


@pytest.mark.parametrize(
    "line",
    [
        "half",
        "[1]",
        "[" * 100_000,  # deeper than Python reads
        KEPT | {"format": 2, "step": 1},
        KEPT | {"features": ["frechet_distance"], "step": 1},
        KEPT | {"by": "hand", "step": 1},
        KEPT | {"step": None},
        KEPT | {"step": "1"},
        KEPT | {"step": True},
        KEPT | {"by": "evaluate", "step": 1.5},
        {"format": 1, "features": {}},
        b"\xff\xfe",
    ],
)
def test_a_line_that_is_no_evaluation_is_named_and_stays_where_it_is(tmp_path, line):
    path = tmp_path / "evaluations.jsonl"
    text = line if isinstance(line, bytes) else (line if isinstance(line, str) else json.dumps(line)).encode()
    good = _kept("training", 1, 0.5)
    evaluation.append(path, good)
    before = path.read_bytes() + text + b"\n"
    path.write_bytes(before)
    said = []
    evaluation.cut(path, 1, said.append)
    assert path.read_bytes() == before
    assert evaluation.read(path, said.append) == [good] and evaluation.best(path, "frechet_distance") == good
    assert said == [f"line 2 of {str(path)!r} is no evaluation that can be read, and is left out"] * 2


def test_a_training_that_goes_back_drops_what_it_found_later_and_nothing_else(tmp_path):
    path = tmp_path / "evaluations.jsonl"
    evaluation.cut(path, 3)
    assert not path.exists()
    kept = [_kept("training", 2, 1.0), _kept("evaluate", 4, 1.0), _kept("training", 4, 1.0), _kept("training", 6, 1.0)]
    for line in kept:
        evaluation.append(path, line)
    evaluation.cut(path, 4)
    assert evaluation.read(path) == kept[:3]
    evaluation.cut(path, 3)
    assert evaluation.read(path) == kept[:2]


def test_some_rows_are_in_order_so_that_files_are_read_forwards():
    rows = evaluation.some_rows(1000, 100)
    assert len(rows) == 100 and (np.diff(rows) > 0).all() and rows[-1] > 900


def test_a_value_that_is_not_finite_is_none(tmp_path):
    path = tmp_path / "evaluations.jsonl"
    with pytest.raises(ValueError, match="JSON"):
        evaluation.append(path, _kept("training", 1, float("nan")))
    assert path.read_text() == ""
    path.write_text("".join(json.dumps(_kept("training", *of)) + "\n" for of in ((1, float("nan")), (2, 3.0))))
    assert evaluation.best(path, "frechet_distance")["step"] == 2
    assert [evaluation.values(kept) for kept in evaluation.read(path)] == [{}, {"frechet_distance": 3.0}]


def test_the_best_is_the_least_of_those_of_the_training_the_first_of_equal_ones(tmp_path):
    path = tmp_path / "evaluations.jsonl"
    assert evaluation.best(path, "frechet_distance") is None
    for by, step, value in (("training", 1, 3.0), ("training", 2, 1.0), ("evaluate", 3, 0.1), ("training", 4, 1.0)):
        evaluation.append(path, _kept(by, step, value))
    assert evaluation.best(path, "frechet_distance")["step"] == 2
    assert evaluation.best(path, "another") is None
    evaluation.append(path, _kept("training", 5, "0.5"))  # no number
    assert evaluation.best(path, "frechet_distance")["step"] == 2
    assert evaluation.best(path, "frechet_distance", steps=[1, 4])["step"] == 4


def test_copies_are_not_looked_for_among_a_part_of_what_was_learned_and_the_reason_says_so():
    samples = np.random.default_rng(0).normal(size=(30, 2)).astype(np.float32)
    split = evaluation.some(Split(samples, held_out=samples[:10] + 1), 20)
    with pytest.raises(UserError, match="all training samples beside them. Received: a part of the training samples"):
        evaluation.Evaluation(split, samples=10, names=["memorising"])
