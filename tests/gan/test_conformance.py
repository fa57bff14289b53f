"""What every method, and every network, passes: two steps, finite logs under the names of the contract."""

import numpy as np
import pytest
import tensorflow as tf

from tests.gan import tiny
from wgangp_tf import GAN, config
from wgangp_tf.data import pipeline
from wgangp_tf.data.source import Split
from wgangp_tf.gan import methods, optimizers
from wgangp_tf.networks import registry
from wgangp_tf.quantities import QUANTITIES
from wgangp_tf.samples.codec import Codec
from wgangp_tf.samples.spec import of_pictures

LOGS = {
    "critic_loss",
    "generator_loss",
    "wasserstein_estimate",
    "gradient_penalty",
    "gradient_norm",
    "gradient_norm_min",
    "gradient_norm_max",
    "learning_rate",
}
STEPS = 2


def compiled(method, generator, critic, run_eagerly=False, codec=None):
    model = GAN(generator, critic, latent_dim=3, method=method, n_critic=2, ema_decay=0.9, clip_value=0.05, codec=codec)
    rate = optimizers.LinearToZero(0.01, STEPS, model.step)
    name = methods.find(method).defaults.get("optimizer", "adam")
    model.compile(optimizers.make(name, rate), optimizers.make(name, rate), run_eagerly=run_eagerly)
    return model


def train(model, split):
    """Two steps on our batches; returns the logs of the second."""
    replicas = model.distribute_strategy.num_replicas_in_sync
    batches = pipeline.training_batches(
        split, seed=0, batch_size=4, n_critic=model.n_critic, steps=STEPS, replicas=replicas
    )
    before = [tiny.values(network.weights) for network in (model.generator, model.critic)]
    logs = {name: value for name, (value,) in model.fit(batches, verbose=0).history.items()}
    after = [tiny.values(network.weights) for network in (model.generator, model.critic)]
    assert not tiny.same(before[0], after[0])
    assert not tiny.same(before[1], after[1])
    assert model.steps_done == STEPS
    return logs


def check_logs(logs, model, penalised):
    """`penalised`: whether the penalty must be above zero, or must be zero; None where it may be either."""
    assert set(logs) == set(model.log_names) >= LOGS
    assert set(logs) <= set(QUANTITIES)
    assert np.all(np.isfinite(list(logs.values())))
    np.testing.assert_allclose(logs["learning_rate"], 0.005, rtol=1e-5)
    assert logs["gradient_norm_min"] <= logs["gradient_norm"] <= logs["gradient_norm_max"]
    assert logs["gradient_penalty"] >= 0
    assert penalised is None or (logs["gradient_penalty"] > 0) == penalised


@pytest.mark.parametrize("execution", ["eager", "graph", "replicas"])
@pytest.mark.parametrize("method", methods.METHODS)
def test_every_method_trains(method, execution, mirrored):
    strategy = mirrored if execution == "replicas" else tf.distribute.get_strategy()
    with strategy.scope():
        # a critic steep enough that the one-sided penalty applies
        critic = tiny.critic()
        critic.set_weights([4 * weight for weight in critic.get_weights()])
        model = compiled(method, tiny.generator(), critic, run_eagerly=execution == "eager")
    logs = train(model, Split(tiny.points(40)))
    row = methods.find(method)
    check_logs(logs, model, bool(row.penalties))
    if row.clips:
        assert max(np.abs(weight).max() for weight in tiny.values(model.critic.trainable_variables)) <= np.float32(0.05)
    np.testing.assert_array_equal(model.generate(70, 1)[:10], model.generate(10, 1))
    if execution == "replicas":
        # moving statistics are each replica's own: the first one's are those that samples are drawn with
        weights = [*model.generator.trainable_variables, *model.critic.trainable_variables, *model.averages.weights]
        for variable in [*weights, *model.critic_optimizer.variables, *model.generator_optimizer.variables]:
            first, second = (value.numpy() for value in mirrored.experimental_local_results(variable.value))
            np.testing.assert_array_equal(first, second, err_msg=variable.path)


_LARGE = {"cifar10_resnet", "resnet128", "resnet101", "resnet101_small", "resnet64", "mlp12"}


def pairs():
    """Each network with the method this project is named after, the large ones behind the marker, as all others are."""
    for network in registry.NETWORKS:
        yield pytest.param("wgan-gp", network, marks=[pytest.mark.slow] if network in _LARGE else [])
        for method in methods.METHODS.keys() - {"wgan-gp"}:
            yield pytest.param(method, network, marks=pytest.mark.slow)


@pytest.mark.parametrize("method, network", sorted(pairs(), key=lambda pair: pair.values))
def test_every_network_trains(method, network):
    """On labelled pictures, mirrored and dequantised."""
    # narrower, twelve ReLUs let nothing through
    values = {"network": network, "width": 32 if network == "mlp12" else 8, "latent_dim": 3}
    spec = of_pictures((8, 8, 1), dequantized=True)
    networks = registry.build(config.from_values(values).model, spec)
    model = compiled(method, *networks, run_eagerly=True, codec=Codec(spec, flip=True))
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, size=(20, 8, 8, 1), dtype=np.uint8)
    logs = train(model, Split(pixels, rng.integers(0, 10, size=20).astype(np.int32)))
    # a one-sided penalty is none where no norm exceeds 1, as those of so narrow a critic need not
    check_logs(logs, model, penalised=None if method == "wgan-lp" else bool(methods.find(method).penalties))
    samples = model.generate(3, seed=1)
    assert samples.shape == (3, 8, 8, 1)
    assert np.abs(samples).max() <= 1
