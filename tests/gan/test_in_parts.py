"""Parts of a batch through a function, one after the other: at once, in a graph and in a loop of it."""

import functools
import time

import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tests.gan import tiny
from tests.gan.test_replicas import make, train
from wgangp_tf.gan import in_parts

ONE = tf.distribute.get_strategy()
synchronized = functools.partial(layers.BatchNormalization, synchronized=True)


class Speaking(layers.Layer):
    """Subtracts the mean of all replicas, and keeps a running one that all agree on."""

    def build(self, shape):
        self.kept = self.add_weight(shape=shape[1:], initializer="zeros", trainable=False, aggregation="mean")

    def call(self, x):
        mean = tf.reduce_mean(x, axis=0)
        context = tf.distribute.get_replica_context()
        if context is not None:
            mean = context.all_reduce(tf.distribute.ReduceOp.MEAN, mean)
            self.kept.assign(0.9 * self.kept + 0.1 * mean)
        return x - mean


def parts_of(count):
    return [{"samples": tf.constant([[k, 10.0 * k]]), "labels": None} for k in range(count)]


def told(number, part):
    """Sums: of the samples, of nothing, of the numbers; keeps a structure with a gap."""
    number = tf.convert_to_tensor(number)
    seen = {"twice": 2 * part["samples"], "gap": part["labels"], "deep": {"number": number}}
    return [part["samples"][0], None, number], seen


@pytest.mark.parametrize("count", [1, 2, 3, 7])
@pytest.mark.parametrize("way", ["eager", "graph", "loop"])
def test_sums_and_what_is_kept(way, count):
    def run():
        return in_parts.each(parts_of(count), told, looped=way == "loop")

    sums, kept = run() if way == "eager" else tf.function(run, autograph=False)()
    total = sum(range(count))
    np.testing.assert_array_equal(sums[0], [total, 10 * total])
    assert sums[1] is None
    assert sums[2] == total
    for k, seen in enumerate(kept):
        np.testing.assert_array_equal(seen["twice"], [[2 * k, 20 * k]])
        assert seen["gap"] is None
        assert seen["deep"]["number"] == k
    assert len(kept) == count


def test_a_loop_keeps_shapes_and_types():
    def run():
        _, kept = in_parts.each(parts_of(5), told)
        assert kept[4]["twice"].shape == (1, 2)
        assert kept[4]["deep"]["number"].dtype == tf.int32
        return kept

    tf.function(run, autograph=False)()


@pytest.mark.parametrize("summed", [True, False])
@pytest.mark.parametrize("looped", [True, False])
def test_parts_come_one_after_the_other(looped, summed):
    order = []

    def enter(number, samples):
        order.append(int(number))
        time.sleep(0.1)
        order.append(int(number))
        return samples

    def slow(number, part):
        # without state, which TensorFlow would keep in order by itself
        value = tf.numpy_function(enter, [number, part], tf.float32, stateful=False)
        value.set_shape([1, 2])
        return ([value], ()) if summed else ([], value)

    def of_all(samples):  # no constants, of which TensorFlow would make all beforehand
        return in_parts.each(tf.split(samples, 5), slow, looped)

    tf.function(of_all, autograph=False)(tf.ones([5, 2]))
    assert order == [number for number in range(5) for _ in range(2)]


def operations(accumulate):
    """How many there are in the graph of a step, functions that it calls included."""
    model = make(ONE, accumulate=accumulate)
    step = tf.function(model.train_step, autograph=False).get_concrete_function(tf.TensorSpec([128, 2]))
    definition = step.graph.as_graph_def()
    return len(definition.node) + sum(len(each.node_def) for each in definition.library.function)


def test_the_graph_of_a_step_does_not_grow_with_the_parts():
    few, many = operations(4), operations(32)
    assert many < 1.05 * few


def trained(strategy, **keywords):
    """Weights and logs after two steps by SGD."""
    model = make(strategy, accumulate=4, **keywords)
    logs = train(model, tiny.points(64), steps=2)
    return [*tiny.values([*model.generator.weights, *model.critic.weights]), np.array([*logs.values()])]


@pytest.mark.slow
@pytest.mark.parametrize(
    "keywords",
    [
        {},
        {"method": "dragan"},
        {"gp_interval": 10},
        {"normalization": layers.BatchNormalization},
        {"normalization": synchronized},
        {"normalization": Speaking},
    ],
    ids=["penalty", "around all real", "lazy", "each by itself", "synchronized", "one of another's"],
)
@pytest.mark.parametrize("replicas", [1, 2])
def test_a_loop_makes_what_the_graph_without_one_makes(replicas, keywords, mirrored, monkeypatch):
    strategy = ONE if replicas == 1 else mirrored
    looped = trained(strategy, **keywords)
    monkeypatch.setattr(in_parts, "_LOOPED_FROM", 100)
    # parts of one sample or two, normalised by themselves, make much of rounding
    bound = 1e-3 if "normalization" in keywords else 1e-5
    for a, b in zip(looped, trained(strategy, **keywords), strict=True):
        assert np.abs(a - b).max() < bound * max(np.abs(a).max(), 1e-3)


@pytest.mark.slow
def test_what_speaks_to_other_replicas_is_in_no_loop(mirrored):
    quiet = make(mirrored, accumulate=4)
    speaking = [
        make(mirrored, method="dragan"),
        make(mirrored, normalization=synchronized),
        make(mirrored, normalization=Speaking),
        make(mirrored, normalization=lambda: layers.Lambda(lambda x: x)),
    ]
    asked = []

    def ask():
        asked.append([model.looped for model in (quiet, *speaking)])

    mirrored.run(ask)
    assert asked[0] == [True, False, False, False, False]
    # one replica has nobody to speak to
    assert all(make(ONE, **keywords).looped for keywords in ({"method": "dragan"}, {"normalization": synchronized}))
