"""Where the values of a config come from."""

import json

import numpy as np
import pytest

from wgangp_tf.errors import UserError
from wgangp_tf.gan import methods
from wgangp_tf.training.resolve import resolve, warnings


def test_a_value_comes_from_the_first_that_has_one(tmp_path):
    file = tmp_path / "c.json"
    file.write_text(json.dumps({"optimization": {"n_critic": 7, "batch_size": 33}}))
    given = {"preset": "mnist_dcgan", "dataset": "digits", "network": "mlp", "config": str(file), "n_critic": 9}
    config = resolve(given)
    assert config.optimization.n_critic == 9  # command line before config file
    assert config.optimization.batch_size == 33  # config file before preset's 50
    assert config.optimization.beta_1 == 0.5  # preset before Config's 0
    row = methods.METHODS["wgan"]
    wgan = resolve({"dataset": "celeb_a", "method": "wgan"})
    assert wgan.optimization.learning_rate == row.defaults["learning_rate"]  # method before Config's 1e-4
    assert wgan.optimization.steps == 200_000  # data set before Config's 100,000
    assert wgan.optimization.n_critic == 5  # Config's
    measured = resolve({"dataset": "digits", "method": "wgan"})
    assert measured.optimization.learning_rate == row.measured["digits"]["learning_rate"]  # before the method's
    assert measured.optimization.steps == row.measured["digits"]["steps"]  # before the data set's 3,000
    assert resolve({"dataset": "digits", "method": "wgan", "steps": 7}).optimization.steps == 7


def test_a_learning_rate_goes_before_the_critics_own_of_a_preset():
    rates = []
    for also in ({}, {"learning_rate": 1e-4}, {"critic_learning_rate": 3e-4}):
        optimization = resolve({"preset": "lsun64_gated_small"} | also).optimization
        rates.append((optimization.learning_rate, optimization.critic_learning_rate))
    assert rates == [(5e-4, 2e-3), (1e-4, 1e-4), (5e-4, 3e-4)]


def test_rates_that_were_chosen_for_a_method_do_not_go_to_another():
    own = resolve({"dataset": "shapes"})
    assert own.model.method == "r3gan" and own.optimization.gp_weight == 0.1
    assert resolve({"dataset": "shapes", "method": "r3gan"}) == own
    for name in ("wgan-gp", "wgan", "r1"):
        row, config = methods.METHODS[name], resolve({"preset": "shapes", "method": name})
        chosen = dict(row.defaults) | row.measured.get("shapes", {})
        assert config.model.network == own.model.network and config.optimization.ema_decay == 0.99
        assert config.optimization.n_critic == chosen.get("n_critic", 5)
        assert config.optimization.gp_weight == chosen.get("gp_weight", 10.0)
        assert config.optimization.learning_rate == chosen.get("learning_rate", 1e-4)


def test_a_preset_gives_a_method_nothing_that_it_has_no_use_for():
    assert resolve({"preset": "cifar10_resnet"}).optimization.generator_batch_size == 128
    assert resolve({"preset": "cifar10_resnet", "method": "r3gan"}).optimization.generator_batch_size is None


def test_a_preset_that_its_data_set_means_is_the_data_set():
    for name, data_set in (("wine", "wine"), ("toy_8gaussians", "8gaussians"), ("celeb_a", "celeb_a")):
        for also in ({}, {"method": "wgan"}, {"steps": 5}):
            assert resolve({"preset": name} | also) == resolve({"dataset": data_set} | also)


@pytest.mark.parametrize("name, data_set", [("shapes", "shapes"), ("digits_conditional", "digits")])
def test_a_preset_that_its_data_set_means_and_more_is_the_data_set_with_what_it_adds(name, data_set):
    added = {"conditional": True}
    for also in ({}, {"method": "wgan"}, {"steps": 5}):
        assert resolve({"preset": name} | also) == resolve({"dataset": data_set} | added | also)
    assert resolve({"preset": name, "conditional": False}) == resolve({"dataset": data_set})


def test_a_preset_by_class_without_classes_is_as_if_it_had_none():
    without = resolve({"preset": "cifar10_resnet_conditional", "conditional": False})
    assert without == resolve({"preset": "cifar10_resnet"})
    with pytest.raises(UserError, match="takes no classes; .* --conditional=false goes without"):
        resolve({"preset": "shapes", "network": "resnet128"})


def test_a_preset_beside_a_config_file_of_another_data_set_counts(tmp_path):
    file = tmp_path / "c.json"
    file.write_text(json.dumps({"data": {"dataset": "digits"}}))
    config = resolve({"preset": "shapes", "config": str(file), "network": "mlp"})
    assert config.data.dataset == "digits" and config.model.method == "r3gan"
    assert config.optimization.gp_weight == 0.1 and config.optimization.steps == 8000


def test_a_preset_over_other_pictures_stays_what_it_is():
    for name in ("celeb_a", "lsun64_gated_small", "mnist"):
        there = resolve({"preset": name, "image_size": (64, 64), "channels": 3})
        here = resolve({"preset": name, "image_size": (64, 64), "channels": 3, "dataset": "folder", "data_dir": "x"})
        assert here.model == there.model and here.optimization == there.optimization


@pytest.mark.parametrize(
    "shape, options, network",
    [
        ((9, 3), {}, "mlp"),
        ((9, 8, 3), {}, "dcgan"),
        ((9, 8, 8, 3), {}, "dcgan"),
        ((9, 4, 8, 8, 3), {}, "dcgan"),
        ((9, 8), {"channels_last": False}, "dcgan"),
        ((9, 8, 3), {"network": "mlp"}, "mlp"),
    ],
)
def test_the_shape_of_an_array_says_which_network(tmp_path, shape, options, network):
    np.save(tmp_path / "x.npy", np.zeros(shape))
    config = resolve({"dataset": "array", "data_file": str(tmp_path / "x.npy"), **options})
    assert config.model.network == network
    assert (config.data.scale, config.data.scale_axes) == ("standard", "feature")
    assert config.data.channels_last == options.get("channels_last", True)
    assert config.data.image_size is None and config.samples.stored_shape == shape[1:]


@pytest.mark.parametrize(
    "shape, options, of_vectors",
    [
        ((9, 3), {}, True),
        ((9, 8, 3), {}, False),
        ((9, 8, 8, 3), {}, False),
        ((9, 4, 8, 8, 3), {}, False),
        ((9, 8), {"channels_last": False}, False),
    ],
)
def test_what_was_measured_of_vectors_is_not_for_other_arrays(tmp_path, shape, options, of_vectors):
    np.save(tmp_path / "x.npy", np.zeros(shape))
    config = resolve({"dataset": "array", "data_file": str(tmp_path / "x.npy"), **options})
    of, model = config.optimization, config.model
    found = (of.gp_weight, of.learning_rate, of.critic_learning_rate, of.n_critic, model.generator_normalization)
    assert found == ((0.1, 5e-4, 2e-3, 3, "none") if of_vectors else (10.0, 1e-3, 1e-3, 2, "batch"))


@pytest.mark.parametrize(
    "given, told",
    [
        ({"labels": "auto"}, True),
        ({"labels": "auto", "conditional": True}, False),
        ({}, False),
        ({"labels": "none"}, False),
    ],
)
def test_labels_that_only_metrics_use_are_told_of(given, told):
    lines = list(warnings(resolve({"dataset": "digits"} | given)))
    said = "the networks take no classes: labels are used by metrics alone; --conditional trains with them"
    assert lines == [said] * told
