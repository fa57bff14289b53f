"""What the steps since the last log said, gathered on the device, so that no step waits for the host."""

import numpy as np
import tensorflow as tf

from wgangp_tf.gan import replicas
from wgangp_tf.quantities import QUANTITIES

_NONE = -1  # no step was bad


class Summary:
    """Sums, least, greatest and last values of what each step logs, and the first step that was not finite.

    The variables are part of a checkpoint: a run stopped between two logs logs the same next line.
    """

    def __init__(self, model):
        """
        Args:
          model: `GAN`; made in the scope of its strategy.
        """
        self._model = model
        self._names = model.log_names
        count = len(self._names)
        with model.distribute_strategy.scope():
            self._count = _variable(0, "count", tf.int64)
            self._total = _variable(np.zeros(count), "total", tf.float64)
            self._least = _variable(np.full(count, np.inf), "least")
            self._greatest = _variable(np.full(count, -np.inf), "greatest")
            self._last = _variable(np.zeros(count), "last")
            self._bad_step = _variable(_NONE, "bad_step", tf.int64)
            self._bad = _variable(np.zeros(count), "bad")
            self._fakes_were_finite = _variable(1, "fakes_were_finite", tf.int64)

    @property
    def variables(self):
        """List of tf.Variable, what a checkpoint holds."""
        return [self._count, self._total, self._least, self._greatest, self._last]

    def update(self, values):
        """Takes in what a step logged, {name: float32 []}; called right after it, in a graph and in each replica."""
        values = replicas.mean(tf.stack([tf.cast(values[name], tf.float32) for name in self._names]))
        self._count.assign_add(1)
        self._total.assign_add(tf.cast(values, tf.float64))
        self._least.assign(tf.minimum(self._least, values))
        self._greatest.assign(tf.maximum(self._greatest, values))
        self._last.assign(values)
        first_bad = (self._bad_step < 0) & ~tf.reduce_all(tf.math.is_finite(values))
        self._bad.assign(tf.where(first_bad, values, self._bad))
        self._fakes_were_finite.assign(tf.where(first_bad, self._model.fakes_finite, self._fakes_were_finite))
        self._bad_step.assign(tf.where(first_bad, tf.cast(self._model.step, tf.int64), self._bad_step))

    def fault(self):
        """What the first step that was not finite met, in words; None where all were."""
        step = int(self._bad_step.numpy())
        if step == _NONE:
            return None
        if not int(self._fakes_were_finite.numpy()):  # what the critic made of them is not its fault
            return f"samples of the generator are not finite at step {step}"
        values = dict(zip(self._names, self._bad.numpy().tolist(), strict=True))
        name = next(name for name, value in values.items() if not np.isfinite(value))
        network = "generator" if name.startswith("generator") else "critic"
        return f"{name} of the {network} is {values[name]} at step {step}"

    def take(self):
        """The values since the last call, {name: float}, as `quantities` says they are gathered; begins anew.

        {} where there was no step.
        """
        count = int(self._count.numpy())
        if not count:
            return {}
        gathered = {
            "mean": self._total.numpy() / count,
            "least": self._least.numpy(),
            "greatest": self._greatest.numpy(),
            "last": self._last.numpy(),
        }
        values = {name: float(gathered[QUANTITIES[name].gathered][place]) for place, name in enumerate(self._names)}
        self._count.assign(0)
        self._total.assign(np.zeros(len(self._names)))
        self._least.assign(np.full(len(self._names), np.inf, np.float32))
        self._greatest.assign(np.full(len(self._names), -np.inf, np.float32))
        return values


def _variable(value, name, dtype=tf.float32):
    """A variable that all replicas agree on."""
    return tf.Variable(
        tf.constant(value, dtype),
        trainable=False,
        name=name,
        aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
    )
