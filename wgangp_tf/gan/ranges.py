"""The values that a generator can make, beside those of the real samples: of others it could learn only the edges."""

import keras
import numpy as np
import tensorflow as tf

from wgangp_tf.gan import asserted, callers

_SHARE = 0.25  # of the range, how far samples may lie beyond: pictures that were resized overshoot by less
# activation → the values it gives
_RANGES = {
    keras.activations.tanh: (-1.0, 1.0),
    keras.activations.sigmoid: (0.0, 1.0),
    keras.activations.hard_sigmoid: (0.0, 1.0),
    keras.activations.softsign: (-1.0, 1.0),
}
# layers that leave values as they are, but for their activation
_SAME = (
    keras.layers.Activation,
    keras.layers.Reshape,
    keras.layers.Flatten,
    keras.layers.Permute,
    keras.layers.Identity,
    keras.layers.Cropping1D,
    keras.layers.Cropping2D,
    keras.layers.Cropping3D,
)


def of(network):
    """(least, most) that a network can give by its last activation; None where there is no telling.

    Args:
      network: built Keras model of one output.
    """
    outputs = getattr(network, "outputs", None)
    if not outputs or len(outputs) != 1:  # a class of one's own
        return None
    return _of_tensor(outputs[0])


def _of_tensor(tensor):
    layer, node, _ = getattr(tensor, "_keras_history", (None, None, None))
    if isinstance(layer, keras.Model):
        return of(layer)
    inputs = [] if layer is None else layer._inbound_nodes[node].input_tensors
    own = _of_activation(getattr(layer, "activation", None))
    passes = isinstance(layer, _SAME)
    if own is not None or not passes or len(inputs) != 1:
        return own
    linear = getattr(layer, "activation", None) in (None, keras.activations.linear)
    return _of_tensor(inputs[0]) if linear else None


def _of_activation(activation):
    if isinstance(activation, keras.layers.Layer):
        activation = getattr(activation, "activation", None)
    return next((bounds for known, bounds in _RANGES.items() if known is activation), None)


def _limits(bounds):
    """(least, most) that samples may have beside a generator of these bounds."""
    least, most = bounds
    slack = _SHARE * (most - least)
    return least - slack, most + slack


def _refusal(bounds, least=0.0):
    """What is said of samples beyond bounds, up to the least of them and the most."""
    low, high = bounds
    scaled = "; pixels of 0 to 255 become that by x / 127.5 - 1" if bounds == (-1.0, 1.0) and least >= 0 else ""
    return (
        f"Samples must lie in [{low:g}, {high:g}], where the generator's last activation puts its own{scaled}. "
        f"Received: values from"
    )


def check(samples, bounds):
    """Raises a ValueError for an array of samples far outside of what the generator can make.

    Warns of pictures in [0, 1] beside a generator that gives [−1, 1].

    Args:
      samples: float array [n, *sample].
      bounds: what `of` gives.
    """
    if bounds is None or not np.size(samples):
        return
    least, most = float(np.min(samples)), float(np.max(samples))
    low, high = _limits(bounds)
    if least < low or most > high:  # NaN is another's business
        raise ValueError(f"{_refusal(bounds, least)} {least:g} to {most:g}")
    if bounds == (-1.0, 1.0) and least >= 0 and most > 0.5 and np.ndim(samples) == 4 and len(samples) > 1:
        callers.warn(
            f"the pictures lie in [0, 1], half of what the generator makes, [-1, 1]: 2 x - 1 puts them there. "
            f"Received: values from {least:g} to {most:g}",
        )


def checked_at(step, samples, bounds):
    """Samples as they are, in a graph; those of step 0 are looked at, as `check` does.

    Args:
      step: integer tensor [].
      samples: float32 [n, *sample].
      bounds: what `of` gives.

    Raises:
      tf.errors.InvalidArgumentError: as `asserted.holding` does.
    """
    if bounds is None:
        return samples
    low, high = _limits(bounds)
    least, most = tf.reduce_min(samples), tf.reduce_max(samples)
    within = tf.logical_not(tf.logical_or(least < low, most > high))
    return asserted.holding(samples, tf.logical_or(step > 0, within), _refusal(bounds), least, "to", most)
