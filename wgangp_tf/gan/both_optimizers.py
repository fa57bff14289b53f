"""The two optimizers of a `GAN`, as Keras' callbacks see the one of another model."""

import keras
import tensorflow as tf


class BothOptimizers:
    """What `GAN.optimizer` is: a learning rate that is set goes to both networks.

    The rate that is read is the generator's. One that is set is the generator's too, and the critic's keeps its ratio
    to it: so `LearningRateScheduler` and `ReduceLROnPlateau` act on both, and two rates stay two.
    """

    def __init__(self, generator_optimizer, critic_optimizer):
        """
        Args:
          generator_optimizer, critic_optimizer: Keras optimizers.
        """
        self._optimizers = generator_optimizer, critic_optimizer
        self._ratio = 1.0  # of the rates, where the generator's is 0 and tells none
        self._keep_ratio()

    def _keep_ratio(self):
        if not self.follows_schedule:
            of_generator, of_critic = (_value(optimizer.learning_rate) for optimizer in self._optimizers)
            self._ratio = of_critic / of_generator if of_generator > 0 else self._ratio

    @property
    def follows_schedule(self):
        """Whether a rate follows a schedule of its own, so that it cannot be set."""
        own = [getattr(each, "inner_optimizer", each) for each in self._optimizers]
        return not all(isinstance(each._learning_rate, keras.Variable) for each in own)

    @property
    def built(self):
        return all(optimizer.built for optimizer in self._optimizers)

    @property
    def learning_rate(self):
        rate = self._optimizers[0].learning_rate
        return _seen(rate, self._set) if isinstance(rate, keras.Variable) else rate

    @learning_rate.setter
    def learning_rate(self, rate):
        self._set(rate)

    def _set(self, rate):
        self._keep_ratio()
        of_generator, of_critic = self._optimizers
        of_generator.learning_rate = rate
        of_critic.learning_rate = _value(rate) * self._ratio

    @property
    def iterations(self):
        """Updates of the generator."""
        return self._optimizers[0].iterations

    @property
    def variables(self):
        return [variable for optimizer in self._optimizers for variable in optimizer.variables]

    def __getattr__(self, name):
        # what Keras' old form of a whole model is made of
        saved = "; a GAN is saved whole to a file that ends in .keras" if name == "get_config" else ""
        raise AttributeError(
            f"a GAN has two optimizers, generator_optimizer and critic_optimizer: ask them for {name!r}{saved}"
        )


def _seen(variable, assign):
    """A Keras variable as it is, but that what is assigned to it goes elsewhere: `assign_add` and the like, too."""
    kind = type(variable)

    def assign_elsewhere(self, value):
        assign(value)
        return self

    own = type(kind)(kind.__name__, (kind,), {"assign": assign_elsewhere})
    seen = own.__new__(own)
    vars(seen).update(vars(variable))  # its value is the same TensorFlow variable
    return seen


def _value(rate):
    # through a tensor: a variable of several replicas is no number
    return float(tf.convert_to_tensor(rate.value if isinstance(rate, keras.Variable) else rate))


def of(generator_optimizer, critic_optimizer, make_default):
    """Both optimizers, from what `compile` took.

    Args:
      generator_optimizer, critic_optimizer: Keras optimizers, their names or configs; None for the method's own.
      make_default: callable, a new one of the method's own.

    Returns:
      (generator's, critic's), two Keras optimizers.

    Raises:
      ValueError: one is something else, both are the same, or one averages weights of its own.
    """
    found = []
    for role, given in (("generator", generator_optimizer), ("critic", critic_optimizer)):
        name = f"{role}_optimizer"
        try:
            optimizer = make_default() if given is None else keras.optimizers.get(given)
        except Exception as error:  # of whatever a config holds
            reason = str(error).strip().partition("\n")[0]
            raise ValueError(
                f"{name} must be a Keras optimizer, its name or its config. Received: {given!r} ({reason})"
            ) from error
        if not isinstance(optimizer, keras.optimizers.Optimizer):
            raise ValueError(
                f"{name} must be a Keras optimizer, its name or its config. Received: {type(given).__name__}"
            )
        if getattr(getattr(optimizer, "inner_optimizer", optimizer), "use_ema", False):
            raise ValueError(
                f"use_ema must be off: GAN(…, ema_decay=0.999) averages the weights that samples are drawn with. "
                f"Received: use_ema=True in {name}"
            )
        found.append(optimizer)
    if found[0] is found[1]:
        raise ValueError(
            "generator_optimizer and critic_optimizer must be two optimizers: each keeps the state of its own network. "
            f"Received: one {type(found[0]).__name__} for both"
        )
    return found
