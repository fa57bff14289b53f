import sys

import keras
import pytest

from wgangp_tf import config
from wgangp_tf.errors import UserError
from wgangp_tf.networks import registry
from wgangp_tf.samples.spec import of_shape

OWN = """
import keras

def pair(sample_shape, latent_dim, width):
    generator = keras.Sequential([keras.Input((latent_dim,)), keras.layers.Dense(sample_shape[0] * width // width)])
    return generator, keras.Sequential([keras.Input(sample_shape), keras.layers.Dense(1)])

def alone(sample_shape, latent_dim, width):
    return keras.Sequential([keras.Input((latent_dim,)), keras.layers.Dense(2)])

not_callable = 3
"""


def model(**values):
    return config.from_values(values).model


@pytest.fixture
def own_networks(tmp_path, monkeypatch):
    """A module beside the user."""
    (tmp_path / "my_networks.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path != ""])
    yield
    sys.modules.pop("my_networks", None)


def test_networks_of_ones_own(own_networks):
    generator, critic = registry.build(model(network="my_networks:pair", latent_dim=4, width=8), of_shape((3,)))
    assert isinstance(generator, keras.Model) and generator.output_shape == (None, 3)
    assert critic.input_shape == (None, 3)
    assert registry.find("my_networks:pair") is None


@pytest.mark.parametrize(
    "name, message",
    [
        ("my_networks:par", "--network expects module:function that Python can import. Received: 'my_networks:par'"),
        ("no_such_module:pair", "Received: 'no_such_module:pair' .*No module named 'no_such_module'"),
        (":pair", "--network expects module:function"),
        ("my_networks:", "--network expects module:function"),
        ("my_networks:not_callable", "my_networks:not_callable must be a function. Received: int"),
        (
            "./my_networks:pair",
            "a name as Python imports it and no path: --network=my_networks:pair. Received: './my_networks:pair'",
        ),
        (
            "sub/my_networks.py:pair",
            "--network=my_networks:pair in folder 'sub', or with that in PYTHONPATH. Received: 'sub/my_netw",
        ),
        ("my_networks.py:pair", "no path: --network=my_networks:pair. Received: 'my_networks.py:pair'"),
        ("my_networks:alone", r"my_networks:alone must return \(generator, critic\). Received: Sequential"),
    ],
)
def test_networks_of_ones_own_that_cannot_be_used(own_networks, name, message):
    with pytest.raises(UserError, match=message):
        registry.build(model(network=name), of_shape((3,)))


@pytest.mark.parametrize(
    "values, shape, message",
    [
        ({"network": "dcgna"}, (8, 8, 1), "Unknown network 'dcgna'. Did you mean 'dcgan'?"),
        (
            {"network": "resnet"},
            (2,),
            r"network 'resnet' makes images \[height, width, channels\]. Received: samples of shape 2; "
            "try --network=dcgan or --network=mlp",
        ),
        ({"network": "resnet"}, (4, 4, 4, 1), r"makes images .*. Received: samples of shape 4x4x4x1"),
        (
            {"network": "dcgan"},
            (2, 2, 2, 2, 2),
            r"makes vectors, signals \[length, channels\], images \[height, width, channels\] and volumes "
            r"\[depth, height, width, channels\]. Received: samples of shape 2x2x2x2x2; try --network=mlp$",
        ),
        (
            {"network": "resnet"},
            (6, 64, 3),
            "images of at least 7x7 pixels. Received: 6x64x3; try --network=dcgan or --network=mlp",
        ),
        ({"network": "resnet"}, (64, 6, 3), "images of at least 7x7 pixels. Received: 64x6x3"),
        (
            {"network": "resnet"},
            (8, 8, 2),
            r"network 'resnet' ends in tanh and makes values of \[-1, 1\]. Received: samples without bounds; "
            "try --scale=minmax, or --network=dcgan or --network=mlp",
        ),
        (
            {"network": "dcgan", "width": 512},
            (16, 16, 16, 1),
            "at most 1e\\+09 parameters. Received: about 2e\\+09 with width=512",
        ),
        (
            {"network": "mlp", "critic_normalization": "instance"},
            (8, 8, 1),
            "critic_normalization of network 'mlp' must be none, layer or batch. "
            "Received: critic_normalization=instance",
        ),
        (
            {"network": "mlp", "generator_normalization": "instance"},
            (2,),
            "generator_normalization of network 'mlp' must be none, layer or batch",
        ),
        (
            {"network": "mlp_generator", "generator_normalization": "instance"},
            (8, 8, 1),
            "generator_normalization of network 'mlp_generator' must be none, layer or batch",
        ),
        (
            {"network": "resnet_modern", "critic_normalization": "layer"},
            (8, 8, 1),
            "critic_normalization of network 'resnet_modern' must be none. Received: critic_normalization=layer",
        ),
        ({"network": "resnet64"}, (6, 64, 3), "network 'resnet64' makes images of at least 7x7 pixels"),
        (
            {"network": "resnet128", "width": 4096},
            (64, 64, 3),
            "network 'resnet128' must have at most 1e\\+09 parameters. Received: about 2e\\+11 with width=4096",
        ),
    ],
)
def test_what_cannot_be_built_is_refused(values, shape, message):
    with pytest.raises(UserError, match=message):
        registry.check(model(**values), of_shape(shape))
    with pytest.raises(UserError, match=message):
        registry.build(model(**values), of_shape(shape))


def test_what_can_be_built_is_not_refused():
    for name, row in registry.NETWORKS.items():
        registry.check(model(network=name), of_shape((row.smallest, row.smallest, 1)))
        assert row.summary


def test_a_networks_own_values_are_written_out():
    assert registry.complete(model(network="zoo_dcgan", width=8)) == model(
        network="zoo_dcgan",
        width=8,
        generator_normalization="instance",
        critic_normalization="instance",
        initializer="normal",
    )
    asked = model(network="mlp12", width=3, initializer="glorot", critic_normalization="layer")
    assert registry.complete(asked).initializer == "glorot"
    assert registry.complete(asked).critic_normalization == "layer"
    assert registry.complete(model(network="mine:pair")) == model(network="mine:pair")


@pytest.mark.parametrize(
    "network, width, narrow",
    [
        ("mlp", None, False),
        ("mlp", 256, True),
        ("mlp12", 257, False),
        ("dcgan", None, False),
        ("zoo_dcgan", 24, True),
        ("coordinates", None, True),
        ("coordinates", 25, False),
        ("mine:networks", 8, False),
    ],
)
def test_narrow_networks(network, width, narrow):
    assert registry.narrow(model(network=network, width=width)) is narrow


def test_the_small_101_layer_network_has_two_blocks_for_six():
    def blocks(name):
        _, critic = registry.build(model(network=name, width=2, latent_dim=2), of_shape((8, 8, 1)))
        return sum(layer.name.startswith("sum_") for layer in critic.layers)

    # five and six at the two sizes, and the one between them
    assert (blocks("resnet101"), blocks("resnet101_small")) == (5 + 6 + 1, 1 + 2 + 1)


def test_names_are_looked_up_without_tensorflow():
    import subprocess

    code = (
        "import sys; from wgangp_tf.networks import registry; registry.find('mlp'); print('tensorflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
