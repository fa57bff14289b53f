"""Gradient norms of the critic, and the penalties built on them."""

import numbers

import tensorflow as tf

from wgangp_tf import randomness
from wgangp_tf.gan import arguments, replicas

_FLOOR = 1e-12  # under the root: keeps the second-order gradient finite at norm 0


def gradient_norms(critic, samples):
    """Norm of the critic's gradient at each sample, over all axes of the sample.

    The critic must not mix samples (no batch normalisation), or the norms are not those of single samples.

    Args:
      critic: callable of one tensor, [batch, *sample] -> [batch, 1] or [batch] scores.
      samples: float [batch, *sample], any rank of sample from 1 up; half precision is raised to float32.

    Returns:
      float32 (float64 for float64 samples) [batch], score units per data unit; differentiable in the critic's weights.
      1e-6 where scores do not depend on the samples.

    Raises:
      ValueError: `samples` are no floats or have no sample axis, or the critic cannot take them or gives something else
        than one score a sample.

    Source: Gulrajani et al. 2017, eq. 3.
    """
    samples = _samples("samples", samples)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(samples)
        scores = _scores(critic, samples)
    # samples do not mix, so row k of the gradient of the sum is the gradient of score k
    gradients = tape.gradient(scores, samples, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    squares = tf.square(_at_least_float32(gradients))
    return tf.sqrt(tf.reduce_sum(squares, axis=range(1, len(samples.shape))) + _FLOOR)


def two_sided(norms):
    """(‖∇‖ − 1)² of each sample (Gulrajani et al. 2017, eq. 3)."""
    return tf.square(norms - 1.0)


def one_sided(norms):
    """max(0, ‖∇‖ − 1)² of each sample (Gulrajani et al. 2017, section 4; Petzka et al. 2018)."""
    return tf.square(tf.maximum(norms - 1.0, 0.0))


def zero_centred(norms):
    """‖∇‖² of each sample (Mescheder et al. 2018, eq. 9, without its γ/2)."""
    return tf.square(norms)


# shape of a `methods.Penalty` → what each sample costs, from its gradient norm
SHAPES = {"two-sided": two_sided, "one-sided": one_sided, "zero-centred": zero_centred}


def interpolate(real, fake, *, epsilon=None, seed=None):
    """Points between real and generated samples: x̂ = epsilon·real + (1 − epsilon)·fake.

    Args:
      real: float [batch, *sample].
      fake: the same shape.
      epsilon: float [batch], one weight a sample; None draws from U[0, 1).
      seed: int or int32 [2] for the draw; None draws from TensorFlow's global generator.

    Returns:
      float32 (float64 for float64 samples) [batch, *sample].

    Raises:
      ValueError: samples are no floats or their shapes differ, epsilon is not one number a sample, or the seed is none.
    """
    real, fake = _samples("real", real), _samples("fake", fake)
    if not real.shape.is_compatible_with(fake.shape):
        raise ValueError(f"real and fake must have one shape. Received: {real.shape} and {fake.shape}")
    batch = tf.shape(real)[0]
    if epsilon is None:
        epsilon = _draw(batch, seed)
    epsilon = tf.cast(_tensor("epsilon", epsilon, f"epsilon must be [batch] = {real.shape[:1]}"), real.dtype)
    if not epsilon.shape.is_compatible_with(real.shape[:1]):
        raise ValueError(f"epsilon must be [batch] = {real.shape[:1]}, one a sample. Received: {epsilon.shape}")
    epsilon = tf.reshape(epsilon, [batch] + [1] * (len(real.shape) - 1))
    return epsilon * real + (1.0 - epsilon) * tf.cast(fake, real.dtype)


def gradient_penalty(critic, real, fake, *, epsilon=None, seed=None, one_sided=False):
    """Mean penalty on the critic's gradient norm at points between real and generated samples, without its weight λ.

    E[(‖∇_x̂ D(x̂)‖₂ − 1)²] at x̂ = epsilon·real + (1 − epsilon)·fake, or E[max(0, ‖∇_x̂ D(x̂)‖₂ − 1)²] if `one_sided`.

    Args:
      critic: callable of one tensor, [batch, *sample] -> [batch, 1] or [batch] scores; must not mix samples.
      real: float [batch, *sample].
      fake: the same shape.
      epsilon: float [batch], one weight a sample; None draws from U[0, 1).
      seed: int or int32 [2] for the draw; None draws from TensorFlow's global generator.
      one_sided: penalise only norms above 1.

    Returns:
      float32 (float64 for float64 samples) [], differentiable in the critic's weights.

    Raises:
      ValueError: an argument is not as above; see `gradient_norms` and `interpolate`.

    Source: Gulrajani et al. 2017, eq. 3 and Algorithm 1.
    """
    one_sided = arguments.choice("one_sided", one_sided)
    norms = gradient_norms(critic, interpolate(real, fake, epsilon=epsilon, seed=seed))
    return tf.reduce_mean(SHAPES["one-sided" if one_sided else "two-sided"](norms))


def _between(real, fake, draws):
    return interpolate(real, fake, epsilon=draws.uniform("interpolates", tf.shape(real)[0]))


def _around(real, fake, draws):
    """real + ½·std·U[0, 1)^d, the standard deviation over all numbers of the whole batch (Kodali et al. 2017)."""
    del fake
    whole = real if draws.whole is None else draws.whole
    mean, mean_square = tf.unstack(replicas.mean(tf.stack([tf.reduce_mean(whole), tf.reduce_mean(tf.square(whole))])))
    deviation = tf.sqrt(tf.maximum(mean_square - tf.square(mean), 0.0))
    return real + 0.5 * deviation * draws.uniform("around_real", tf.shape(real)[0], real.shape[1:])


# place of a `methods.Penalty` → the points, from (real samples, fake samples, `draws.Draws`)
PLACES = {
    "interpolates": _between,
    "real": lambda real, fake, draws: real,
    "fake": lambda real, fake, draws: tf.cast(fake, real.dtype),
    "around_real": _around,
}


def _draw(batch, seed):
    if seed is None:
        return tf.random.uniform([batch])
    if isinstance(seed, numbers.Integral) and not isinstance(seed, bool):
        return randomness.uniform([batch], randomness.key(seed, randomness.Use.INTERPOLATION))
    expected = "seed must be an integer, two of them as int32 [2], or None"
    key = _tensor("seed", seed, expected)
    if not key.dtype.is_integer or not key.shape.is_compatible_with([2]):
        raise ValueError(f"{expected}. Received: seed={seed!r}")
    return randomness.uniform([batch], tf.cast(key, tf.int32))


def _tensor(name, value, expected):
    """A value as a tensor; raises a ValueError for what is none."""
    try:
        tensor = tf.convert_to_tensor(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{expected}. Received: {name}, a {type(value).__name__} that is no tensor") from error
    if not (tensor.dtype.is_floating or tensor.dtype.is_integer):
        raise ValueError(f"{expected}. Received: {name} of dtype {tensor.dtype.name}")
    return tensor


def _samples(name, value):
    """float [batch, *sample], in float32 at least; raises a ValueError for what is not that."""
    expected = f"{name} must be [batch, *sample] with at least one sample axis"
    tensor = _tensor(name, value, f"{expected}, floats")
    if not tensor.dtype.is_floating:
        raise ValueError(
            f"{name} must be floats, as the critic sees them. Received: {name} of dtype {tensor.dtype.name}"
        )
    if tensor.shape.rank is None or tensor.shape.rank < 2:
        raise ValueError(f"{expected}. Received: {tensor.shape}")
    return _at_least_float32(tensor)


def _scores(critic, samples):
    """What the critic says of the samples; raises a ValueError where it cannot, or says something else than scores."""
    if not callable(critic):
        raise ValueError(f"critic must be a function of samples, or a Keras model. Received: {type(critic).__name__}")
    try:
        scores = critic(samples)
    except (ValueError, TypeError, tf.errors.InvalidArgumentError) as error:  # of whatever a critic of one's own does
        reason = str(error).strip().partition("\n")[0]
        raise ValueError(
            f"critic must take samples of shape {samples.shape}. Received: one that cannot ({reason})"
        ) from error
    expected = "critic must give one score a sample, a float tensor [batch, 1] or [batch]"
    if not tf.is_tensor(scores):
        several = f" of {len(scores)}" if isinstance(scores, (list, tuple, dict)) else ""
        raise ValueError(f"{expected}, that can be differentiated. Received: {type(scores).__name__}{several}")
    if not scores.dtype.is_floating:
        raise ValueError(f"{expected}, that can be differentiated. Received: dtype {scores.dtype.name}")
    batch = samples.shape[:1]
    if not any(scores.shape.is_compatible_with(shape) for shape in (batch, batch.concatenate([1]))):
        raise ValueError(f"{expected}. Received: {scores.shape} for samples {samples.shape}")
    return scores


def _at_least_float32(tensor):
    return tensor if tensor.dtype == tf.float64 else tf.cast(tensor, tf.float32)
