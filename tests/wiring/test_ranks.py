"""Vectors, signals, arrays of two dimensions and volumes each go through a step, as pictures do."""

import numpy as np
import pytest
import tensorflow as tf

from wgangp_tf import config
from wgangp_tf.samples.spec import Scale, Spec
from wgangp_tf.training import build

SHAPES = [(5,), (23, 2), (9, 6, 2), (3, 10, 5, 1)]


@pytest.mark.parametrize("network", ["dcgan", "mlp"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_step_is_the_same_in_a_graph_and_out_of_it(shape, network):
    spec = Spec("arrays", shape, scale=Scale((2.0,), (5.0,)))
    given = {"network": network, "width": 4, "latent_dim": 3, "batch_size": 4, "n_critic": 2}
    real = np.random.default_rng(0).normal(5, 2, (8, *shape)).astype(np.float32)
    logs, weights = [], []
    for form in (lambda step: step, lambda step: tf.function(step, autograph=False)):
        model = build.build(config.from_values(given), spec)
        before = [network.get_weights() for network in (model.generator, model.critic)]
        logs.append({name: float(value) for name, value in form(model.train_step)(tf.constant(real)).items()})
        after = [network.get_weights() for network in (model.generator, model.critic)]
        moved = [any(np.any(a != b) for a, b in zip(*pair, strict=True)) for pair in zip(before, after, strict=True)]
        assert moved == [True, True]
        weights.append([weight for network in after for weight in network])
        samples = model.generate(3, 0)
        assert samples.shape == (3, *shape) and samples.dtype == np.float32
    assert np.isfinite(list(logs[0].values())).all() and logs[0]["gradient_norm_max"] > 0
    for name, value in logs[0].items():
        assert logs[1][name] == pytest.approx(value, rel=1e-3, abs=1e-4), name
    for eager, graph in zip(*weights, strict=True):
        np.testing.assert_allclose(graph, eager, atol=5e-4)
