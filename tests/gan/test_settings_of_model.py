"""What is set on a model between two fits takes effect, or is refused."""

import abc

import keras
import numpy as np
import pytest

from tests.gan import tiny
from tests.marks import each
from wgangp_tf import GAN

ZEROS = np.zeros([8, 2], np.float32)


def make(**keywords):
    model = GAN(tiny.constant_generator([0, 0]), tiny.linear_critic([3, 4]), latent_dim=3, **{"n_critic": 2} | keywords)
    model.compile(tiny.still(), tiny.still())
    return model


def test_the_weight_of_the_penalty_may_change():
    model = make(gp_weight=1.0)  # the norm is 5, its penalty 16
    for weight in (1.0, 0.5):
        model.gp_weight = weight
        for values in (model.train_on_batch(ZEROS, return_dict=True), model.test_on_batch(ZEROS, return_dict=True)):
            np.testing.assert_allclose(values["critic_loss"], 16 * weight, rtol=1e-5)
    assert model.get_config()["gp_weight"] == 0.5


def test_the_bound_of_clipping_and_the_number_of_updates_may_change():
    model = make(method="wgan", clip_value=1.0)
    model.train_on_batch(ZEROS)
    np.testing.assert_allclose(model.critic.layers[-1].kernel, [[1], [1]])
    model.clip_value, model.n_critic = 0.5, 4
    model.train_on_batch(ZEROS)
    np.testing.assert_allclose(model.critic.layers[-1].kernel, [[0.5], [0.5]])
    assert int(model.critic_optimizer.iterations) == 2 + 4


def test_frozen_weights_are_not_clipped_and_layers_may_be_frozen_between_fits():
    model = make(method="wgan", clip_value=1.0)
    model.train_on_batch(ZEROS)
    model.clip_value = 0.5
    model.critic.layers[-1].trainable = False
    model.train_on_batch(ZEROS)
    np.testing.assert_allclose(model.critic.layers[-1].kernel, [[1], [1]])
    model.compile(tiny.still(), tiny.still())
    model.critic.layers[-1].trainable = True
    with pytest.raises(ValueError, match="became trainable after compile: call compile again"):
        model.train_on_batch(ZEROS)


@pytest.mark.parametrize(
    "name, value",
    [
        ("latent_dim", 4),
        ("ema_decay", 0.9),
        ("method", "wgan"),
        ("critic", None),
        ("averages", None),
        ("dtype_policy", "mixed_float16"),
    ],
)
def test_what_is_fixed_says_so(name, value):
    with pytest.raises(AttributeError, match=f"{name} is fixed when the model is made"):
        setattr(make(), name, value)


@pytest.mark.parametrize("name, value", [("gp_weight", -1), ("n_critic", 2.5), ("seed", None), ("clip_value", 0)])
def test_what_is_out_of_range_is_refused(name, value):
    model = make()
    with pytest.raises(ValueError, match=f"{name} must be .* Received: {name}="):
        setattr(model, name, value)
    assert getattr(model, name) != value


def once(at, function):
    """A callback that calls a function once, at a time that Keras names."""
    calls = [function]
    callback = keras.callbacks.Callback()
    setattr(callback, at, lambda *_, **__: calls.pop()() if calls else None)
    return callback


@pytest.mark.parametrize(
    "at", each(["on_epoch_end", "on_train_batch_end", "on_test_batch_end"], quick=["on_epoch_end"])
)
def test_what_a_callback_sets_holds_from_the_next_step_on(at):
    model = make(gp_weight=1.0)  # the norm is 5, its penalty 16
    setting = once(at, lambda: setattr(model, "gp_weight", 0.5))
    history = model.fit(
        ZEROS, batch_size=8, epochs=2, verbose=0, validation_data=(ZEROS,), validation_batch_size=8, callbacks=[setting]
    ).history
    np.testing.assert_allclose(history["critic_loss"], [16, 8], rtol=1e-5)
    np.testing.assert_allclose(history["val_critic_loss"], [8 if at == "on_train_batch_end" else 16, 8], rtol=1e-5)


@pytest.mark.slow
def test_a_callback_may_set_the_number_of_updates_and_graphs_stay_where_nothing_changes():
    model = make()

    def fit(at, number):
        setting = once(at, lambda: setattr(model, "n_critic", number))
        model.fit(ZEROS, batch_size=8, epochs=2, verbose=0, callbacks=[setting])

    fit("on_train_batch_end", 2)
    kept = model.train_function
    model.n_critic, model.gp_weight, model.seed = 2, 10.0, 0
    assert model.train_function is kept
    fit("on_epoch_end", 4)
    assert int(model.critic_optimizer.iterations) == 2 + 2 + 2 + 4


@pytest.mark.slow
def test_a_layer_that_a_callback_freezes_is_trained_until_the_fit_ends():
    model = make()
    model.compile(tiny.sgd(0.01), tiny.sgd(0.01))
    layer = model.critic.layers[-1]
    seen = []
    callbacks = [
        once("on_epoch_end", lambda: setattr(layer, "trainable", False)),
        keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.extend(tiny.values([layer.kernel]))),
    ]
    for _ in range(2):
        model.fit(ZEROS, batch_size=8, epochs=3, verbose=0, validation_data=(ZEROS,), callbacks=callbacks)
    assert len(np.unique(seen[:3], axis=0)) == 3 and np.array_equal(seen[2], seen[5])


class Own(GAN, abc.ABC):
    """A subclass that sets what is fixed, and what may change, in its constructor."""

    def __init__(self, codec):
        super().__init__(tiny.constant_generator([0, 0]), tiny.linear_critic([3, 4]), latent_dim=3)
        self.codec, self.objective, self.method, self.sample_shape = codec, self.objective, self.method, (2,)
        self.gp_weight = 1.0


def test_a_subclass_may_set_in_its_constructor_what_is_fixed_afterwards():
    codec = make().codec
    model = Own(codec)
    assert model.codec is codec and model.objective.gp_weight == 1.0
    with pytest.raises(AttributeError, match="codec is fixed when the model is made: make another Own"):
        model.codec = None
