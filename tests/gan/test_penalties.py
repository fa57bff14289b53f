import keras
import numpy as np
import pytest
import tensorflow as tf

from wgangp_tf import gradient_norms, gradient_penalty
from wgangp_tf.gan import penalties

RANKS = [(2,), (3, 2), (2, 3, 2), (2, 2, 3, 1)]


def linear(shape, scale=1.0, dtype="float32"):
    """A critic whose gradient is scale * (3, 0, …, 0, 4) everywhere: norm 5 * scale."""
    gradient = np.zeros(int(np.prod(shape)))
    gradient[0], gradient[-1] = 3 * scale, 4 * scale
    gradient = tf.constant(gradient[:, None], dtype)

    def critic(samples):
        return tf.reshape(samples, [-1, gradient.shape[0]]) @ gradient

    return critic


def random_pair(shape, count=6):
    rng = np.random.default_rng(0)
    return rng.normal(size=(2, count, *shape)).astype(np.float32)


@pytest.mark.parametrize("shape", RANKS)
@pytest.mark.parametrize("scale, two_sided, one_sided", [(1.0, 16.0, 16.0), (0.2, 0.0, 0.0), (0.1, 0.25, 0.0)])
def test_penalty_of_a_linear_critic(shape, scale, two_sided, one_sided):
    # norms 5, 1 and 0.5: (5 - 1)^2 = 16, (1 - 1)^2 = 0, (0.5 - 1)^2 = 0.25, or 0 where only norms above 1 count
    real, fake = random_pair(shape)
    critic = linear(shape, scale)
    np.testing.assert_allclose(gradient_norms(critic, real), np.full(6, 5 * scale), rtol=1e-6)
    np.testing.assert_allclose(gradient_penalty(critic, real, fake), two_sided, rtol=1e-5, atol=1e-12)
    np.testing.assert_allclose(gradient_penalty(critic, real, fake, one_sided=True), one_sided, rtol=1e-5, atol=1e-12)


def test_penalty_is_the_mean_over_samples_of_the_squared_excess():
    # D(x) = x²/2 has the gradient x: norms 1, 2, 4 and penalties 0, 1, 9
    real = np.array([[1.0], [-2.0], [4.0]], np.float32)
    penalty = gradient_penalty(lambda x: x**2 / 2, real, real)
    np.testing.assert_allclose(penalty, 10 / 3, rtol=1e-6)


def test_scores_may_lack_the_last_axis():
    samples = np.array([[3.0, 4.0]], np.float32)
    np.testing.assert_allclose(gradient_norms(lambda x: tf.reduce_sum(x**2, 1) / 2, samples), [5.0], rtol=1e-6)


def test_epsilon_weighs_the_real_sample():
    # D(x) = ‖x‖²/2 has the gradient x, so the norms are those of the points themselves
    real, fake = np.full([3, 1], 8.0, np.float32), np.full([3, 1], 4.0, np.float32)
    epsilon = np.array([0.0, 0.25, 1.0], np.float32)
    np.testing.assert_allclose(penalties.interpolate(real, fake, epsilon=epsilon), [[4], [5], [8]])
    penalty = gradient_penalty(lambda x: x**2 / 2, real, fake, epsilon=epsilon)
    np.testing.assert_allclose(penalty, (3**2 + 4**2 + 7**2) / 3, rtol=1e-6)


@pytest.mark.parametrize("shape", RANKS)
@pytest.mark.parametrize("seed", [None, 3])
def test_one_epsilon_a_sample_uniform_in_0_1(shape, seed):
    real = np.ones([2000, *shape], np.float32)
    points = penalties.interpolate(real, 0 * real, seed=seed).numpy().reshape(2000, -1)
    assert np.all(points == points[:, :1]), "one weight for all of a sample"
    epsilon = np.sort(points[:, 0])
    assert len(np.unique(epsilon)) > 1990
    assert epsilon[0] >= 0 and epsilon[-1] < 1
    # Kolmogorov and Smirnov: 0.05 is passed by chance once in 10,000 for 2,000 draws; seeded here
    assert np.abs(epsilon - (np.arange(2000) + 0.5) / 2000).max() < 0.05


def test_a_seed_fixes_the_draw_and_another_changes_it():
    real, fake = random_pair((2,))
    first, again, other = (penalties.interpolate(real, fake, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("one_sided", [False, True])
def test_gradient_in_the_weights_by_finite_differences(one_sided):
    rng = np.random.default_rng(0)
    weights = [tf.Variable(2 * rng.normal(size=shape)) for shape in [(3, 4), (4,), (4, 1)]]
    real, fake = rng.normal(size=(2, 5, 3))
    epsilon = rng.uniform(size=5)

    def penalty():
        def critic(x):
            return tf.tanh(x @ weights[0] + weights[1]) @ weights[2]

        return gradient_penalty(critic, real, fake, epsilon=epsilon, one_sided=one_sided)

    with tf.GradientTape() as tape:
        value = penalty()
    assert value.dtype == tf.float64
    assert value > 0.1
    exact = tape.gradient(value, weights)
    step = 1e-6
    for weight, gradient in zip(weights, exact, strict=True):
        kept = weight.numpy()
        numeric = np.zeros_like(kept)
        for index in np.ndindex(kept.shape):
            sides = []
            for sign in (1, -1):
                moved = kept.copy()
                moved[index] += sign * step
                weight.assign(moved)
                sides.append(float(penalty()))
            weight.assign(kept)
            numeric[index] = (sides[0] - sides[1]) / (2 * step)
        np.testing.assert_allclose(gradient, numeric, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("in_graph", [False, True])
def test_a_critic_that_is_flat_at_a_point_has_finite_gradients(in_graph):
    # D(x) = (w x)² is flat at 0, where a bare root has no derivative
    weight = tf.Variable([[2.0]])
    real = np.zeros([4, 1], np.float32)

    def gradients():
        with tf.GradientTape() as tape:
            penalty = gradient_penalty(lambda x: (x @ weight) ** 2, real, real)
        return penalty, tape.gradient(penalty, weight)

    penalty, gradient = tf.function(gradients)() if in_graph else gradients()
    np.testing.assert_allclose(penalty, 1.0, rtol=1e-5)
    assert np.all(np.isfinite(gradient))


def test_a_critic_that_ignores_its_input_has_the_norm_0():
    norms = gradient_norms(lambda x: tf.zeros([3, 1]), np.ones([3, 2], np.float32))
    np.testing.assert_allclose(norms, np.zeros(3), atol=2e-6)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_raised(dtype):
    # in float16 the square of 300 is infinite
    seen = []

    def critic(x):
        seen.append(x.dtype)
        return 300.0 * x

    half = tf.cast(np.ones([2, 1]), dtype)
    penalty = gradient_penalty(critic, half, 0 * half)
    assert penalty.dtype == tf.float32
    assert seen == [tf.float32]
    np.testing.assert_allclose(penalty, 299.0**2, rtol=1e-6)


def test_norms_of_a_critic_computed_in_half_precision():
    dense = keras.layers.Dense(1, use_bias=False, dtype="mixed_float16", kernel_initializer="ones")
    norms = gradient_norms(lambda x: 300.0 * tf.cast(dense(x), tf.float32), np.ones([2, 4], np.float32))
    assert norms.dtype == tf.float32
    np.testing.assert_allclose(norms, [600.0, 600.0], rtol=1e-3)


def test_norms_do_not_depend_on_the_batch_mates():
    samples = np.random.default_rng(0).normal(size=(5, 2)).astype(np.float32)

    def critic(x):
        return tf.reduce_sum(x**3, axis=1)

    together = gradient_norms(critic, samples)
    alone = [gradient_norms(critic, sample[None])[0] for sample in samples]
    np.testing.assert_allclose(together, alone, rtol=1e-6)


def test_samples_without_a_sample_axis_are_refused():
    with pytest.raises(ValueError, match=r"samples must be \[batch, \*sample\].*Received: \(3,\)"):
        gradient_norms(lambda x: x, np.ones(3, np.float32))
    with pytest.raises(ValueError, match="at least one sample axis"):
        gradient_penalty(lambda x: x, np.ones(3, np.float32), np.ones(3, np.float32))


@pytest.mark.parametrize("epsilon", [np.ones(2), np.ones(4), np.ones([3, 1]), 0.5])
def test_epsilon_of_another_shape_is_refused(epsilon):
    samples = np.ones([3, 2], np.float32)
    with pytest.raises(ValueError, match=r"epsilon must be \[batch\] = \(3,\), one a sample. Received: "):
        gradient_penalty(lambda x: x, samples, samples, epsilon=epsilon)


def test_real_and_fake_of_different_shapes_are_refused():
    with pytest.raises(ValueError, match=r"real and fake must have one shape. Received: \(3, 2\) and \(3, 1\)"):
        gradient_penalty(lambda x: x, np.ones([3, 2], np.float32), np.ones([3, 1], np.float32))


SAMPLES = np.ones([3, 2], np.float32)


@pytest.mark.parametrize(
    "samples, said",
    [
        (
            np.ones([3, 2], np.uint8),
            "samples must be floats, as the critic sees them. Received: samples of dtype uint8",
        ),
        (np.ones([3, 2], bool), "Received: samples of dtype bool"),
        (np.array([["a", "b"]]), "Received: samples of dtype string"),
        (object(), "Received: samples, a object that is no tensor"),
        ([[1.0, 2.0], [3.0]], "Received: samples, a list that is no tensor"),
        (None, "Received: samples, a NoneType that is no tensor"),
        (np.float32(1), r"at least one sample axis. Received: \(\)"),
    ],
)
def test_samples_that_are_none_are_refused_in_one_line(samples, said):
    with pytest.raises(ValueError, match=said) as caught:
        gradient_norms(lambda x: x, samples)
    assert "\n" not in str(caught.value) and "[batch, *sample]" in str(caught.value) or "floats" in str(caught.value)
    for real, fake in ((samples, SAMPLES), (SAMPLES, samples)):
        with pytest.raises(ValueError, match=r"^(real|fake) must be .* Received: "):
            gradient_penalty(lambda x: x, real, fake)


@pytest.mark.parametrize(
    "critic, said",
    [
        (lambda x: [x[:, :1], x], r"a float tensor \[batch, 1\] or \[batch\].* Received: list of 2"),
        (lambda x: {"score": x}, "Received: dict of 1"),
        (lambda x: np.ones([3, 1], np.float32), "that can be differentiated. Received: ndarray"),
        (lambda x: None, "Received: NoneType"),
        (lambda x: tf.argmax(x, axis=1), "that can be differentiated. Received: dtype int64"),
        (lambda x: x, r"Received: \(3, 2\) for samples \(3, 2\)"),
        (lambda x: tf.reduce_sum(x), r"Received: \(\) for samples \(3, 2\)"),
        (lambda x: x[:2, :1], r"Received: \(2, 1\) for samples \(3, 2\)"),
        (lambda x: tf.matmul(x, tf.ones([3, 1])), r"critic must take samples of shape \(3, 2\). Received: one that"),
        (None, "critic must be a function of samples, or a Keras model. Received: NoneType"),
    ],
)
def test_a_critic_that_gives_no_score_a_sample_is_refused_in_one_line(critic, said):
    for call in (lambda: gradient_norms(critic, SAMPLES), lambda: gradient_penalty(critic, SAMPLES, SAMPLES)):
        with pytest.raises(ValueError, match=said) as caught:
            call()
        assert "\n" not in str(caught.value)


def test_a_sample_without_its_batch_is_refused_in_one_line():
    critic = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(1)])
    with pytest.raises(ValueError, match=r"critic must take samples of shape \(8, 8, 1\). Received: ") as caught:
        gradient_norms(critic, np.ones([8, 8, 1], np.float32))
    assert "\n" not in str(caught.value)
    assert gradient_norms(critic, np.ones([2, 8, 8, 1], np.float32)).shape == (2,)


@pytest.mark.parametrize(
    "keywords, said",
    [
        ({"epsilon": "half"}, r"epsilon must be \[batch\] = \(3,\). Received: epsilon of dtype string"),
        ({"epsilon": object()}, "Received: epsilon, a object that is no tensor"),
        ({"seed": 1.5}, "seed must be an integer, two of them as int32 .*, or None. Received: seed=1.5"),
        ({"seed": True}, "Received: seed of dtype bool"),
        ({"seed": [1, 2, 3]}, r"Received: seed=\[1, 2, 3\]"),
        ({"one_sided": 1}, "one_sided must be True or False. Received: one_sided=1"),
    ],
)
def test_what_weighs_samples_is_named_with_what_came(keywords, said):
    with pytest.raises(ValueError, match=said):
        gradient_penalty(lambda x: x[:, :1], SAMPLES, SAMPLES, **keywords)
    gradient_penalty(lambda x: x[:, :1], SAMPLES, SAMPLES, seed=tf.constant([1, 2]), one_sided=np.True_)
