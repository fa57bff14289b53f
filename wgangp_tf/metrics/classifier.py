"""Small classifiers whose features samples are compared by: trained once, with fixed seeds, and kept.

Three or four convolutions, each normalised over the batch; the features are the means of the last one's channels, and
one dense layer makes class probabilities of them. A training on another machine differs in the last bits, and so ends
elsewhere: `digest` tells classifiers apart, and numbers of different ones compare roughly only.

Source: of a classifier of the data's own classes in the place of Inception: Bińkowski et al. 2018, "Demystifying MMD
GANs", who measure MNIST by a LeNet.
"""

import dataclasses
import functools
from collections.abc import Callable

import keras
import numpy as np

from wgangp_tf.metrics import kept
from wgangp_tf.metrics.batched import Batched

_VERSION = 1  # of what follows here; part of the key that weights are kept under
_BATCH = 32
_WARM_UP = 0.1  # share of the updates
_FEATURES_BATCH = 128


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How a classifier is made.

    Attributes:
      name: key of `features.FEATURES`.
      data: string that changes when the pictures do.
      pictures: callable → ((pictures, labels) to train on, those that are held out): uint8 [n, h, w, c], int [n].
      shape: (height, width, channels).
      classes: how many there are.
      convolutions: (filters, size, stride) of each.
      epochs: how often each picture is trained on.
      learning_rate: Adam's, the highest: it warms up, then falls along a cosine.
    """

    name: str
    data: str
    pictures: Callable
    shape: tuple[int, int, int]
    classes: int
    convolutions: tuple[tuple[int, int, int], ...]
    epochs: int
    learning_rate: float = 4e-3


class NetworkClassifier(Batched):
    """A small network as features, see `features.Pixels`: its last hidden layer, and what it says of the classes.

    Attributes:
      accuracy: share of right answers on held-out pictures, in [0, 1].
    """

    def __init__(self, recipe, weights, accuracy):
        """
        Args:
          recipe: `Recipe`.
          weights: arrays, as `keras.Model.get_weights` has them.
          accuracy: see above.
        """
        model = network(recipe)
        model.set_weights(weights)
        super().__init__(
            recipe.name,
            lambda pictures: model(pictures, training=False),
            batch=_FEATURES_BATCH,
            digest=kept.digest(weights),
            classes=recipe.classes,
        )
        self.accuracy = accuracy


@functools.lru_cache
def made(recipe, cache):
    """The `NetworkClassifier` of a recipe, trained where it is not kept yet.

    Args:
      recipe: `Recipe`.
      cache: see `kept.kept`.
    """
    facts = {
        field.name: getattr(recipe, field.name) for field in dataclasses.fields(recipe) if field.name != "pictures"
    }
    arrays = kept.kept(cache, f"classifier-{recipe.name}", [_VERSION, facts], lambda: trained(recipe))
    accuracy = float(arrays["accuracy"])
    return NetworkClassifier(recipe, [arrays[f"weights_{k}"] for k in range(len(arrays) - 1)], accuracy)


def trained(recipe):
    """A recipe's classifier and its accuracy on held-out pictures: {"weights_0", …, "accuracy": array}."""
    (pictures, labels), held_out = recipe.pictures()
    model = network(recipe)
    draws = np.random.default_rng(0)
    order = np.concatenate([draws.permutation(len(pictures)) for _ in range(recipe.epochs)])
    order = order[: len(order) // _BATCH * _BATCH]
    updates = len(order) // _BATCH
    warm_up = int(_WARM_UP * updates)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, updates - warm_up, warmup_target=recipe.learning_rate, warmup_steps=warm_up
    )
    # XLA, which Keras takes by itself, is the slower one on a processor
    trainer = keras.Model(model.inputs, model.outputs[1], name=f"{recipe.name}_trainer")
    trainer.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", jit_compile=False)
    trainer.fit(pictures[order], labels[order], batch_size=_BATCH, shuffle=False, verbose=0)
    weights = model.get_weights()
    found = NetworkClassifier(recipe, weights, None)(held_out[0])[1].argmax(axis=1)
    return {f"weights_{k}": array for k, array in enumerate(weights)} | {"accuracy": np.mean(found == held_out[1])}


def network(recipe):
    """An untrained Keras model: uint8 or float [n, h, w, c] in [0, 255] → (features, class probabilities).

    Names, seeds and number formats are given: nothing of it depends on what the program made or set before.
    """
    inputs = keras.Input(recipe.shape, name=f"{recipe.name}_pictures")
    values = keras.layers.Rescaling(1 / 127.5, -1.0, **_named(recipe, "range"))(inputs)
    for k, (filters, size, stride) in enumerate(recipe.convolutions):
        values = keras.layers.Conv2D(
            filters, size, strides=stride, padding="same", use_bias=False,
            kernel_initializer=keras.initializers.HeNormal(seed=k), **_named(recipe, f"convolution_{k}"),
        )(values)  # fmt: skip
        values = keras.layers.BatchNormalization(momentum=0.9, **_named(recipe, f"normalization_{k}"))(values)
        values = keras.layers.ReLU(**_named(recipe, f"relu_{k}"))(values)
    rows = keras.layers.GlobalAveragePooling2D(**_named(recipe, "features"))(values)
    initializer = keras.initializers.GlorotUniform(seed=len(recipe.convolutions))
    dense = keras.layers.Dense(
        recipe.classes, "softmax", kernel_initializer=initializer, **_named(recipe, "probabilities")
    )
    return keras.Model(inputs, [rows, dense(rows)], name=f"{recipe.name}_classifier")


def _named(recipe, name):
    return {"name": f"{recipe.name}_{name}", "dtype": "float32"}
