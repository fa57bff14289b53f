"""Whether what a network makes of a sample depends on the other samples of its batch: found by moving one of them."""

import contextlib
import functools

import keras
import numpy as np
import tensorflow as tf

from wgangp_tf.gan.objective import answer

SAMPLES = 4
_FAR = 10.0  # samples are in [−1, 1]; a part of the network that is nearly shut must show too
_ROUNDING = 1e-5  # relative: what may differ between two equal computations on a device that orders its sums freely
_DRAWS = 5
_SHUT = 1e-2  # weights that are all smaller may let nothing through yet


def mixing_layer(network, sample_shape, classes=None):
    """The first layer that mixes the samples of a batch in training.

    One of a few samples is moved; what the network makes of the others must stay. Random layers draw the same both
    times, weights that are about zero are thought larger, and the network's state stays as it is. Of a network whose
    random numbers cannot be held (NumPy's, say) nothing is found.

    Args:
      network: built Keras model, float32 [batch, *sample] -> [batch, 1].
      sample_shape: tuple of ints.
      classes: int, how many there are of which it takes labels beside the samples; None where it takes none.

    Returns:
      A Keras layer, the network itself where it mixes outside its layers or which one does cannot be told, or None.
    """
    still, moved = _samples(sample_shape)
    weights = _opened(network)

    def scores(samples):
        labels = None if classes is None else tf.range(SAMPLES) % classes
        with keras.StatelessScope(weights):
            return answer(network(samples if labels is None else [samples, labels], training=True))[0]

    for run in (scores, _seeded(scores)):
        kept = run(still)
        difference = _difference(kept, run(moved))
        if not difference > 0:
            return None
        # else it draws numbers that this way does not hold; of a single draw one in twenty is ten times another
        if difference > 10 * max(_difference(kept, run(still)) for _ in range(_DRAWS)):
            return _first_mixing(network, scores, still, moved) if run is scores else network
    return None


def _samples(sample_shape):
    """Two batches that differ in the first sample only."""
    generator = np.random.default_rng(0)
    still = generator.uniform(-1, 1, (SAMPLES, *sample_shape)).astype(np.float32)
    moved = still.copy()
    moved[0] = _FAR * generator.uniform(-1, 1, sample_shape)
    return tf.constant(still), tf.constant(moved)


def _opened(network):
    """[(weight, value)] that lets something through where the present value lets nothing."""
    generator = np.random.default_rng(1)
    opened = []
    for weight in network.trainable_variables:
        if np.abs(keras.ops.convert_to_numpy(keras.ops.cast(weight, "float32"))).max(initial=0) < _SHUT:
            value = generator.normal(scale=0.1, size=tuple(weight.shape))
            opened.append((weight, tf.cast(value, weight.dtype)))
    return opened


def _seeded(function):
    """The function in a graph of its own at each call, so that TensorFlow's stateful draws begin anew."""

    def run(samples):
        def traced(samples):
            tf.random.set_seed(0)  # of this graph alone
            return function(samples)

        return tf.function(traced, autograph=False)(samples)

    return run


def _difference(before, after):
    """Greatest difference of two outputs in the samples that were not moved: 0 within rounding, inf if not finite."""
    before, after = (np.asarray(tf.cast(values, tf.float32))[1:] for values in (before, after))
    if not np.all(np.isfinite(after)):
        return np.inf
    difference = np.abs(after - before).max(initial=0)
    return difference if difference > _ROUNDING * np.abs(before).max(initial=0) else 0.0


def _first_mixing(network, scores, still, moved):
    """The first layer whose inputs did not change, and whose output did; else the network."""
    records = []
    for samples in (still, moved):
        with _watched(network) as calls:
            scores(samples)
        records.append(calls)
    for (layer, *before), (_, *after) in zip(*records, strict=False):
        inputs, outputs = (_differs(*pair) for pair in zip(before, after, strict=True))
        if outputs and inputs is False:
            return layer
    return network


def _differs(before, after):
    """Whether tensors that have a row a sample differ in the samples that were not moved; None where there are none."""
    pairs = [pair for pair in zip(before, after, strict=False) if pair[0].shape[:1] == pair[1].shape[:1] == [SAMPLES]]
    return any(_difference(*pair) > 0 for pair in pairs) if pairs else None


@contextlib.contextmanager
def _watched(network):
    """Keeps every call of a layer, inner ones first: a list of (layer, input tensors, output tensors)."""
    calls, layers = [], list(network._flatten_layers())

    def watched(layer):
        original = layer.call

        @functools.wraps(original)
        def call(*arguments, **keywords):
            outputs = original(*arguments, **keywords)
            calls.append((layer, _tensors((arguments, keywords)), _tensors(outputs)))
            return outputs

        return call

    own = [vars(layer).get("call") for layer in layers]
    try:
        for layer in layers:
            layer.call = watched(layer)
        yield calls
    finally:
        for layer, call in zip(layers, own, strict=True):
            if call is not None:
                layer.call = call
            elif "call" in vars(layer):
                del layer.call


def _tensors(structure):
    """The tensors with values, of numbers."""
    found = [part for part in tf.nest.flatten(structure) if tf.is_tensor(part) and not tf.is_symbolic_tensor(part)]
    return [part for part in found if part.dtype.is_floating or part.dtype.is_integer]
