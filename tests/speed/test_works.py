"""What is measured, by name, and what others are told of it."""

import pytest

from wgangp_tf.errors import UserError
from wgangp_tf.speed import works


@pytest.mark.parametrize("name", works.DEFAULT)
def test_what_is_measured_by_itself_resolves(name):
    work = works.find(name)
    optimization = work.config.optimization
    assert work.images == optimization.n_critic * optimization.batch_size
    assert f"batch {optimization.batch_size}, n_critic {optimization.n_critic}" in work.in_words()


def test_the_cited_step_is_what_it_is_said_to_be():
    config = works.find("zoo_dcgan64").config
    model, optimization = config.model, config.optimization
    assert (config.samples.shape, model.network, model.width) == ((64, 64, 3), "zoo_dcgan", 64)
    assert (optimization.batch_size, optimization.n_critic, optimization.gp_weight) == (32, 5, 10.0)
    assert (model.generator_normalization, model.critic_normalization) == ("instance", "instance")


def test_what_is_changed_is_changed():
    assert works.find("digits", batch_size=16).config.optimization.batch_size == 16
    assert works.find("zoo_dcgan64", batch_size=8, image_size=(32, 32)).config.samples.shape == (32, 32, 3)


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(UserError, match="Unknown preset 'digit'. Did you mean 'digits'?"):
        works.find("digit")


def test_others_are_told_all_they_need():
    told, reason = works.elsewhere(works.find("zoo_dcgan64").config)
    assert reason == ""
    assert told["network"] == "dcgan" and told["kernel"] == 4 and told["bias"] is False
    assert told["critic_normalization"] == "instance" and told["generator_batch_size"] == 32
    told, _ = works.elsewhere(works.find("cifar10_resnet_small").config)
    assert told["network"] == "cifar10_resnet" and told["generator_batch_size"] == 128
    assert works.elsewhere(works.find("digits").config)[0]["depth"] == 3


@pytest.mark.parametrize(
    "name, changed, reason",
    [
        ("shapes", {}, "no other has written the network 'coordinates'"),
        ("lsun64_gated", {}, "no other has written the network 'gated'"),
        ("lsun64_constant_filters", {}, "no other has written the network 'constant_filters'"),
        ("digits", {"method": "r1"}, "no other has written the method 'r1'"),
        ("digits", {"optimizer": "sgd"}, "no other has written this optimization"),
        ("zoo_dcgan64", {"image_size": (20, 20)}, "no other takes samples of 20x20x3"),
    ],
)
def test_where_there_is_nothing_to_compare_with_it_says_so(name, changed, reason):
    assert works.elsewhere(works.find(name, **changed).config) == (None, reason)


def test_networks_with_classes_are_measured_and_no_other_has_written_them():
    work = works.find("digits_conditional", batch_size=16)
    words = "mlp of width 256, samples 8x8x1 of 10 classes, wgan-gp, batch 16, n_critic "
    assert work.config.model.conditional and work.in_words().startswith(words)
    assert len(works.find("cifar10_resnet_conditional").config.samples.classes) == 10
    assert works.elsewhere(work.config) == (None, "no other has written networks that take classes")


def test_arrays_are_measured():
    told, reason = works.elsewhere(works.find("wine").config)
    assert (told["shape"], told["pictures"], reason) == ([13], False, "")
    assert works.elsewhere(works.find("signals").config) == (None, "no other takes samples of 64x1")
