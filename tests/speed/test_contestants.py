"""Others have the networks that we have, and whoever cannot be measured says why."""

import keras
import numpy as np
import pytest

from wgangp_tf.errors import UserError
from wgangp_tf.samples import spec
from wgangp_tf.speed import contestants, ours, process, turns, works

_WORKS = (
    ("digits", {"batch_size": 8}),
    ("toy_8gaussians_small", {"batch_size": 8}),
    ("zoo_dcgan64", {"width": 4, "image_size": (16, 24)}),
    ("mnist_small", {"width": 4, "image_size": (16, 16)}),  # 5x5 kernels with biases
    ("celeb_a_small", {"width": 4}),  # batch and layer normalisation
    ("cifar10_resnet_small", {"width": 4, "critic_normalization": "layer"}),
)


class Enough(Exception):
    """So many steps were to be done."""


@pytest.fixture(autouse=True)
def _policy():
    before = keras.config.dtype_policy()
    yield
    keras.config.set_dtype_policy(before)


def steps(count):
    """What `train` may call: ends it after so many steps."""
    done = []

    def more(number=1):
        done.append(number)
        if sum(done) >= count:
            raise Enough
        return 1

    return more


def keras_step(work):
    from benchmarks import keras_step

    return keras_step.Step(contestants.beside("keras", work, False).task)


@pytest.mark.parametrize("name, changed", _WORKS)
def test_the_textbook_has_our_networks(name, changed):
    work = works.find(name, **changed)
    own, other = ours.Step(contestants.ours(work).task), keras_step(work)
    assert other.parameters == own.parameters
    assert other.forward == own.forward  # counted in another way: by layers, not by operations of a graph


@pytest.mark.slow
def test_a_step_of_each_moves_both_networks():
    work = works.find("digits", width=4, n_critic=2, batch_size=4)
    for step in (ours.Step(contestants.ours(work).task), keras_step(work)):
        networks = step._model.generator, step._model.critic
        before = [network.get_weights() for network in networks]
        with pytest.raises(Enough):
            step.train(steps(1))
        step.wait()
        for network, weights in zip(networks, before, strict=True):
            assert any((new != old).any() for new, old in zip(network.get_weights(), weights, strict=True))
        updates = int(step._model.critic_optimizer.iterations), int(step._model.generator_optimizer.iterations)
        assert updates == (2, 1)


def test_our_samples_are_as_they_are_stored():
    for name, changed in (("digits", {"batch_size": 3, "n_critic": 2}), ("toy_8gaussians_small", {})):
        config = works.find(name, **changed).config
        samples = ours.samples_of(config)
        assert samples.dtype == config.samples.dtype
        assert samples.shape[1:] == config.samples.shape and len(samples) == (6 if changed else 5 * 256)
    assert config.samples == spec.Spec("points", (2,))


def test_samples_of_networks_that_take_classes_have_labels():
    batch = ours.samples_of(works.find("digits_conditional", batch_size=50, n_critic=2).config)
    assert batch["samples"].shape == (100, 8, 8, 1) and batch["samples"].dtype == np.uint8
    assert batch["labels"].dtype == np.int32 and sorted(set(batch["labels"])) == list(range(10))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["digits_conditional", "wine", "signals"])
def test_a_step_by_classes_or_of_arrays_trains(name):
    step = ours.Step(contestants.ours(works.find(name, width=4, n_critic=1, batch_size=4)).task)
    before = step._model.generator.get_weights()
    with pytest.raises(Enough):
        step.train(steps(1))
    assert step.wait() == 1 and step.operations > 0
    assert any((new != old).any() for new, old in zip(step._model.generator.get_weights(), before, strict=True))


def test_why_somebody_is_not_measured(monkeypatch, tmp_path):
    work, shapes = works.find("digits"), works.find("shapes")
    half = works.find("digits", precision="mixed_bfloat16")
    monkeypatch.setattr(contestants.importlib.util, "find_spec", lambda name: None)
    assert contestants.beside("torch_zoo", work, False).reason == "torch is not installed"
    monkeypatch.setattr(contestants.importlib.util, "find_spec", lambda name: name)
    assert contestants.beside("torch_zoo", work, False).reason == ""
    assert contestants.beside("torch_zoo", half, False).reason == "it computes in float32"
    assert contestants.beside("torch_expert", half, False).task["precision"] == "mixed_bfloat16"
    assert contestants.beside("keras", shapes, False).reason == "no other has written the network 'coordinates'"
    assert contestants.beside("keras", work, True).task["xla"] is True
    assert contestants.beside("keras_xla", work, False).task["xla"] is True
    monkeypatch.setattr(process, "ROOT", tmp_path)
    found = contestants.beside("keras", work, False)
    assert found.task is None
    assert found.reason == "benchmarks/keras_step.py is part of a checkout, and this is none"


def test_names_of_those_beside():
    assert contestants.names(None) == contestants.DEFAULT
    assert contestants.names("none") == ()
    assert contestants.names("keras, torch_zoo") == ("keras", "torch_zoo")
    with pytest.raises(UserError, match="Unknown contestant 'kera'. Did you mean 'keras'?"):
        contestants.names("kera")


def test_every_row_names_a_file():
    assert [row.file for row in contestants.CONTESTANTS.values() if not row.file.is_file()] == []


@pytest.mark.slow
def test_real_steps_take_turns_in_processes_of_their_own(monkeypatch):
    monkeypatch.setattr(turns, "_SECONDS", 0.1)
    work = works.find("zoo_dcgan64", width=4, image_size=(16, 16), batch_size=8, n_critic=2)
    limits, _ = turns.limits(["float32"])
    both = [contestants.ours(work), contestants.ours(work, replicas=2), contestants.beside("keras", work, False)]
    group = turns.Group(both, limits)
    group.run(2)
    limits.end()
    assert [(line["reason"], len(line["turns"])) for line in group.lines] == [("", 2)] * 3
    assert group.lines[0]["operations"] == group.lines[1]["operations"] > 1e6
    assert all(min(rates) > 1e8 for rates in group.rates.values())
