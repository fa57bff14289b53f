"""Every public method and attribute of `keras.Model`: works as a Keras user expects, or says what to do instead."""

import json
import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tests.gan import tiny
from tests.marks import each
from wgangp_tf import GAN

SAMPLES = tiny.points(8)


def make(**keywords):
    keras.utils.set_random_seed(0)
    model = GAN(tiny.generator(), tiny.critic(), **{"latent_dim": 3, "n_critic": 2, "ema_decay": 0.5} | keywords)
    model.compile(keras.optimizers.Adam(0.01), keras.optimizers.Adam(0.02))
    return model


def networks_of(model):
    return tiny.values([*model.generator.variables, *model.critic.variables])


def refused(call, *said):
    with pytest.raises((ValueError, AttributeError)) as caught:
        call()
    text = str(caught.value)
    assert "\n" not in text.strip() and all(part in text for part in said), text


# ---- what each name does


def check_fit(model, path):
    before = networks_of(model)
    history = model.fit(SAMPLES, batch_size=4, epochs=2, verbose=0).history
    assert set(history) == set(model.log_names) and model.steps_done == 4
    assert not tiny.same(before, networks_of(model))


def check_train_on_batch(model, path):
    values = model.train_on_batch(SAMPLES, return_dict=True)
    assert set(values) == set(model.log_names) and model.steps_done == 1
    assert len(model.train_on_batch(SAMPLES)) == len(values) and model.steps_done == 2


def check_test_on_batch(model, path):
    before = networks_of(model)
    values = model.test_on_batch(SAMPLES, return_dict=True)
    assert values == model.evaluate(SAMPLES, verbose=0, return_dict=True)
    assert tiny.same(before, networks_of(model))


def check_evaluate(model, path):
    values = model.evaluate(SAMPLES, verbose=0)
    assert len(values) == len(model.metrics_names) == len(model.held_out_names)


def check_predict(model, path):
    latents = tiny.points(5, size=3)
    np.testing.assert_allclose(model.predict(latents, verbose=0), model(latents), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(model.predict_on_batch(latents), model(latents), rtol=1e-5, atol=1e-6)


def check_save(model, path):
    model.train_on_batch(SAMPLES)
    model.save(path / "whole.keras")
    loaded = keras.models.load_model(path / "whole.keras")
    assert type(loaded) is type(model) and loaded.steps_done == 1
    assert tiny.same(model.generate(3), loaded.generate(3))
    for one in (model, loaded):  # optimizers and all: both go on alike
        one.train_on_batch(SAMPLES)
    assert tiny.same(networks_of(model), networks_of(loaded))
    assert tiny.same(tiny.values(model.averages.weights), tiny.values(loaded.averages.weights))
    refused(lambda: with_network_without_config().save(path / "none.keras"), "save_weights", "get_config")
    assert not (path / "none.keras").exists()
    for name in ("m.h5", "m.hdf5"):
        refused(lambda name=name: model.save(path / name), "ends in .keras", name)
    with pytest.raises(AttributeError, match="two optimizers.*; a GAN is saved whole to a file that ends in .keras$"):
        keras.saving.save_model(model, path / "m.h5")


def check_weights_file(model, path):
    model.train_on_batch(SAMPLES)
    model.save_weights(path / "some.weights.h5")
    for compiled in (True, False):
        other = GAN(tiny.generator(), tiny.critic(), latent_dim=3, n_critic=2, ema_decay=0.5)
        if compiled:
            other.compile(keras.optimizers.Adam(0.01), keras.optimizers.Adam(0.02))
        other.load_weights(path / "some.weights.h5")
        assert other.steps_done == 1 and tiny.same(networks_of(model), networks_of(other))
    assert tiny.same(model.generate(3), other.generate(3))


def check_export(model, path):
    model.train_on_batch(SAMPLES)
    model.export(path / "saved", verbose=False)
    latents = tiny.points(5, size=3)
    loaded = tf.saved_model.load(str(path / "saved"))
    np.testing.assert_allclose(loaded.serve(latents), model(latents), rtol=1e-5, atol=1e-6)


def check_config(model, path):
    other = GAN.from_config(model.get_config())
    other.set_weights(model.get_weights())
    assert tiny.same(model.generate(3), other.generate(3))
    json.dumps(model.get_config())
    assert keras.models.clone_model(model).count_params() == model.count_params()


def check_compile_config(model, path):
    other = GAN.from_config(model.get_config())
    assert other.get_compile_config() == {}
    other.compile_from_config(model.get_compile_config())
    np.testing.assert_allclose([other.optimizer.learning_rate, other.critic_optimizer.learning_rate], [0.01, 0.02])


def check_set_weights(model, path):
    zeros = [np.zeros_like(weight) for weight in model.get_weights()]
    model.set_weights(zeros)
    assert not any(np.any(weight) for weight in networks_of(model)[:2])


def check_trainable(model, path):
    model.generator.trainable = False
    generator, critic = networks_of(model)[: len(model.generator.variables)], tiny.values(model.critic.variables)
    model.compile()
    model.train_on_batch(SAMPLES)
    assert tiny.same(generator, tiny.values(model.generator.variables)), "statistics of frozen layers too"
    assert not tiny.same(critic, tiny.values(model.critic.variables))
    model.trainable = False
    refused(lambda: model.train_on_batch(SAMPLES), "nothing to train")
    refused(lambda: model.fit(SAMPLES, batch_size=4), "nothing to train")


def check_run_eagerly(model, path):
    model.compile("sgd", "sgd", run_eagerly=True)
    model.train_on_batch(SAMPLES)
    assert model.run_eagerly and not model.jit_compile
    model.compile("sgd", "sgd", jit_compile=True)
    assert model.jit_compile


def check_layers(model, path):
    assert model.generator in model.layers and model.critic in model.layers
    assert model.get_layer(model.critic.name) is model.critic
    model.summary(print_fn=lambda text: None)


def check_variables(model, path):
    weights = {id(weight) for weight in model.weights}
    assert weights >= {id(weight) for weight in (*model.generator.weights, *model.critic.weights)}
    assert len(model.trainable_variables) == len([*model.generator.trainable_weights, *model.critic.trainable_weights])
    assert model.count_params() >= model.generator.count_params() + model.critic.count_params()
    assert {variable.path for variable in model.metrics_variables}


def check_functions(model, path):
    iterator = iter(tf.data.Dataset.from_tensors(SAMPLES).repeat())
    model.make_train_function()
    model.make_test_function()
    assert set(model.train_function(iterator)) == set(model.log_names)
    assert set(model.test_function(iterator)) == set(model.held_out_names)
    model.reset_metrics()
    assert model.get_metrics_result()["critic_loss"] == 0


def check_steps(model, path):
    assert set(model.train_step(SAMPLES)) == set(model.log_names)
    assert set(model.test_step(SAMPLES)) == set(model.held_out_names)
    assert model.predict_step(tiny.points(4, size=3)).shape == (4, 2)


def check_call(model, path):
    latents = tiny.points(4, size=3)
    assert (
        model(latents).shape
        == model.stateless_call(model.trainable_variables, model.non_trainable_variables, latents)[0].shape
    )
    assert model.compute_output_shape((None, 3)) == (None, 2)
    assert tuple(model.compute_output_spec(keras.KerasTensor((4, 3))).shape) == (4, 2)
    assert tuple(model.symbolic_call(keras.KerasTensor((4, 3))).shape) == (4, 2)


def check_optimizer(model, path):
    model.optimizer.learning_rate = 0.001
    found = [model.generator_optimizer.learning_rate, model.critic_optimizer.learning_rate]
    np.testing.assert_allclose(found, [0.001, 0.002])  # the ratio stays
    model.optimizer.learning_rate = 0.0
    model.optimizer.learning_rate = 0.1
    np.testing.assert_allclose(model.critic_optimizer.learning_rate, 0.2)
    model.optimizer.learning_rate.assign(0.5)  # as callbacks of older code do
    np.testing.assert_allclose(found_rates(model), [0.5, 1.0])
    model.optimizer.learning_rate.assign_sub(0.25)
    np.testing.assert_allclose(found_rates(model), [0.25, 0.5])
    np.testing.assert_allclose(model.optimizer.learning_rate * 2, 0.5)
    assert float(keras.ops.convert_to_tensor(model.optimizer.learning_rate)) == 0.25
    refused(lambda: setattr(model, "optimizer", keras.optimizers.Adam()), "two optimizers")
    refused(lambda: model.optimizer.momentum, "generator_optimizer and critic_optimizer")


def found_rates(model):
    return [float(each.learning_rate) for each in (model.generator_optimizer, model.critic_optimizer)]


def check_compile(model, path):
    model.compile("adam", {"class_name": "SGD", "config": {"learning_rate": 0.5}})
    assert float(model.critic_optimizer.learning_rate) == 0.5
    for keywords, said in [
        ({"optimizer": "adam"}, "takes two"),
        ({"loss": "mse"}, "no loss for a GAN"),
        ({"metrics": ["mae"]}, "no metrics for a GAN"),
        ({"jit": True}, "compile takes generator_optimizer"),
        ({"generator_optimizer": "adamm"}, "its name or its config. Received: 'adamm'"),
        ({"critic_optimizer": 0.1}, "critic_optimizer must be a Keras optimizer"),
        ({"critic_optimizer": keras.optimizers.Adam(use_ema=True)}, "ema_decay"),
    ]:
        refused(lambda keywords=keywords: model.compile(**keywords), said)
    both = keras.optimizers.Adam()
    refused(lambda: model.compile(both, both), "must be two optimizers")


def check_losses(model, path):
    assert model.losses == []
    refused(lambda: model.add_loss(tf.constant(1.0)), "layer of the generator or of the critic")
    refused(lambda: model.compute_loss(SAMPLES), "loss for each network")
    refused(lambda: model.stateless_compute_loss(SAMPLES), "loss for each network")


def check_built(model, path):
    model.build((None, 3))
    assert model.built
    model.build_from_config(model.get_build_config() or {})


def check_quantize(model, path):
    refused(lambda: model.quantize("int8"), "model.generator.quantize")
    assert model.quantization_mode is None and model.get_quantization_layer_structure("int8") is None


def check_tree(model, path):
    refused(model.get_state_tree, "get_weights")
    refused(lambda: model.set_state_tree({}), "set_weights")


def check_add_weight(model, path):
    model.add_weight(shape=(), name="mine")
    model.train_on_batch(SAMPLES)


def check_json(model, path):
    assert type(keras.models.model_from_json(model.to_json())) is GAN


def check_own_variables(model, path):
    store = {}
    model.save_own_variables(store)
    model.load_own_variables(store)


def check_hooks_of_layers(model, path):
    """What layers that Keras compresses or recomputes define: a model of the user's own has none of it either."""
    with pytest.raises(NotImplementedError):
        model.quantized_build((None, 3), "int8")
    with pytest.raises((AttributeError, NotImplementedError, ValueError)):
        model.quantized_call(tiny.points(4, size=3))
    assert model.rematerialized_call(model.call) == model.call


def check_compute_metrics(model, path):
    values = model.test_on_batch(SAMPLES, return_dict=True)
    found = model.compute_metrics(SAMPLES, None, None)
    assert {name: float(found[name]) for name in values} == pytest.approx(values)


def reads(*names):
    def check(model, path):
        for name in names:
            getattr(model, name)

    return check


def as_any_subclassed_model(name):
    def check(model, path):
        with pytest.raises((AttributeError, NotImplementedError)):
            value = getattr(model, name)
            value() if callable(value) else None

    return check


# name of `keras.Model` → what is done with it
CHECKS = {
    check_fit: "fit",
    check_train_on_batch: "train_on_batch",
    check_test_on_batch: "test_on_batch",
    check_evaluate: "evaluate metrics metrics_names",
    check_predict: "predict predict_on_batch",
    check_save: "save",
    check_weights_file: "save_weights load_weights",
    check_export: "export",
    check_config: "get_config from_config count_params",
    check_compile_config: "get_compile_config compile_from_config",
    check_set_weights: "get_weights set_weights",
    check_trainable: "trainable",
    check_run_eagerly: "run_eagerly jit_compile",
    check_layers: "layers get_layer summary",
    check_variables: "weights trainable_weights trainable_variables variables metrics_variables",
    check_functions: "make_train_function make_test_function reset_metrics get_metrics_result",
    check_steps: "train_step test_step predict_step",
    check_call: "call stateless_call compute_output_shape compute_output_spec symbolic_call",
    check_compile: "compile",
    check_losses: "losses add_loss compute_loss stateless_compute_loss",
    check_built: "build get_build_config build_from_config",
    check_quantize: "quantize quantization_mode get_quantization_layer_structure",
    check_tree: "get_state_tree set_state_tree",
    check_add_weight: "add_weight add_variable",
    check_json: "to_json",
    check_own_variables: "save_own_variables load_own_variables",
    reads("non_trainable_variables", "non_trainable_weights"): "non_trainable_variables non_trainable_weights",
    reads(
        "dtype",
        "dtype_policy",
        "compute_dtype",
        "variable_dtype",
        "input_dtype",
        "path",
        "supports_masking",
        "loss",
        "distribute_strategy",
        "make_predict_function",
        "input_spec",
        "compute_mask",
        "compiled_loss",
        "compiled_metrics",
    ): "dtype dtype_policy compute_dtype variable_dtype input_dtype path supports_masking loss distribute_strategy "
    "make_predict_function input_spec compute_mask compiled_loss compiled_metrics",
    as_any_subclassed_model("input"): "input",
    as_any_subclassed_model("distribute_reduction_method"): "distribute_reduction_method",
    as_any_subclassed_model("output"): "output",
    as_any_subclassed_model("add_metric"): "add_metric",
    check_hooks_of_layers: "quantized_build quantized_call rematerialized_call",
    check_compute_metrics: "compute_metrics",
}
OF = {name: check for check, names in CHECKS.items() for name in names.split()}
PUBLIC = sorted(name for name in dir(keras.Model) if not name.startswith("_"))


def test_every_public_name_of_keras_model_is_decided():
    assert set(PUBLIC) == set(OF), "a name that Keras has and this list has not, or the other way round"


_QUICK = [
    check_save,
    check_optimizer,
    check_compile,
    check_losses,
    check_quantize,
    check_tree,
    check_built,
    check_layers,
]


@pytest.mark.parametrize("check", each([*CHECKS, check_optimizer], quick=_QUICK), ids=lambda check: check.__name__)
def test_each_does_what_a_keras_user_expects_or_says_what_to_do(check, tmp_path):
    check(make(), tmp_path)


class Unsaved(layers.Layer):
    def __init__(self, function):
        super().__init__()
        self._function = function

    def call(self, x):
        return self._function(x)


def with_network_without_config():
    critic = keras.Sequential([keras.Input((2,)), Unsaved(tf.identity), layers.Dense(1)])
    model = GAN(tiny.generator(), critic, latent_dim=3, n_critic=2)
    model.compile()
    return model


def test_optimizers_are_made_in_the_scope_that_the_model_was_made_in(mirrored):
    with mirrored.scope():
        model = GAN(tiny.generator(), tiny.critic(), latent_dim=3, n_critic=2)
    config = {"class_name": "SGD", "config": {"learning_rate": 0.5}}
    for given in ((), ("adam", "sgd"), (config, config)):
        model.compile(*given)
        model.compile_from_config(model.get_compile_config())
        for optimizer in (model.generator_optimizer, model.critic_optimizer):
            assert optimizer.built and {type(each.value).__name__ for each in optimizer.variables} == {
                "MirroredVariable"
            }


@pytest.mark.parametrize("count, batch, steps", [(10, 4, None), (7, 3, None), (11, 32, None), (100, 32, 2), (8, 2, 1)])
def test_a_size_of_batches_that_works_is_named(count, batch, steps):
    model = make(n_critic=3)

    def check(count, batch):
        model._check_sizes({"x": tiny.points(count), "batch_size": batch, "steps_per_epoch": steps})

    with pytest.raises(ValueError, match="a multiple of 3, .* take batch_size=") as caught:
        check(count, batch)
    works = int(re.search(r"take batch_size=(\d+)", str(caught.value))[1])
    over = re.search(r"leave (\d+) of them out", str(caught.value))
    check(count - (int(over[1]) if over else 0), works)
    with pytest.raises(ValueError, match="at least 3 samples: .* Received: 2 samples"):
        check(2, batch)
