"""Normalisation of each sample by itself, whose second derivative is right, and few operations.

A gradient penalty differentiates the critic twice. Keras' own layers are not made for that: `tf.nn.moments`, which they
stand on, takes the mean for a constant where it computes the variance. That leaves the first derivative as it is, and
makes the second one wrong by a constant for each mean (TensorFlow 2.21, `nn_impl.py`). Of the penalty's gradient in the
weights of a small DCGAN critic 0.02 % is wrong so with layer normalisation, 3 % with instance normalisation, and biases
before an instance normalisation, which change nothing, get a gradient (`benchmarks/second_derivatives.py`).

Here both derivatives are written out, as sums over each map and one combination of maps with numbers from these sums.
With d = x − mean(x) and r = 1/√(mean(d²) + ε), the layer gives y = γ·r·d + β.
"""

import math
import numbers

import keras
import tensorflow as tf
from keras import layers


@keras.saving.register_keras_serializable(package="wgangp_tf")
class GroupNormalization(layers.GroupNormalization):
    """`keras.layers.GroupNormalization`: channels in groups, statistics over a group and all other axes of a sample."""

    def __init__(self, groups=32, axis=-1, **keywords):
        """As Keras' own; 1 group for statistics over the whole sample, -1 for one group a channel.

        Raises:
          ValueError: the channels are not the last axis, or there can be no such groups.
        """
        whole = isinstance(groups, numbers.Integral) and not isinstance(groups, bool)
        if not whole or (groups < 1 and groups != -1):
            raise ValueError(
                f"groups must be an integer of at least 1, or -1 for one group a channel. Received: groups={groups!r}"
            )
        _check_epsilon(keywords)
        super().__init__(groups=int(groups), axis=_last(axis, "GroupNormalization"), **keywords)

    def build(self, input_shape):
        _check_shape(input_shape, "GroupNormalization")
        if self.groups != -1 and input_shape[-1] % self.groups:
            raise ValueError(
                f"groups must divide the number of channels, {input_shape[-1]}. Received: groups={self.groups}"
            )
        super().build(input_shape)

    def call(self, inputs, training=False):
        # what samples are drawn with stays plain operations: a SavedModel cannot hold a gradient of one's own
        _check_floats(inputs, "GroupNormalization")
        if not training:
            return super().call(inputs)
        return normalized(inputs, self.gamma, self.beta, self.epsilon, groups=self.groups)


@keras.saving.register_keras_serializable(package="wgangp_tf")
class LayerNormalization(layers.LayerNormalization):
    """`keras.layers.LayerNormalization` over the last axis; over more axes of a sample take `GroupNormalization(1)`."""

    def __init__(self, axis=-1, **keywords):
        """As Keras' own.

        Raises:
          ValueError: another axis than the last, or `rms_scaling`.
        """
        if keywords.get("rms_scaling"):
            raise ValueError(
                "rms_scaling must be left out: keras.layers.RMSNormalization does that. Received: rms_scaling="
                f"{keywords['rms_scaling']!r}"
            )
        _check_epsilon(keywords)
        super().__init__(axis=_last(axis, "LayerNormalization"), **keywords)

    def build(self, input_shape):
        _check_shape(input_shape, "LayerNormalization")
        super().build(input_shape)

    def call(self, inputs, training=False):
        _check_floats(inputs, "LayerNormalization")
        if not training:
            return super().call(inputs)
        rows = tf.reshape(inputs, [-1, inputs.shape[-1]])  # each is normalised by itself
        return tf.reshape(normalized(rows, self.gamma, self.beta, self.epsilon, groups=1), tf.shape(inputs))


def _check_epsilon(keywords):
    """Raises a ValueError for what cannot be added to a variance."""
    epsilon = keywords.get("epsilon", 1.0)
    real = isinstance(epsilon, numbers.Real) and not isinstance(epsilon, bool)
    if not (real and 0 < epsilon < math.inf):
        raise ValueError(f"epsilon must be a number above 0, and finite. Received: epsilon={epsilon!r}")


def _check_shape(shape, name):
    """Raises a ValueError for what has no channels to normalise."""
    one = all(axis is None or isinstance(axis, int) for axis in shape)
    if not one or len(shape) < 2 or shape[-1] is None:
        raise ValueError(f"{name} expects one input, [batch, …, channels] of so many channels. Received: shape {shape}")


def _check_floats(inputs, name):
    """Raises a ValueError for integers, which a mean would be cut to."""
    if not keras.backend.is_float_dtype(inputs.dtype):
        raise ValueError(f"{name} expects floats. Received: dtype {keras.backend.standardize_dtype(inputs.dtype)}")


def _last(axis, name):
    if axis not in (-1, [-1], (-1,)):
        hint = "; over all axes of a sample: GroupNormalization(groups=1)" if name == "LayerNormalization" else ""
        raise ValueError(f"axis of wgangp_tf.{name} must be -1, the last one{hint}. Received: axis={axis}")
    return -1


def normalized(x, scale, offset, epsilon, *, groups):
    """Each group of a sample's channels less its mean, over its deviation, times a scale, plus an offset.

    Args:
      x: float [batch, *axes, channels]; what is below 32 bits is computed in 32.
      scale, offset: [channels], γ and β; None for 1 and 0.
      epsilon: float, added to the variance.
      groups: int, of channels that have one mean and variance together; divides their number.

    Returns:
      As x. Differentiable twice at the cost of a few operations, further by TensorFlow's own means.
    """
    exact = x.dtype if x.dtype == tf.float64 else tf.float32
    scale = tf.ones(x.shape[-1:], exact) if scale is None else tf.cast(scale, exact)
    offset = tf.zeros(x.shape[-1:], exact) if offset is None else tf.cast(offset, exact)
    return tf.cast(_normalized(tf.cast(x, exact), scale, offset, _Sums(x, groups), epsilon), x.dtype)


class _Sums:
    """Sums over the maps of each sample, and means over what is normalised together."""

    def __init__(self, x, groups):
        self._maps = list(range(1, x.shape.rank - 1))
        self._groups, self._channels = groups, x.shape[-1]
        self._count = tf.reduce_prod(tf.shape(x)[1:-1]) * (self._channels // groups)

    def of(self, *maps):
        """Sum over each map of the product of some: [batch, 1 …, channels]."""
        return tf.reduce_sum(math.prod(maps[1:], start=maps[0]), self._maps, keepdims=True)

    def mean(self, sums):
        """From sums over maps, a mean over what is normalised together: [batch, 1 …, channels or 1]."""
        return self._of_group(sums) / tf.cast(self._count, sums.dtype)

    def _of_group(self, sums):
        """The sum over each group, for each of its channels; once where there is one group."""
        if self._groups == self._channels:
            return sums
        if self._groups == 1:
            return tf.reduce_sum(sums, -1, keepdims=True)
        size = self._channels // self._groups
        total = tf.reduce_sum(tf.reshape(sums, [-1, self._groups, size]), -1)
        return tf.reshape(tf.repeat(total, size, axis=-1), tf.shape(sums))

    def per_channel(self, sums):
        """From sums over maps, those over all samples: [channels]."""
        return tf.reduce_sum(sums, list(range(sums.shape.rank - 1)))


def _centred(x, sums, epsilon):
    """(d, r); derivatives make them again, and the graph's optimizer takes them for the same."""
    centred = x - sums.mean(sums.of(x))
    return centred, tf.math.rsqrt(sums.mean(sums.of(centred, centred)) + epsilon)


def _normalized(x, scale, offset, sums, epsilon):
    @tf.custom_gradient
    def forward(x, scale, offset):
        d, r = _centred(x, sums, epsilon)

        def gradient(upstream):
            return _gradient(x, scale, upstream, sums, epsilon)

        return (scale * r) * d + offset, gradient

    return forward(x, scale, offset)


def _gradient(x, scale, upstream, sums, epsilon):
    """Gradients for x, scale and offset, with n = r·d and w = γ·g: r·(w − mean(w) − n·mean(w·n)), Σ g·n and Σ g."""

    @tf.custom_gradient
    def backward(x, scale, g):
        d, r = _centred(x, sums, epsilon)
        of_g, of_gd = sums.of(g), sums.of(g, d)
        mean_w, mean_wn = sums.mean(scale * of_g), r * sums.mean(scale * of_gd)
        of_x = (scale * r) * g - (r * r * mean_wn) * d - r * mean_w

        def gradient(*upstreams):
            return _second_gradient(x, scale, g, upstreams, sums, epsilon)

        return (of_x, sums.per_channel(r * of_gd), sums.per_channel(of_g)), gradient

    return backward(x, scale, upstream)


def _second_gradient(x, scale, g, upstreams, sums, epsilon):
    """Gradients of what `_gradient` gives: for x, scale and g.

    With u for the gradient of x, α = mean(u·n), β = mean(w·n):
      for w: r·(u − mean(u) − n·α), the projection of the first derivative once more;
      for x: −r²·(β·u + α·w + n·(mean(u·w) − mean(u)·mean(w) − 3·α·β) − β·mean(u) − α·mean(w)).
    With v for the gradient of γ, which is Σ g·n, x has what the layer's own derivative gives of v·g, and g has v·n.
    """
    u, v, of_offset = upstreams
    d, r = _centred(x, sums, epsilon)
    of_u, of_g, of_ud, of_gd, of_ug = sums.of(u), sums.of(g), sums.of(u, d), sums.of(g, d), sums.of(u, g)
    mean_u, mean_w = sums.mean(of_u), sums.mean(scale * of_g)
    alpha, beta = r * sums.mean(of_ud), r * sums.mean(scale * of_gd)
    mean_uw = sums.mean(scale * of_ug)
    # of v: a first derivative with v in the place of the scale
    mean_vg, mean_vgn = sums.mean(v * of_g), r * sums.mean(v * of_gd)

    of_n = r * r * (mean_uw - mean_u * mean_w - 3.0 * alpha * beta) + r * mean_vgn
    constant = r * r * (beta * mean_u + alpha * mean_w) - r * mean_vg
    of_x = (r * v - r * r * alpha * scale) * g - (r * r * beta) * u - (of_n * r) * d + constant
    of_g_ = (scale * r) * u + (r * (v - scale * alpha * r)) * d + (of_offset - scale * r * mean_u)
    of_scale = sums.per_channel(r * (of_ug - mean_u * of_g - alpha * r * of_gd))
    return of_x, of_scale, of_g_
