"""Overfitting: the critic's estimate on the samples it learns from and on others (paper, Fig. 5b)."""

import numpy as np

from wgangp_tf.errors import Diverged
from wgangp_tf.experiments import trainings
from wgangp_tf.experiments.place import Numbers, at_least
from wgangp_tf.training import metrics_log

PENALTY, CLIPPING = "penalty", "clipping"
NAMES = (PENALTY, CLIPPING)
_TRAINING_SAMPLES = 1000
_SECOND, _LAST = 1, 9  # tenths of a training that are compared; in the first one the generator makes noise
_LEAST = 0.01  # gap to compare with: a smaller one is the noise of the held-out samples


def measure(place):
    """The numbers of the figure."""
    gaps, arrays = {}, {}
    for number, name in enumerate(NAMES):
        place.say(f"training {number + 1} of {len(NAMES)}: {name}")
        given = _given(name, place.small)
        how = trainings.settings(given, samples=_TRAINING_SAMPLES)
        found = place.part(name, how, lambda name=name, given=given: _curves(place, name, given))
        arrays |= {f"{key} {name}": found[key] for key in ("steps", "training", "held_out")}
        gaps[name] = [gap(found, tenth) for tenth in range(10)]
    growth = gaps[PENALTY][_LAST] / max(gaps[PENALTY][_SECOND], _LEAST)
    claim = "gap between training and held-out estimate, last tenth of the steps over the second tenth, penalty"
    return Numbers(
        values={"names": list(NAMES), "relative_gaps": gaps},
        arrays=arrays,
        checks=(at_least(claim, growth, 2),),
        caption=_caption(_given(PENALTY, place.small)),
        lines=tuple(
            f"{name}: gap in parts of the training estimate, from the first tenth of the steps to the last: "
            + " ".join(f"{one:.3f}" for one in found)
            for name, found in gaps.items()
        ),
    )


def gap(curves, tenth):
    """Mean of training minus held-out estimate in a tenth of the steps, in parts of the mean training estimate there.

    The estimate of a clipped critic has no unit: only parts of it can be compared.

    Args:
      curves: {"steps", "training", "held_out"}: arrays [n].
      tenth: int, 0 … 9.
    """
    there = (10 * curves["steps"] - 1) // curves["steps"][-1] == tenth
    training, held_out = curves["training"][there].mean(), curves["held_out"][there].mean()
    return float((training - held_out) / abs(training))


def _curves(place, name, given):
    model, _, directory = trainings.trained(place, name, given, only=_TRAINING_SAMPLES)
    if model is None:
        raise Diverged(f"training {name!r} of figure 'critic_loss' diverged: its estimates cannot be compared")
    events = metrics_log.read(directory.metrics_file)
    names = {"steps": "step", "training": "wasserstein_estimate", "held_out": "validation_wasserstein_estimate"}
    return {key: np.array([event[name] for event in events]) for key, name in names.items()}


def data(small):
    """See `registry.data`."""
    return _given(PENALTY, small)


def _given(name, small):
    given = {"sample_every": 10_000_000, "ema_decay": 0.0, "batch_size": 50, "n_critic": 5}
    if small:
        given |= {"dataset": "digits", "network": "mlp", "width": 256, "learning_rate_decay": "none"}
        given |= {"steps": 3000, "log_every": 20, "checkpoint_every": 500}
    else:
        given |= {"preset": "mnist", "steps": 20_000, "log_every": 100, "checkpoint_every": 100}
    if name == PENALTY:
        return given | {"method": "wgan-gp", "learning_rate": 1e-4, "beta_1": 0.5, "beta_2": 0.9}
    return given | {"method": "wgan", "optimizer": "rmsprop", "learning_rate": 5e-5, "clip_value": 0.01}


def _caption(how):
    of = "scikit-learn's digits (8×8)" if how.get("dataset") == "digits" else "MNIST"
    return (
        f"Mean D(real) − mean D(fake) on the {_TRAINING_SAMPLES:,} training samples of {of} and on held-out ones, over "
        f"{how['steps']:,} generator updates. "
        "Were the critic a measure of the distribution, the curves would agree. They part: the critic learns its "
        "samples by heart, and under the penalty faster than the generator follows, so that the training estimate "
        "stays up while the held-out one falls. Clipping overfits as well, while both of its estimates shrink. "
        "Below: the difference in parts of the training estimate, on one scale; the estimates have two, since the "
        "size of a clipped critic's scores means nothing. The penalty has Adam 1e-4 (betas 0.5 and 0.9) and λ = "
        "10, clipping RMSProp 5e-5 and c = 0.01. After Gulrajani et al. 2017, Fig. 5b."
    )
