"""The gap between the estimate on training samples and on others."""

import json

import numpy as np
import pytest

from wgangp_tf.errors import Diverged
from wgangp_tf.experiments import critic_loss, place, trainings
from wgangp_tf.stopping import Stop
from wgangp_tf.training import resolve


def curves(held_out, training=2.0, steps=3000, every=20):
    at = np.arange(every, steps + 1, every)
    return {"steps": at, "training": np.full(len(at), training), "held_out": held_out(at / steps)}


def test_the_gap_is_a_share_of_the_training_estimate():
    flat = curves(lambda share: np.full_like(share, 1.5))
    assert critic_loss.gap(flat, 0) == critic_loss.gap(flat, 9) == 0.25
    upside_down = {name: value if name == "steps" else -value for name, value in flat.items()}
    assert critic_loss.gap(upside_down, 4) == -0.25, "the scores of a critic may have any sign, its gap has one"


@pytest.mark.parametrize(("steps", "every"), [(3000, 20), (20_000, 100), (700, 7)])
def test_each_event_is_in_one_tenth(steps, every):
    # 2 but at one event: of the n events of its tenth the mean is 2 − 2/n there, so a gap of 1/n
    count = steps // every
    for event in range(count):
        found = curves(lambda share: np.full_like(share, 2.0), steps=steps, every=every)
        found["held_out"][event] = 0.0
        gaps = [critic_loss.gap(found, tenth) for tenth in range(10)]
        wanted = [0.0] * 10
        wanted[10 * event // count] = 10 / count  # event 0 ends the first of `count` equal parts
        assert gaps == pytest.approx(wanted)


class Still(place.Place):
    """A place whose parts are there already."""

    def part(self, name, settings, make, beside=()):
        self.asked = {**getattr(self, "asked", {}), name: settings["given"]}
        return self.curves[name]


@pytest.mark.parametrize("small", [True, False])
def test_two_trainings_of_one_network_are_compared(tmp_path, small):
    still = Still(tmp_path, small, lambda line: None, None)
    # held out it falls by a step each tenth, from the training estimate of 2 on
    falling = curves(lambda share: 2 - 0.2 * (np.ceil(10 * share - 1e-6) - 1))
    still.curves = {"penalty": falling, "clipping": curves(lambda share: np.full_like(share, 2.2))}
    numbers = critic_loss.measure(still)
    ways = {name: resolve.resolve(given) for name, given in still.asked.items()}
    assert len({(w.data, w.model.network, w.model.width, w.optimization.batch_size) for w in ways.values()}) == 1
    assert len({(w.optimization.n_critic, w.optimization.steps) for w in ways.values()}) == 1
    penalty, clipping = ways["penalty"], ways["clipping"]
    assert (penalty.model.method, penalty.optimization.optimizer) == ("wgan-gp", "adam")
    assert (clipping.model.method, clipping.optimization.optimizer) == ("wgan", "rmsprop")
    assert penalty.optimization.gp_weight == 10 and clipping.optimization.clip_value == 0.01  # as the caption says
    assert {way.data.dataset for way in ways.values()} == {"digits" if small else "mnist"}
    for given in still.asked.values():
        assert given["steps"] % (10 * given["log_every"]) == 0, "tenths of other numbers of events"

    gaps = numbers.values["relative_gaps"]
    assert gaps["penalty"] == pytest.approx([0.1 * k for k in range(10)])
    assert gaps["clipping"] == pytest.approx([-0.1] * 10)
    assert numbers.lines[0].endswith("to the last: " + " ".join(f"{0.1 * k:.3f}" for k in range(10)))
    (check,) = numbers.checks
    assert check.value == pytest.approx(9) and check.holds  # 0.9 over 0.1

    still.curves["penalty"] = curves(lambda share: np.full_like(share, 1.5))
    (check,) = critic_loss.measure(still).checks
    assert check.value == pytest.approx(1) and not check.holds
    # none at first: what is divided by is not nothing
    still.curves["penalty"] = curves(lambda share: np.where(share > 0.9, 1.98, 2.0))
    (check,) = critic_loss.measure(still).checks
    assert check.value == pytest.approx(1) and not check.holds


def test_the_curves_are_those_that_a_training_on_few_samples_logged(tmp_path, monkeypatch):
    monkeypatch.setattr(critic_loss, "_TRAINING_SAMPLES", 24)
    here = place.Place(tmp_path, True, lambda line: None, Stop())
    given = critic_loss._given("penalty", True) | {"width": 4, "batch_size": 8, "n_critic": 1, "steps": 6}
    given |= {"log_every": 2}
    with here.stop:
        found = critic_loss._curves(here, "penalty", given)
    (run,) = (tmp_path / "trainings-small").glob("penalty-*")
    events = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    np.testing.assert_array_equal(found["steps"], [2, 4, 6])
    np.testing.assert_array_equal(found["training"], [event["wasserstein_estimate"] for event in events])
    np.testing.assert_array_equal(found["held_out"], [event["validation_wasserstein_estimate"] for event in events])
    data = json.loads((run / "environment.json").read_text())["data"]
    assert data["training_samples"] == 24 and data["held_out_samples"] == 297


def test_the_few_samples_are_drawn_once_from_the_training_samples_alone():
    from wgangp_tf.data.source import Source, Split
    from wgangp_tf.samples.spec import Spec

    train, held_out = np.arange(100.0).reshape(50, 2), -np.ones([5, 2])
    source = Source("made up", Spec("points", (2,)), Split(train, np.arange(50)), Split(held_out), fingerprint="f")
    few = trainings._with_few(source, 20)
    rows = few.train.samples[np.arange(20)]
    assert len(few.train) == len(np.unique(rows[:, 0])) == 20 and set(rows[:, 0]) < set(train[:, 0])
    np.testing.assert_array_equal(rows[:, 0], 2 * few.train.labels)
    np.testing.assert_array_equal(rows, trainings._with_few(source, 20).train.samples[np.arange(20)])
    assert few.validation is source.validation and few.fingerprint == "f-20"
    assert rows[-1, 0] > 60, "the first ones alone"


def test_a_training_that_diverged_is_not_compared(tmp_path, monkeypatch):
    monkeypatch.setattr(trainings, "trained", lambda *_, **__: (None, None, None))
    here = place.Place(tmp_path, True, lambda line: None, Stop())
    with pytest.raises(Diverged, match="training 'penalty' of figure 'critic_loss' diverged"):
        critic_loss.measure(here)
    assert not (tmp_path / "parts").exists()
