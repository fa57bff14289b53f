"""How weights are drawn: the deviations of each name, and that networks hand the name on."""

import numpy as np
import pytest

from wgangp_tf import config
from wgangp_tf.networks import initializers, registry
from wgangp_tf.samples.spec import of_shape

SHAPE = (50, 2000)
# fans 50 and 150; "he" beside it
DENSE = {
    "paper": ((2 / 200) ** 0.5, (2 / 50) ** 0.5),
    "glorot": ((2 / 200) ** 0.5, (2 / 200) ** 0.5),
    "he": ((1 / 50) ** 0.5, (2 / 50) ** 0.5),
    "normal": (0.02, 0.02),
    "uniform": (0.02, 0.02),
}
NORMAL = {"he", "normal"}


def check(initializer, name, deviation):
    weights = np.asarray(initializer(SHAPE))
    np.testing.assert_allclose(weights.std(), deviation, rtol=0.01)
    assert abs(weights.mean()) < 0.02 * deviation
    # a uniform draw ends at √3 deviations, which a normal one passes with one weight in twelve
    beyond = np.mean(np.abs(weights) > 3**0.5 * deviation * (1 + 1e-6))
    assert (0.07 < beyond < 0.1) if name in NORMAL else beyond == 0


@pytest.mark.parametrize("name", DENSE)
def test_dense_layers(name):
    for he, deviation in zip((False, True), DENSE[name], strict=True):
        check(initializers.dense(name, 50, 150, he=he), name, deviation)
        check(initializers.dense(name, 50, 150, he=he, gain=0.5), name, deviation / 2)


# 5x5, stride 2, 3 → 8 channels: 25·3 and 25·8/4; transposed 25·3/4 and 25·8
@pytest.mark.parametrize("transposed, fan_in, fan_out", [(False, 75, 50), (True, 18.75, 200)])
@pytest.mark.parametrize("name", DENSE)
def test_convolutions(name, transposed, fan_in, fan_out):
    both = fan_in + fan_out
    deviations = {"paper": (2 / both, 4 / both), "glorot": (2 / both,) * 2, "he": (1 / fan_in, 2 / fan_in)}
    for he, variance in zip((False, True), deviations.get(name, (0.02**2,) * 2), strict=True):
        made = initializers.convolution(name, 3, 8, 5, 2, transposed=transposed, he=he)
        check(made, name, variance**0.5)
    check(initializers.convolution(name, 3, 8, 5, 2, transposed=transposed, gain=2), name, 2 * variance**0.5)


# 5 along each axis, halving some; 3 → 8 channels
@pytest.mark.parametrize(
    "stride, axes, fan_in, fan_out", [((2,), 1, 15, 20), (2, 1, 15, 20), ((1, 2, 2), 3, 375, 250), ((1,), 1, 15, 40)]
)
def test_convolutions_of_signals_and_volumes(stride, axes, fan_in, fan_out):
    made = initializers.convolution("paper", 3, 8, 5, stride, axes=axes)
    check(made, "paper", (4 / (fan_in + fan_out)) ** 0.5)


def test_every_name_that_may_be_asked_for_is_known():
    for name in DENSE:
        config.from_values({"initializer": name})


@pytest.mark.parametrize("network", [name for name in registry.NETWORKS if name != "resnet101"])
def test_every_network_draws_as_it_is_asked(network):
    values = {"network": network, "width": 32, "latent_dim": 16, "initializer": "uniform"}
    kernels = []
    for model in registry.build(config.from_values(values).model, of_shape((8, 8, 1))):
        for weight in model.trainable_variables:
            if weight.path.endswith("kernel") and np.ptp(weight) > 0:
                kernels.append(np.asarray(weight).ravel())
    assert len(kernels) >= 4
    assert max(np.abs(kernel).max() for kernel in kernels) <= 0.0201 * 3**0.5
    np.testing.assert_allclose(max(kernels, key=len).std(), 0.02, rtol=0.05)
