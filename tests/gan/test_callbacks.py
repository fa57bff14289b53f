"""Every class of `keras.callbacks` beside two losses and two optimizers; every form that samples come in."""

import inspect
import warnings

import keras
import numpy as np
import pytest
import scipy.sparse
import tensorflow as tf

from tests.gan import tiny
from tests.marks import each
from wgangp_tf import GAN
from wgangp_tf.gan import optimizers

SAMPLES = tiny.points(8)
_KERAS = keras.callbacks


def make(generator_optimizer="sgd", critic_optimizer="sgd", **keywords):
    model = GAN(tiny.generator(normalization=None), tiny.critic(), **{"latent_dim": 3, "n_critic": 2} | keywords)
    model.compile(generator_optimizer, critic_optimizer)
    return model


def fit(model, *callbacks, **keywords):
    return model.fit(SAMPLES, **{"batch_size": 4, "epochs": 2, "verbose": 0, "callbacks": [*callbacks]} | keywords)


def refused(said, *callbacks, **keywords):
    model = keywords.pop("model", None) or make()
    with pytest.raises(ValueError, match=said) as caught:
        fit(model, *callbacks, **keywords)
    assert "\n" not in str(caught.value) and model.steps_done == 0


def rates(model):
    return [float(each.learning_rate) for each in (model.generator_optimizer, model.critic_optimizer)]


def schedules(path):
    model = make(keras.optimizers.Adam(0.5), keras.optimizers.Adam(1.0))
    fit(model, _KERAS.LearningRateScheduler(lambda epoch, rate: rate / 2))
    np.testing.assert_allclose(rates(model), [0.125, 0.25])
    falling = make()
    falling.compile(keras.optimizers.SGD(optimizers.LinearToZero(0.1, 9, falling.step)), "sgd")
    refused("LearningRateScheduler sets the learning rate", _KERAS.LearningRateScheduler(lambda e: 1.0), model=falling)


def plateaus(path):
    model = make(tiny.still(), tiny.still())
    model.compile(keras.optimizers.SGD(1e-20), keras.optimizers.SGD(2e-20))
    fit(model, _KERAS.ReduceLROnPlateau("generator_loss", 0.1, 1, mode="min", min_delta=10, min_lr=0), epochs=3)
    np.testing.assert_allclose(rates(model), [1e-22, 2e-22], rtol=1e-5)
    refused("ReduceLROnPlateau monitors 'val_loss', which a GAN does not log", _KERAS.ReduceLROnPlateau())


def ends_on_nan(path):
    for network in ("generator", "critic"):
        model = make()
        weights = getattr(model, network).trainable_variables
        weights[-1].assign(np.full(weights[-1].shape, np.nan))
        fit(model, _KERAS.TerminateOnNaN(), epochs=3)
        assert model.steps_done == 1, network
    model = make()
    fit(model, _KERAS.TerminateOnNaN())
    assert model.steps_done == 4


def stops_early(path):
    model = make(tiny.still(), tiny.still())
    fit(model, _KERAS.EarlyStopping("val_critic_loss", mode="min", patience=0), epochs=9, validation_data=SAMPLES)
    assert model.steps_done < 9 * 2
    refused("EarlyStopping monitors 'val_loss'", _KERAS.EarlyStopping())
    refused("val_… with validation_data", _KERAS.EarlyStopping("val_critic_loss", mode="min"))
    refused("give mode='min' or mode='max'", _KERAS.EarlyStopping("critic_loss"))


def checkpoints(path):
    model = make(ema_decay=0.5)
    fit(model, _KERAS.ModelCheckpoint(path / "{epoch}.keras"))
    loaded = keras.models.load_model(path / "2.keras")
    assert loaded.steps_done == 4 and tiny.same(loaded.generate(3), model.generate(3))
    best = {"monitor": "critic_loss", "mode": "min", "save_best_only": True, "save_weights_only": True}
    fit(model, _KERAS.ModelCheckpoint(path / "best.weights.h5", **best))
    assert (path / "best.weights.h5").exists()
    refused("ModelCheckpoint monitors 'val_loss'", _KERAS.ModelCheckpoint(path / "a.keras", save_best_only=True))
    refused("names its files by 'val_loss'", _KERAS.ModelCheckpoint(path / "{epoch}-{val_loss:.2f}.keras"))


class _Stop(_KERAS.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt


def backs_up(path):
    keras.utils.set_random_seed(0)
    whole = make()
    fit(whole, shuffle=False)
    keras.utils.set_random_seed(0)
    cut = make()
    backup = _KERAS.BackupAndRestore(path / "backup")
    with pytest.raises(KeyboardInterrupt):
        fit(cut, backup, _Stop(), shuffle=False)
    other = make()
    fit(other, _KERAS.BackupAndRestore(path / "backup"), shuffle=False)
    assert other.steps_done == 4
    assert tiny.same(tiny.values(whole.generator.variables), tiny.values(other.generator.variables))


def logs_csv(path):
    model = make()
    fit(model, _KERAS.CSVLogger(path / "log.csv"), _KERAS.TerminateOnNaN())
    header = (path / "log.csv").read_text().splitlines()[0]
    assert set(header.split(",")) >= {"epoch", *model.log_names} and "loss" not in header.split(",")


def writes_tensorboard(path):
    fit(make(), _KERAS.TensorBoard(path / "logs", histogram_freq=1, update_freq=1), validation_data=SAMPLES)
    assert list((path / "logs").rglob("*tfevents*"))


def calls(path):
    seen = []
    callback = _KERAS.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(sorted(logs)))
    model = make()
    fit(model, callback)
    assert seen == [sorted(model.log_names)] * 2


def in_a_list(path):
    model = make()
    some = _KERAS.CallbackList([_KERAS.TerminateOnNaN()], add_history=True, model=model, epochs=1)
    model.fit(SAMPLES, batch_size=4, callbacks=some, verbose=0)
    assert model.steps_done == 2


def shows(path):
    fit(make(), _KERAS.ProgbarLogger(), _KERAS.History(), verbose=1)


def sends(path):
    with warnings.catch_warnings(), pytest.warns(match="Could not reach RemoteMonitor"):
        warnings.simplefilter("always")  # Keras hands NumPy's copy=False to what cannot
        fit(make(), _KERAS.RemoteMonitor(root="http://localhost:9", path="/"), epochs=1)


def swaps(path):
    refused("SwapEMAWeights has no weights to swap: .*ema_decay", _KERAS.SwapEMAWeights())


def saves_by_orbax(path):
    callback = object.__new__(_KERAS.OrbaxCheckpoint)  # its constructor needs a package that is not here
    refused("OrbaxCheckpoint cannot save two optimizers: use keras.callbacks.ModelCheckpoint", callback)


# class of `keras.callbacks` → what is done with it
CALLBACKS = {
    "BackupAndRestore": backs_up,
    "CSVLogger": logs_csv,
    "Callback": calls,
    "CallbackList": in_a_list,
    "EarlyStopping": stops_early,
    "History": shows,
    "LambdaCallback": calls,
    "LearningRateScheduler": schedules,
    "ModelCheckpoint": checkpoints,
    "OrbaxCheckpoint": saves_by_orbax,
    "ProgbarLogger": shows,
    "ReduceLROnPlateau": plateaus,
    "RemoteMonitor": sends,
    "SwapEMAWeights": swaps,
    "TensorBoard": writes_tensorboard,
    "TerminateOnNaN": ends_on_nan,
}


def test_every_callback_of_keras_is_decided():
    assert {name for name, kind in vars(_KERAS).items() if inspect.isclass(kind)} == set(CALLBACKS)


_QUICK = [ends_on_nan, schedules, swaps, saves_by_orbax]


@pytest.mark.parametrize(
    "check", each(dict.fromkeys(CALLBACKS.values()), quick=_QUICK), ids=lambda check: check.__name__
)
def test_each_callback_works_or_is_refused_before_the_training(check, tmp_path):
    check(tmp_path)


# ---- forms of data


class _Batches(keras.utils.PyDataset):
    def __init__(self, form):
        super().__init__()
        self._form = form

    def __len__(self):
        return 2

    def __getitem__(self, number):
        return self._form(SAMPLES[4 * number : 4 * number + 4])


FORMS = {
    "array": lambda: SAMPLES,
    "tensor": lambda: tf.constant(SAMPLES),
    "dict of arrays": lambda: {"samples": SAMPLES},
    "dataset": lambda: tf.data.Dataset.from_tensor_slices(SAMPLES).batch(4),
    "dataset of (x,)": lambda: tf.data.Dataset.from_tensor_slices((SAMPLES,)).batch(4),
    "dataset of dicts": lambda: tf.data.Dataset.from_tensor_slices({"samples": SAMPLES}).batch(4),
    "generator": lambda: (SAMPLES[start : start + 4] for start in (0, 4)),
    "generator of (x,)": lambda: ((SAMPLES[start : start + 4],) for start in (0, 4)),
    "PyDataset": lambda: _Batches(lambda x: x),
    "PyDataset of (x,)": lambda: _Batches(lambda x: (x,)),
}


@pytest.mark.filterwarnings("ignore:.*ran out of data")
@pytest.mark.parametrize("form", each(FORMS, quick=["generator"]))
def test_samples_come_in_every_form_that_keras_takes(form):
    model = make()
    sizes = {"batch_size": 4} if form in ("array", "tensor", "dict of arrays") else {}
    model.fit(FORMS[form](), verbose=0, validation_data=FORMS[form]() if "generator" not in form else None, **sizes)
    assert model.steps_done == 2


def test_labels_come_beside_samples_as_keras_has_them():
    labels = np.arange(8) % 3
    for how in ({"x": SAMPLES, "y": labels, "validation_split": 0.5}, {"x": {"samples": SAMPLES, "labels": labels}}):
        model = GAN(*tiny.conditional_pair(), latent_dim=3, n_critic=2, class_frequencies=[1, 1, 1])
        model.compile()
        model.fit(**how, batch_size=4, verbose=0)
        assert model.steps_done == (1 if "validation_split" in how else 2)
    with pytest.raises(ValueError, match=r"give samples alone. Received: \(samples, labels\)"):
        make().fit(SAMPLES, labels, batch_size=4, verbose=0)


@pytest.mark.parametrize(
    "keywords, said",
    [
        ({"sample_weight": np.ones(8)}, "sample_weight must be left out"),
        ({"class_weight": {0: 1.0}}, "class_weight must be left out"),
        ({"batch_size": 5}, r"a multiple of 2, and so must the last batch.* Received: 8 samples in batches of 5"),
        ({"x": SAMPLES[:7]}, r"leave 1 of them out. Received: 7 samples in batches of 4, the last one of 3"),
        ({"x": None}, "fit expects real samples"),
        (
            {"x": tf.sparse.from_dense(SAMPLES)},
            "fit expects real samples as numbers in a dense array. .*: Sparse",
        ),
        ({"x": tf.ragged.constant([[1.0, 2.0], [1.0]])}, "in a dense array. Received: RaggedTensor"),
        ({"x": {"samples": scipy.sparse.csr_array(SAMPLES)}}, "in a dense array. Received: csr_array"),
        ({"x": SAMPLES.astype(object)}, "in a dense array. Received: ndarray of dtype=object"),
        ({"x": SAMPLES.astype(str)}, "in a dense array. Received: ndarray of dtype=<U"),
        ({"x": tf.constant([["a"]] * 8)}, "in a dense array. Received: EagerTensor of dtype=object"),
    ],
)
def test_arguments_of_fit_are_looked_at_before_the_first_step(keywords, said):
    model = make()
    with pytest.raises(ValueError, match=said):
        model.fit(**{"x": SAMPLES, "batch_size": 4, "verbose": 0} | keywords)
    assert model.steps_done == 0


def test_the_scope_of_another_strategy_is_refused(mirrored):
    model = make()
    for call in (lambda: fit(model), lambda: model.predict(tiny.points(4, size=3)), lambda: model.evaluate(SAMPLES)):
        with mirrored.scope(), pytest.raises(ValueError, match="was not made in the scope .* Received: Mirrored"):
            call()


def test_a_checkpoint_in_keras_old_form_is_refused_before_the_training(tmp_path):
    refused(r"ends in \.keras; else use .*save_weights_only=True.*c\.h5", _KERAS.ModelCheckpoint(tmp_path / "c.h5"))


# what `validation_data` may be → part of the line that refuses it, None where it is taken
_HELD_OUT = {
    "two arrays": (lambda: (SAMPLES, SAMPLES), r"Labels are for networks that take classes.*Received: \(samples, lab"),
    "a list": (lambda: [SAMPLES, SAMPLES], "Labels are for networks that take classes"),
    "other samples": (lambda: tiny.points(8, size=3), r"Samples must be \[batch, 2\]"),
    "one sample": (lambda: SAMPLES[0], r"Samples must be \[batch, 2\]"),
    "integers": (lambda: SAMPLES.astype(int), "Samples must be floats"),
    "weights": (lambda: (SAMPLES, None, SAMPLES[:, 0]), "A batch must be a tensor"),
    "a number": (lambda: 3, "validation_data must be held-out real samples.* Received: int"),
    "a word": (lambda: "x", "validation_data must be held-out real samples.* Received: str"),
    "nothing": (lambda: SAMPLES[:0], "Received: no samples"),
    "a dict": (lambda: {"pictures": SAMPLES}, r"a dict with \"samples\""),
    "a data set of others": (lambda: tf.data.Dataset.from_tensors(tiny.points(8, size=3)), r"Samples must be \[batch"),
    "single samples": (lambda: tf.data.Dataset.from_tensor_slices(SAMPLES), r"Samples must be \[batch, 2\]"),
    "an empty data set": (lambda: tf.data.Dataset.from_tensors(SAMPLES).take(0), "Received: no samples"),
    "an array": (lambda: SAMPLES.astype(np.float64), None),
    "one in a tuple": (lambda: (SAMPLES,), None),
    "a tensor without labels": (lambda: (tf.constant(SAMPLES), None), None),
    "samples": (lambda: {"samples": SAMPLES}, None),
    "a data set": (lambda: tf.data.Dataset.from_tensors(SAMPLES), None),
    "batches in tuples": (lambda: tf.data.Dataset.from_tensors((SAMPLES,)), None),
}


def test_held_out_samples_are_looked_at_before_the_training():
    model = make()
    for name, (make_data, said) in _HELD_OUT.items():
        if said is None:
            model.check_held_out(make_data())
            continue
        with pytest.raises(ValueError, match=said) as caught:
            model.check_held_out(make_data())
        assert "\n" not in str(caught.value), name
    refused(r"Samples must be \[batch, 2\]", model=model, validation_data=tiny.points(8, size=3))


@pytest.mark.parametrize("given", ["x", 3, ["x"], [_KERAS.History], {"a": 1}], ids=str)
def test_what_is_no_callback_is_refused(given):
    model = make()
    for call in (
        lambda: model.fit(SAMPLES, batch_size=4, callbacks=given),
        lambda: model.evaluate(SAMPLES, callbacks=given),
        lambda: model.predict(tiny.points(4, size=3), callbacks=given),
    ):
        with pytest.raises(ValueError, match="callbacks must be keras.callbacks.Callback, one or a list. Received: "):
            call()


@pytest.mark.parametrize("name", ["fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "predict_on_batch"])
def test_nothing_to_work_on_is_refused(name):
    with pytest.raises(ValueError, match=f"{name} expects "):
        getattr(make(), name)(None)
