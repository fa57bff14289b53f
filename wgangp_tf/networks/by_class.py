"""Networks that take a class beside latents or samples.

How a generator takes it in, and how a critic uses it:

| name | of the | what it is |
|---|---|---|
| embedding | generator | a vector of the class, learned, beside the latents |
| normalization | generator | a scale and an offset for every class behind each normalisation (Dumoulin et al. 2017) |
| projection | critic | score + ⟨vector of the class, features⟩ (Miyato and Koyama 2018, eq. 3) |
| classifier | critic | the score looks at no class, but beside it one is guessed: AC-GAN (Odena et al. 2017) |

The conditional ResNet of Gulrajani et al. 2017 (Table 3, and its script) has normalization and classifier.

Such a network has the inputs [latents, labels] or [samples, labels], labels int32 [batch]. At first the vectors of the
projection are zero, scales are one and offsets zero: but for the embedding the networks begin as those without classes.
"""

import dataclasses
import numbers
from typing import Any

import keras
from keras import layers

from wgangp_tf.networks.layers import Parts, normalized

_LEAST_VECTOR = 8  # numbers of a class's vector beside the latents, at most as many as there are latents


class OfClass(layers.Layer):
    """A row of a table for each label: int32 [batch] -> [batch, units].

    A product with rows of zeros and a one: its gradient is dense, which every optimizer and strategy takes.
    """

    def __init__(self, classes, units, initializer, **keywords):
        super().__init__(**keywords)
        self.classes, self.units, self.initializer = classes, units, initializer

    def build(self, shape):
        self.rows = self.add_weight(name="rows", shape=(self.classes, self.units), initializer=self.initializer)

    def call(self, labels):
        chosen = keras.ops.one_hot(labels, self.classes, dtype=self.compute_dtype)
        return keras.ops.matmul(chosen, self.rows)


class ScaledByClass(layers.Layer):
    """x times a scale, plus an offset, both of the sample's class and of the channel.

    [batch, …, channels], labels [batch] -> [batch, …, channels].
    """

    def __init__(self, classes, **keywords):
        super().__init__(**keywords)
        self.classes = classes

    def build(self, shapes):
        shape = (self.classes, shapes[0][-1])
        self.scale = self.add_weight(name="scale", shape=shape, initializer="ones")
        self.offset = self.add_weight(name="offset", shape=shape, initializer="zeros")

    def call(self, inputs):
        x, labels = inputs
        chosen = keras.ops.one_hot(labels, self.classes, dtype=x.dtype)
        one_a_channel = (-1, *[1] * (len(x.shape) - 2), x.shape[-1])
        scale, offset = (
            keras.ops.reshape(keras.ops.matmul(chosen, rows), one_a_channel) for rows in (self.scale, self.offset)
        )
        return x * scale + offset


@keras.saving.register_keras_serializable(package="wgangp_tf")
class Projection(layers.Layer):
    """⟨vector of the class, features⟩, what a critic adds to its score (Miyato and Koyama 2018, eq. 3).

    [features [batch, n], labels int [batch]] -> [batch, 1]. The vectors, [classes, n], are learned; they begin at zero.

    Args:
      classes: int, how many there are.
    """

    def __init__(self, classes, **keywords):
        super().__init__(**keywords)
        if isinstance(classes, bool) or not isinstance(classes, numbers.Integral) or classes < 2:
            raise ValueError(f"classes must be an integer of at least 2. Received: classes={classes!r}")
        self.classes = int(classes)

    def get_config(self):
        return super().get_config() | {"classes": self.classes}

    def build(self, shapes):
        ranks = [len(shape) if hasattr(shape, "__len__") else None for shape in shapes]
        if ranks != [2, 1] or shapes[0][-1] is None:
            raise ValueError(f"Projection expects [features [batch, n], labels [batch]]. Received: shapes {shapes}")
        self.vectors = self.add_weight(name="vectors", shape=(self.classes, shapes[0][-1]), initializer="zeros")

    def call(self, inputs):
        features, labels = inputs
        dtypes = [keras.backend.standardize_dtype(each.dtype) for each in (features, labels)]
        if not keras.backend.is_float_dtype(dtypes[0]) or not keras.backend.is_int_dtype(dtypes[1]):
            raise ValueError(
                "Projection expects [features, labels], floats and integers: an Input of labels has dtype='int32'. "
                f"Received: {' and '.join(dtypes)}"
            )
        chosen = keras.ops.one_hot(labels, self.classes, dtype=features.dtype)
        return keras.ops.sum(features * keras.ops.matmul(chosen, self.vectors), axis=-1, keepdims=True)


@dataclasses.dataclass(frozen=True)
class _OfLabels(Parts):
    """The layers of a network that takes labels.

    Attributes:
      labels: its input of labels, a Keras tensor.
      classes: int, how many there are.
    """

    labels: Any = None
    classes: int = 0

    def inputs(self, x):
        return [x, self.labels]


class Embedded(_OfLabels):
    """See the head of this file: a generator by "embedding"."""

    def embedded(self, z):
        units = max(1, min(z.shape[-1], max(_LEAST_VECTOR, self.classes)))
        # as large as latents are
        drawn = keras.initializers.RandomNormal(stddev=1.0)
        vector = OfClass(self.classes, units, drawn, name="class")(self.labels)
        return layers.Concatenate(name="latents_and_class")([z, vector])


class Normalized(_OfLabels):
    """A generator by "normalization"; one that normalises nothing is scaled and moved by the class all the same."""

    def normalized(self, x, name):
        return ScaledByClass(self.classes, name=f"{name}_by_class")(
            [normalized(x, self.normalization, name, plain=True), self.labels]
        )


class Projected(_OfLabels):
    """A critic by "projection"."""

    def scores(self, x):
        of_class = Projection(self.classes, dtype="float32", name="projection")([x, self.labels])
        return layers.Add(dtype="float32", name="scores_of_class")([super().scores(x), of_class])


class Classified(_OfLabels):
    """A critic by "classifier": [scores [batch, 1], logits [batch, classes]]."""

    def scores(self, x):
        return [super().scores(x), self.dense(x, self.classes, "classes", dtype="float32")]


GENERATORS = {"embedding": Embedded, "normalization": Normalized}
CRITICS = {"projection": Projected, "classifier": Classified}


@dataclasses.dataclass(frozen=True)
class Condition:
    """How a pair of networks takes classes in.

    Attributes:
      classes: int, how many there are.
      generator, critic: keys of `GENERATORS` and `CRITICS`.
    """

    classes: int
    generator: str
    critic: str


def pair(condition, generator, critic):
    """The layers of both networks, with classes where there is a condition.

    Args:
      condition: `Condition`, or None.
      generator, critic: `layers.Parts`.

    Returns:
      (generator, critic), each `layers.Parts`.
    """
    if condition is None:
        return generator, critic
    kinds = GENERATORS[condition.generator], CRITICS[condition.critic]
    return tuple(
        kind(**vars(parts), labels=keras.Input((), dtype="int32", name="labels"), classes=condition.classes)
        for kind, parts in zip(kinds, (generator, critic), strict=True)
    )
