"""Optimizers, with learning rates that follow the step of the run."""

import math

import keras
import tensorflow as tf


class _OfStep(keras.optimizers.schedules.LearningRateSchedule):
    """A rate that falls from its initial value at step 0 to zero at the last step.

    Keyed on the step of the run, not on the optimizer's own count: the critic's optimizer counts n_critic updates a
    step and would reach zero after 1/n_critic of the run, and a loss-scaling optimizer skips.
    """

    def __init__(self, initial, steps, step):
        """
        Args:
          initial: float, the rate at step 0.
          steps: int, length of the run.
          step: integer variable, the step of the run.
        """
        super().__init__()
        self._initial, self._steps, self._step = initial, steps, step

    def __call__(self, optimizer_iterations):
        del optimizer_iterations
        return self._initial * self._factor(tf.minimum(tf.cast(self._step, tf.float32) / self._steps, 1.0))

    def get_config(self):
        raise NotImplementedError("a rate keyed on the step of a run has no meaning without the run")


class LinearToZero(_OfStep):
    """See `_OfStep`; along a straight line."""

    def _factor(self, progress):
        return 1.0 - progress


class CosineToZero(_OfStep):
    """See `_OfStep`; along half a cosine (Loshchilov and Hutter 2017, eq. 5, without restarts)."""

    def _factor(self, progress):
        return 0.5 * (1.0 + tf.cos(math.pi * progress))


@keras.saving.register_keras_serializable(package="wgangp_tf")
class Adam(keras.optimizers.Adam):
    """Keras' Adam (Kingma and Ba 2015) with one operation a weight in place of a dozen: the same to rounding.

    Of the digits' step, whose weights are small, Keras' own take a quarter.
    """

    def __init__(self, learning_rate, *, beta_1, beta_2, name="adam"):
        super().__init__(learning_rate, beta_1=beta_1, beta_2=beta_2, name=name)

    def get_config(self):
        own = super().get_config()
        return {name: own[name] for name in ("learning_rate", "beta_1", "beta_2", "name")}

    def update_step(self, gradient, variable, learning_rate):
        place = self._get_variable_index(variable)
        step = tf.cast(self.iterations + 1, variable.dtype)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[place].value.handle,
            v=self._velocities[place].value.handle,
            beta1_power=tf.cast(self.beta_1, variable.dtype) ** step,
            beta2_power=tf.cast(self.beta_2, variable.dtype) ** step,
            lr=tf.cast(learning_rate, variable.dtype),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=tf.cast(gradient, variable.dtype),
        )


def make(name, rate, *, beta_1=0.0, beta_2=0.9):
    """An optimizer by name.

    Args:
      name: "adam", "rmsprop" or "sgd".
      rate: float or schedule.
      beta_1: decay of Adam's first moment.
      beta_2: decay of Adam's second moment.

    Returns:
      keras.optimizers.Optimizer, not built.
    """
    if name == "adam":
        return Adam(rate, beta_1=beta_1, beta_2=beta_2)
    return {"rmsprop": keras.optimizers.RMSprop, "sgd": keras.optimizers.SGD}[name](rate)
