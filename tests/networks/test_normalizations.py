import keras
import numpy as np
import pytest
import tensorflow as tf

from wgangp_tf.networks import normalizations
from wgangp_tf.networks.normalizations import GroupNormalization, LayerNormalization

_EPSILON = 0.01  # large enough to be seen in a derivative
_SHAPES = [(3, 4, 5, 6), (3, 9, 2), (2, 3, 2, 4, 3), (3, 7)]  # [batch, *axes, channels]
# one group, some of several channels, one a channel where a map has more than one number
_CASES = [(shape, 1) for shape in _SHAPES] + [(shape, shape[-1]) for shape in _SHAPES[:3]]
_CASES += [((3, 4, 5, 6), 2), ((3, 4, 5, 6), 3), ((2, 3, 2, 4), 2), ((3, 8), 2)]


def _plain(x, scale, offset, groups):
    """The formula, in operations whose derivatives TensorFlow has right."""
    apart = tf.reshape(x, [*x.shape[:-1], groups, x.shape[-1] // groups])
    axes = [axis for axis in range(1, apart.shape.rank) if axis != apart.shape.rank - 2]
    centred = apart - tf.reduce_mean(apart, axes, keepdims=True)
    variance = tf.reduce_mean(centred * centred, axes, keepdims=True)
    return tf.reshape(centred / tf.sqrt(variance + _EPSILON), x.shape) * scale + offset


def _own(x, scale, offset, groups):
    return normalizations.normalized(x, scale, offset, _EPSILON, groups=groups)


def _values(shape, dtype="float64"):
    """x, scale, offset and weights of a loss."""
    random = np.random.default_rng(5)
    shapes = (shape, shape[-1:], shape[-1:], shape)
    return [tf.constant(random.standard_normal(size) * 2 + 1, dtype) for size in shapes]


def _derivatives(function, values, groups):
    """What a curved loss and a curved function of its gradients say: value, three gradients, four second ones."""
    x, scale, offset, weights = values
    with tf.GradientTape() as outer:
        outer.watch(values)
        with tf.GradientTape() as inner:
            inner.watch(values)
            y = function(x, scale, offset, groups)
            loss = tf.reduce_sum(tf.sin(y) * weights)
        first = inner.gradient(loss, [x, scale, offset])
        curved = tf.add_n([tf.reduce_sum(tf.sin(2.0 * gradient)) for gradient in first])
    return [y, *first, *outer.gradient(curved, values)]


@pytest.mark.parametrize("graph", [False, True], ids=["eager", "graph"])
@pytest.mark.parametrize("shape, groups", _CASES)
def test_value_and_both_derivatives_are_those_of_the_formula(shape, groups, graph):
    values = _values(shape)
    own = tf.function(_derivatives, autograph=False) if graph else _derivatives
    for got, expected in zip(own(_own, values, groups), _derivatives(_plain, values, groups), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-11)


def test_the_second_derivative_by_finite_differences():
    x, scale, offset, weights = _values((2, 3, 2, 2))

    def slope(x):
        """Of the loss, along the fixed direction of the weights."""
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(tf.sin(_own(x, scale, offset, 2)))
        return tf.reduce_sum(tape.gradient(loss, x) * weights)

    with tf.GradientTape() as tape:
        tape.watch(x)
        value = slope(x)
    gradient = tape.gradient(value, x).numpy().ravel()
    for k in (0, 7, 23):
        step = np.zeros(gradient.shape)
        step[k] = 1e-5
        step = step.reshape(x.shape)
        assert gradient[k] == pytest.approx(float(slope(x + step) - slope(x - step)) / 2e-5, rel=1e-5)


def test_keras_own_layer_has_another_second_derivative():
    """If this fails, Keras has mended it: the layers here are then for speed alone, and the warning can go."""
    x, scale, offset, weights = _values((2, 3, 2, 2))
    layer = keras.layers.GroupNormalization(groups=-1, epsilon=_EPSILON, dtype="float64")
    layer.build(x.shape)
    layer.gamma.assign(scale)
    layer.beta.assign(offset)
    keras_own, right = (
        _of_samples(function, x, weights) for function in (layer, lambda x: _plain(x, scale, offset, 2))
    )
    assert np.abs(keras_own - right).max() > 1e-3


def _of_samples(function, x, weights):
    """The second derivative in the samples of a curved loss."""
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            loss = tf.reduce_sum(tf.sin(function(x)) * weights)
        curved = tf.reduce_sum(tf.sin(2.0 * inner.gradient(loss, x)))
    return outer.gradient(curved, x)


@pytest.mark.parametrize(
    "kind, shape, groups", [("Group", (4, 5, 3), 1), ("Group", (4, 5, 3), -1), ("Layer", (6,), None)]
)
@pytest.mark.parametrize("training", [False, True])
def test_the_layers_values_are_those_of_keras(kind, shape, groups, training):
    how = {"epsilon": _EPSILON} | ({} if groups is None else {"groups": groups})
    x = tf.constant(np.random.default_rng(0).standard_normal((3, *shape)) * 3 + 2, tf.float32)
    own = getattr(normalizations, f"{kind}Normalization")(**how)
    plain = getattr(keras.layers, f"{kind}Normalization")(**how)
    for layer in (own, plain):
        layer.build(x.shape)
        layer.gamma.assign(np.linspace(0.5, 2.0, shape[-1]))
        layer.beta.assign(np.linspace(-1.0, 1.0, shape[-1]))
    np.testing.assert_allclose(own(x, training=training), plain(x), rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("how", [{}, {"scale": False}, {"center": False, "scale": False}])
def test_scale_and_offset_may_be_left_out(how, training):
    x = tf.constant(np.random.default_rng(0).standard_normal((3, 4, 4, 4)), tf.float32)
    for kind, groups in (("Group", {"groups": 2}), ("Layer", {})):
        own, plain = (
            getattr(where, f"{kind}Normalization")(**groups, **how) for where in (normalizations, keras.layers)
        )
        np.testing.assert_allclose(own(x, training=training), plain(x), rtol=2e-5, atol=2e-5)


def test_over_the_last_axis_each_place_of_a_sample_is_normalised_by_itself():
    x = tf.constant(np.random.default_rng(0).standard_normal((3, 5, 4)) * 3 + 2, tf.float32)
    layer = normalizations.LayerNormalization(epsilon=_EPSILON)
    np.testing.assert_allclose(layer(x, training=True), keras.layers.LayerNormalization(epsilon=_EPSILON)(x), atol=2e-5)


@pytest.mark.parametrize("kind", ["GroupNormalization", "LayerNormalization"])
def test_another_axis_than_the_last_is_refused(kind):
    with pytest.raises(ValueError, match=rf"axis of wgangp_tf.{kind} must be -1.*Received: axis=1"):
        getattr(normalizations, kind)(axis=1)


@pytest.mark.parametrize("kind", ["GroupNormalization", "LayerNormalization"])
def test_a_layer_is_made_again_from_its_config(kind):
    layer = getattr(normalizations, kind)(epsilon=_EPSILON, **({"groups": 2} if kind == "GroupNormalization" else {}))
    layer.build((None, 5, 4))
    again = type(layer).from_config(layer.get_config())
    x = tf.constant(np.random.default_rng(0).standard_normal((3, 5, 4)), tf.float32)
    np.testing.assert_array_equal(again(x, training=True), layer(x, training=True))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_computed_in_single(dtype):
    x, scale, offset, _ = _values((3, 16, 16, 4), "float32")
    coarse = tf.cast(1000.0 * x, dtype)  # the square of 1000 is beyond float16
    got = normalizations.normalized(coarse, scale, offset, _EPSILON, groups=1)
    assert got.dtype == dtype
    exact = normalizations.normalized(tf.cast(coarse, tf.float32), scale, offset, _EPSILON, groups=1)
    np.testing.assert_allclose(tf.cast(got, tf.float32), exact, rtol=1e-2, atol=1e-2)


def test_a_bias_before_an_instance_normalisation_has_no_gradient_from_the_penalty():
    keras.utils.set_random_seed(3)
    samples = keras.Input((6, 6, 2))
    convolution = keras.layers.Conv2D(4, 3, padding="same")
    x = normalizations.GroupNormalization(groups=-1)(convolution(samples))
    critic = keras.Model(samples, keras.layers.Dense(1)(keras.layers.Flatten()(keras.ops.tanh(x))))
    points = tf.constant(np.random.default_rng(0).standard_normal((5, 6, 6, 2)), tf.float32)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            inner.watch(points)
            scores = critic(points, training=True)
        penalty = tf.reduce_mean((tf.norm(tf.reshape(inner.gradient(scores, points), [5, -1]), axis=1) - 1.0) ** 2)
    of_kernel, of_bias = outer.gradient(penalty, [convolution.kernel.value, convolution.bias.value])
    # a bias is taken away again with the mean: whatever it is, the scores are the same
    assert tf.norm(of_bias) < 1e-5 * tf.norm(of_kernel)


@pytest.mark.parametrize(
    "call, said",
    [
        (lambda: GroupNormalization(0), "groups must be an integer of at least 1, or -1 .* Received: groups=0"),
        (lambda: GroupNormalization(2.0), "Received: groups=2.0"),
        (lambda: GroupNormalization(True), "Received: groups=True"),
        (lambda: GroupNormalization(2, epsilon=0), "epsilon must be a number above 0, and finite. Received: epsilon=0"),
        (lambda: LayerNormalization(epsilon="a"), "Received: epsilon='a'"),
        (lambda: LayerNormalization(rms_scaling=True), "rms_scaling must be left out: keras.layers.RMSNorm"),
        (lambda: GroupNormalization(4)(np.ones((2, 6), np.float32)), "groups must divide .*, 6. Received: groups=4"),
        (lambda: GroupNormalization(1)(np.ones(2, np.float32)), r"expects one input, .* Received: shape \(2,\)"),
        (lambda: LayerNormalization()(np.ones(2, np.float32)), r"expects one input, .* Received: shape \(2,\)"),
        (
            lambda: LayerNormalization()(np.ones((2, 3), np.int32)),
            "LayerNormalization expects floats. Received: .*int32",
        ),
        (
            lambda: GroupNormalization(1)(np.ones((2, 3), np.uint8)),
            "GroupNormalization expects floats. Received: .*uint8",
        ),
        (lambda: LayerNormalization()(keras.Input((None,))), r"Received: shape \(None, None\)"),
    ],
)
def test_arguments_are_named_with_what_came(call, said):
    with pytest.raises(ValueError, match=said) as caught:
        call()
    assert "expect" in str(caught.value) or "must" in str(caught.value)
    layer = GroupNormalization(np.int64(2))
    assert layer.groups == 2 and GroupNormalization.from_config(layer.get_config()).groups == 2
