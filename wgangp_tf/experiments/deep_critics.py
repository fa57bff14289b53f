"""The four critics behind two figures: 12-layer networks on the Swiss roll, clipped at three bounds and penalised.

Gulrajani et al. 2017, Fig. 1b: generator and critic are 12-layer ReLU networks without normalisation. Width, optimizer
and number of updates are not in the paper; here clipping has RMSProp 5e-5 and the penalty Adam 1e-4 with betas 0.5 and
0.9 and λ 10, each its own paper's.
"""

import numpy as np

from wgangp_tf.errors import Diverged
from wgangp_tf.experiments import trainings

CLIPS = (0.1, 0.01, 0.001)
PENALTY = "penalty"
_BATCH = 256


def names():
    """Of the critics, in the order they are drawn."""
    return [f"clipping {clip:g}" for clip in CLIPS] + [PENALTY]


def measured(place):
    """{name of a critic: {"gradient_norms": float [13], "weights": float [n]}}."""
    beside = ("gradient_norms", "weight_histograms")
    found = {}
    for number, name in enumerate(names()):
        place.say(f"critic {number + 1} of {len(names())}: {name}")
        given = _given(name, place.small)
        how = trainings.settings(given)
        found[name] = place.part(name.replace(" ", "-"), how, lambda name=name: _measure(place, name), beside)
    return found


def settings(small):
    """What the caption says of the networks: {name: number}."""
    given = _given(PENALTY, small)
    return {name: given[name] for name in ("width", "steps", "n_critic", "batch_size")}


def _given(name, small):
    given = {
        "dataset": "swiss_roll",
        "network": "mlp12",
        "width": 128 if small else 512,
        "batch_size": _BATCH,
        "n_critic": 5,
        "steps": 600 if small else 10_000,
        "learning_rate_decay": "none",
        "ema_decay": 0.0,
        "log_every": 100,
        "sample_every": 10_000_000,
        "checkpoint_every": 200,
    }
    if name == PENALTY:
        return given | {
            "method": "wgan-gp",
            "gp_weight": 10.0,
            "optimizer": "adam",
            "learning_rate": 1e-4,
            "beta_1": 0.5,
            "beta_2": 0.9,
        }
    clip = float(name.split()[1])
    return given | {"method": "wgan", "clip_value": clip, "optimizer": "rmsprop", "learning_rate": 5e-5}


def _measure(place, name):
    model, source, _ = trainings.trained(place, name.replace(" ", "-"), _given(name, place.small))
    if model is None:
        raise Diverged(f"training {name!r} diverged: its gradients and weights cannot be compared")
    real = source.train.samples[np.arange(_BATCH)]
    fake = model.generate(_BATCH, seed=1)
    weights = [np.ravel(variable.numpy()) for variable in model.critic.trainable_variables if variable.ndim == 2]
    return {"gradient_norms": gradient_norms(model.critic, real, fake), "weights": np.concatenate(weights)}


def gradient_norms(critic, real, fake):
    """Norm of the gradient of the critic's loss at the output of each of its layers, from the first to the score.

    Args:
      critic: Keras model of dense layers, each followed by a ReLU layer but the last.
      real, fake: float32 [batch, 2].

    Returns:
      float64 [layers]: over all numbers of the batch; the loss is mean D(fake) − mean D(real), in float64 so that what
      is below float32's range still shows.
    """
    import tensorflow as tf

    signs = np.concatenate([-np.ones(len(real)) / len(real), np.ones(len(fake)) / len(fake)])
    dense = [layer for layer in critic.layers if hasattr(layer, "kernel")]
    x = tf.constant(np.concatenate([real, fake]), tf.float64)
    outputs = []
    with tf.GradientTape() as tape:
        tape.watch(x)
        for layer in dense:
            x = x @ tf.cast(layer.kernel.value, tf.float64) + tf.cast(layer.bias.value, tf.float64)
            x = x if layer is dense[-1] else tf.nn.relu(x)
            outputs.append(x)
        loss = tf.reduce_sum(outputs[-1][:, 0] * signs)
    return np.array([np.linalg.norm(gradient) for gradient in tape.gradient(loss, outputs)])
