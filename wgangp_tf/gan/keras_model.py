"""What a Keras user expects of a model, for one that trains two networks: `GAN` without its step."""

import abc
import inspect

import keras
import numpy as np
import tensorflow as tf

from wgangp_tf.gan import asserted, callbacks, ranges, replicas, settings_of_model
from wgangp_tf.gan.keras_compile import Compiled
from wgangp_tf.gan.keras_files import Saved

_FLOATS = (np.float16, np.float32, np.float64)
_FIT = inspect.signature(keras.Model.fit)


class Made(abc.ABCMeta):
    """Tells a model when its constructor is done, those of a user's subclasses included.

    An ABCMeta, so that a subclass may be an abstract class too.
    """

    def __call__(cls, *arguments, **keywords):
        model = super().__call__(*arguments, **keywords)
        model._made = True
        return model


class KerasModel(Compiled, Saved, keras.Model, metaclass=Made):
    """The parts of `GAN` that Keras calls, or a user by the names that Keras gave them.

    It needs `generator`, `critic`, `_arguments` (those of the constructor, by name), set last, and what
    `settings_of_model` lists.
    """

    # ---- training and what comes from it

    def fit(self, x=None, *arguments, **keywords):
        """As `keras.Model.fit`, of real samples: an array, a data set, a generator or a `PyDataset` of batches.

        A batch is n_critic × batch_size samples, or a dict of "samples" and "labels"; also (samples,), and for networks
        that take classes (samples, labels), as other Keras models have it. A `tf.data.Dataset` comes in its own order.

        Raises:
          ValueError: what can be known before the first step is not as it must be: arguments, callbacks, sizes.
        """
        given = dict(_FIT.bind(self, x, *arguments, **keywords).arguments)
        given.pop("self")
        if isinstance(x, tf.data.Dataset) or hasattr(x, "__next__"):
            given.setdefault("shuffle", False)  # Keras warns of its own default
        if hasattr(x, "__next__"):  # Keras takes tuples alone
            given["x"] = (batch if isinstance(batch, tuple) else (batch,) for batch in x)
        self._ready(training="fit")
        for name in ("class_weight", "sample_weight"):
            self._check_weightless(name, given.get(name))
        if x is None:
            raise ValueError("fit expects real samples: an array, a tf.data.Dataset, a generator or a PyDataset")
        _check_given("fit", x, "real samples")
        self._check_sizes(given)
        held_out = given.get("validation_data") is not None or bool(given.get("validation_split"))
        self._check_values(x)
        self.check_held_out(given.get("validation_data"))
        given["callbacks"] = callbacks.prepared(given.get("callbacks"), self, held_out)
        with asserted.in_one_line():
            return super().fit(**given)

    def train_on_batch(self, x, y=None, sample_weight=None, class_weight=None, return_dict=False):
        """As `keras.Model.train_on_batch`: one step on n_critic × batch_size real samples, y their labels if any."""
        self._ready(training="train_on_batch")
        _check_given("train_on_batch", x, "real samples")
        self._check_weightless("sample_weight", sample_weight)
        self._check_weightless("class_weight", class_weight)
        self._check_values(x)
        with asserted.in_one_line():
            return super().train_on_batch(x, y, return_dict=return_dict)

    def evaluate(self, x=None, *arguments, **keywords):
        """As `keras.Model.evaluate`: means over held-out real samples of what `held_out_values` gives."""
        self._ready()
        _check_given("evaluate", x, "real samples")
        callbacks.checked(keywords.get("callbacks"))
        with asserted.in_one_line():
            return super().evaluate(x, *arguments, **keywords)

    def test_on_batch(self, x, y=None, sample_weight=None, return_dict=False):
        """As `keras.Model.test_on_batch`; see `evaluate`."""
        self._ready()
        _check_given("test_on_batch", x, "real samples")
        self._check_weightless("sample_weight", sample_weight)
        with asserted.in_one_line():
            return super().test_on_batch(x, y, return_dict=return_dict)

    def predict(self, x, *arguments, **keywords):
        """As `keras.Model.predict`: samples of latents, or of [latents, labels], by the averaged weights."""
        self._check_scope()
        _check_given("predict", x, "latents")
        callbacks.checked(keywords.get("callbacks"))
        return super().predict(x, *arguments, **keywords)

    def predict_on_batch(self, x):
        """As `keras.Model.predict_on_batch`; see `predict`."""
        self._check_scope()
        _check_given("predict_on_batch", x, "latents")
        return super().predict_on_batch(x)

    def _check_weightless(self, name, value):
        if value is not None:
            raise ValueError(
                f"{name} must be left out: every real sample counts alike in a GAN. To have some more often, repeat "
                f"them in the data. Received: {name}"
            )

    def _check_sizes(self, given):
        """Raises a ValueError if an array cannot be cut into batches that can be cut into critic updates."""
        count = len(given["x"]) if hasattr(given["x"], "shape") and len(given["x"].shape) else None
        if count is None:
            return
        count = int(count * (1 - (given.get("validation_split") or 0.0)))
        batch, pieces = given.get("batch_size") or 32, self.pieces
        if count < pieces:
            raise ValueError(
                f"an epoch must have at least {pieces} samples: one for each replica and part of n_critic critic "
                f"updates. Received: {count} samples"
            )
        seen = min(count, batch * (given.get("steps_per_epoch") or count))
        last = seen % batch
        if batch % pieces or last % pieces:
            works = min(max(batch // pieces, 1), count // pieces) * pieces
            over = f", and leave {count % pieces} of them out" if count % pieces else ""
            of_last = "" if batch % pieces else f", the last one of {last}"
            raise ValueError(
                f"batch_size must be n_critic x the samples of an update, a multiple of {pieces}, and so must the last "
                f"batch of the samples: take batch_size={works}{over}. "
                f"Received: {seen} samples in batches of {batch}{of_last}"
            )

    def _check_values(self, x):
        """Raises a ValueError for arrays of samples that the generator cannot make; of others a step looks."""
        samples = x.get("samples") if isinstance(x, dict) else x
        if isinstance(samples, (np.ndarray, tf.Tensor)) and samples.dtype in _FLOATS and self.sample_bounds:
            ranges.check(np.asarray(samples, np.float32), self.sample_bounds)

    # ---- what must hold before each of them

    def _ready(self, training=None):
        """Raises a ValueError where the model cannot run, or train, as it is; forgets graphs of another state."""
        self._check_scope()
        if not self.compiled:
            return  # Keras says so
        trained = self._trainables()
        if training and not any(trained):
            raise ValueError(f"{training} has nothing to train: trainable is False on all of generator and critic")
        if not training:  # perhaps within a fit, whose own graph must stay
            if _numbers(trained) != self._tested:
                self._tested = _numbers(trained)
                self.forget_graphs("test")
            return
        if _numbers(trained) == self._trained:
            return
        for each, optimizer in zip(trained, (self.generator_optimizer, self.critic_optimizer), strict=True):
            inner = getattr(optimizer, "inner_optimizer", optimizer)
            known = {id(variable) for variable in inner._trainable_variables}
            if not {id(variable) for variable in each} <= known:
                raise ValueError(
                    "the optimizers do not know weights that became trainable after compile: call compile again"
                )
        self.remember_trained()
        self.forget_graphs()

    def remember_trained(self):
        """Notes which variables are trained, so that `_ready` sees what was frozen since."""
        self._trained = self._tested = _numbers(self._trainables())

    def _trainables(self):
        return [list(self.generator.trainable_variables), list(self.critic.trainable_variables)]

    def _check_scope(self):
        """Raises a ValueError within the scope of a strategy that the model was not made in."""
        if tf.distribute.has_strategy() and tf.distribute.get_strategy() is not self._distribute_strategy:
            raise ValueError(
                "the model was not made in the scope of this tf.distribute strategy: make networks and model within "
                f"`with strategy.scope():`. Received: {type(tf.distribute.get_strategy()).__name__}"
            )

    def forget_graphs(self, *kinds):
        """What was traced is traced anew when it is next called, all of it or "train", "test", "predict".

        A callback may ask for it: what Keras is calling stays a function.
        """
        for kind in kinds or ("train", "test", "predict"):
            if getattr(self, f"{kind}_function") is not None:
                getattr(self, f"make_{kind}_function")(force=True)
        self._traced_sampler = None

    def __setattr__(self, name, value):
        if name in settings_of_model.KNOWN and "_arguments" in vars(self):
            settings_of_model.change(self, name, value)
        else:
            super().__setattr__(name, value)

    def take_setting(self, name, value):
        """Gives a setting that was looked at its value; see `settings_of_model.change`."""
        super().__setattr__(name, value)
        if name == "gp_weight":
            self.objective.gp_weight = value

    def compute_output_shape(self, input_shape):
        """(batch, *sample) of the latents' shape, or of those of [latents, labels]."""
        latents = input_shape if self.classes is None else input_shape[0]
        return (latents[0], *self.sample_shape)

    def build(self, *shapes):
        """Nothing: both networks are built."""

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        """Nothing: both networks are built. Keras' own fails where replicas get different numbers of samples."""

    def _make_function(self, step):
        if isinstance(self.distribute_strategy, tf.distribute.MultiWorkerMirroredStrategy):
            return replicas.over_processes(self.distribute_strategy, step)
        return super()._make_function(step)

    # ---- what has no meaning for two networks

    def add_loss(self, loss):
        """Refused."""
        raise ValueError(
            "a loss is added in a layer of the generator or of the critic, whose own loss it is then part of"
        )

    def compute_loss(self, *arguments, **keywords):
        """Refused."""
        raise ValueError("a GAN has a loss for each network: train_step and held_out_values compute them")

    def stateless_compute_loss(self, *arguments, **keywords):
        """Refused."""
        self.compute_loss()

    def quantize(self, *arguments, **keywords):
        """Refused."""
        raise ValueError("weights that are trained cannot be quantized: model.generator.quantize(…) of a clone can")

    def get_state_tree(self, *arguments, **keywords):
        """Refused."""
        raise ValueError("the variables of two optimizers are no tree of Keras': use get_weights, save or save_weights")

    def set_state_tree(self, *arguments, **keywords):
        """Refused."""
        raise ValueError("the variables of two optimizers are no tree of Keras': use set_weights or load_weights")


def _check_given(caller, x, expected):
    if x is None:
        raise ValueError(f"{caller} expects {expected}. Received: x=None")
    for part in tf.nest.flatten(x):
        kind = getattr(part, "dtype", None)
        kind = np.dtype(kind.as_numpy_dtype) if isinstance(kind, tf.DType) else kind
        other = isinstance(kind, np.dtype) and kind.kind not in "biufcV"  # V: bfloat16
        if other or isinstance(part, (tf.SparseTensor, tf.RaggedTensor)) or hasattr(part, "toarray"):  # as SciPy's
            raise ValueError(
                f"{caller} expects {expected} as numbers in a dense array. Received: {type(part).__name__}"
                f"{f' of dtype={kind}' if other else ''}"
            )


def _numbers(networks):
    """What tells lists of variables from others; not the variables, which Keras would take for the model's own."""
    return tuple(tuple(map(id, variables)) for variables in networks)
