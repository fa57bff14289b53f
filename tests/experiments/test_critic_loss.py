"""Overfitting: the gap on curves known by hand, and on a tiny training of the product's own."""

import json

import numpy as np
import pytest

from wgangp_tf.errors import Diverged
from wgangp_tf.experiments import critic_loss, place, trainings
from wgangp_tf.stopping import Stop
from wgangp_tf.training import resolve


def _curves(held_out, training=2.0, count=20):
    steps = 50 * np.arange(1, count + 1)
    return {"steps": steps, "training": np.full(count, training), "held_out": np.asarray(held_out, float)}


def test_the_gap_of_a_tenth_is_of_its_steps_alone():
    # two events a tenth: in the k-th the training estimate is 2 and the held-out one 2 − k ± 1, so k/2 of it apart
    curves = _curves([2 - k + sign for k in range(10) for sign in (-1, 1)])
    assert [critic_loss.gap(curves, tenth) for tenth in range(10)] == [k / 2 for k in range(10)]


def test_the_gap_is_in_parts_of_the_size_of_the_training_estimate():
    curves = _curves(np.full(20, 1.0))
    tenfold = {name: curve if name == "steps" else 10 * curve for name, curve in curves.items()}
    assert critic_loss.gap(curves, 3) == critic_loss.gap(tenfold, 3) == 0.5
    below_nought = _curves(np.full(20, -3.0), training=-2.0)  # held out is less here as well
    assert critic_loss.gap(below_nought, 3) == 0.5


class Still(place.Place):
    """A place whose parts are there already."""

    def part(self, name, settings, make, beside=()):
        self.asked = {**getattr(self, "asked", {}), name: settings}
        return self.curves[name]


@pytest.fixture
def still(tmp_path):
    return Still(tmp_path, True, lambda line: None, None)


def test_the_claim_is_that_the_gap_grows_under_the_penalty(still):
    rising = np.repeat(np.arange(10) / 20, 2)  # 0, 0.05, … 0.45 in parts of 1
    still.curves = {"penalty": _curves(1 - rising, 1.0), "clipping": _curves(np.ones(20), 1.0)}
    numbers = critic_loss.measure(still)
    (check,) = numbers.checks
    assert check.value == pytest.approx(0.45 / 0.05) and check.holds
    assert numbers.values["relative_gaps"]["penalty"] == pytest.approx([k / 20 for k in range(10)])
    tenths = "0.00, 0.05, 0.10, 0.15, 0.20, 0.25, 0.30, 0.35, 0.40, 0.45"
    assert numbers.lines[0] == f"penalty: gap in parts of the training estimate, in each tenth of the steps: {tenths}"
    assert numbers.lines[1].endswith("steps: " + ", ".join(["0.00"] * 10))
    json.dumps(numbers.values, allow_nan=False)


@pytest.mark.parametrize("early", [0.0, -0.5])
def test_a_start_without_a_gap_makes_no_growth_of_a_small_one(still, early):
    held_out = np.r_[np.full(4, 1 - early), np.full(16, 1 - 0.015)]
    still.curves = {"penalty": _curves(held_out, 1.0), "clipping": _curves(np.ones(20), 1.0)}
    (check,) = critic_loss.measure(still).checks
    assert check.value == pytest.approx(1.5) and not check.holds


@pytest.mark.parametrize("small", [True, False])
def test_both_critics_learn_from_the_same_few_samples(tmp_path, small):
    still = Still(tmp_path, small, lambda line: None, None)
    still.curves = {"penalty": _curves(np.ones(20)), "clipping": _curves(np.ones(20))}
    critic_loss.measure(still)
    penalty, clipping = (resolve.resolve(still.asked[name]) for name in ("penalty", "clipping"))
    assert (penalty.model.method, clipping.model.method) == ("wgan-gp", "wgan")
    assert penalty.data == clipping.data and penalty.data.dataset == ("digits" if small else "mnist")
    assert penalty.model.network == clipping.model.network and penalty.model.width == clipping.model.width
    for name in ("batch_size", "n_critic", "steps"):
        assert getattr(penalty.optimization, name) == getattr(clipping.optimization, name)
    assert penalty.optimization.gp_weight == 10 and clipping.optimization.clip_value == 0.01
    assert all(given["steps"] >= 100 * given["log_every"] for given in still.asked.values()), "ten events a tenth"


_TINY = {
    "dataset": "digits",
    "network": "mlp",
    "width": 4,
    "latent_dim": 2,
    "batch_size": 8,
    "n_critic": 1,
    "steps": 4,
    "log_every": 2,
    "sample_every": 100,
    "ema_decay": 0.0,
    "method": "wgan",
}


def test_the_curves_are_those_of_a_training_on_few_samples(tmp_path, monkeypatch):
    monkeypatch.setattr(critic_loss, "_TRAINING_SAMPLES", 30)
    sources, trained = [], trainings.trained

    def kept(*given, **more):
        model, source, directory = trained(*given, **more)
        sources.append(source)
        return model, source, directory

    monkeypatch.setattr(trainings, "trained", kept)
    found = critic_loss._curves(place.Place(tmp_path, True, lambda line: None, Stop()), "one", _TINY)
    (source,) = sources
    assert len(source.train) == 30 and len(source.validation) == 297
    events = (tmp_path / "trainings-small" / "one" / "metrics.jsonl").read_text().splitlines()
    logged = [json.loads(line) for line in events]
    assert found["steps"].tolist() == [2, 4]
    for key, name in (("training", "wasserstein_estimate"), ("held_out", "validation_wasserstein_estimate")):
        assert found[key].tolist() == [event[name] for event in logged]


def test_a_training_that_diverged_is_no_curve(tmp_path, monkeypatch):
    monkeypatch.setattr(trainings, "trained", lambda *given, **more: (None, None, None))
    with pytest.raises(Diverged, match="training 'penalty' of figure 'critic_loss' diverged"):
        critic_loss.measure(place.Place(tmp_path, True, lambda line: None, Stop()))
    assert not any(tmp_path.iterdir())
