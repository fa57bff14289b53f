"""How far off a penalty's gradient is where a critic has Keras' own normalisation layers, as docs/python.md says it.

    python -m benchmarks.second_derivatives

DCGAN critics of width 16, untrained, see 16 pictures of 32x32 noise. The gradient of the penalty in each of their
weights is taken with the layers of `wgangp_tf.networks.normalizations` and with Keras' own; a line a weight says how
large it is and how large the difference beside it, the last one of all weights together. Seconds.
A bias before an instance normalisation changes nothing, so that its gradient is 0 but for rounding.
"""

import keras
import numpy as np
import tensorflow as tf

from wgangp_tf.config import Model
from wgangp_tf.gan.penalties import gradient_norms
from wgangp_tf.networks import normalizations, registry
from wgangp_tf.samples.spec import of_pictures

_SHAPE = (32, 32, 3)
_ROUNDING = 1e-6


def _gradients(critic, pictures):
    """Of the mean of (‖∇D‖ − 1)², in each weight of the critic that it depends on: {name: float32 array}."""
    with tf.GradientTape() as tape:
        norms = gradient_norms(lambda samples: critic(samples, training=True), pictures)
        penalty = tf.reduce_mean((norms - 1.0) ** 2)
    found = tape.gradient(penalty, [weight.value for weight in critic.trainable_variables])
    named = zip(critic.trainable_variables, found, strict=True)
    return {weight.path: gradient.numpy() for weight, gradient in named if gradient is not None}


def _keras_own(layer, inputs, training=False):
    del training
    return keras.layers.GroupNormalization.call(layer, inputs)


def main():
    pictures = tf.constant(np.random.default_rng(0).uniform(-1, 1, (16, *_SHAPE)), tf.float32)
    own = normalizations.GroupNormalization.call
    for name in ("layer", "instance"):
        keras.utils.set_random_seed(0)
        model = Model(network="dcgan", width=16, critic_normalization=name)
        _, critic = registry.build(model, of_pictures(_SHAPE))
        right = _gradients(critic, pictures)
        normalizations.GroupNormalization.call = _keras_own
        try:
            theirs = _gradients(critic, pictures)
        finally:
            normalizations.GroupNormalization.call = own
        print(f"{name} normalisation")
        for path in right:
            _tell(path, right[path], theirs[path])
        _tell("all weights", *(np.concatenate([values.ravel() for values in of.values()]) for of in (right, theirs)))


def _tell(name, right, theirs):
    size, off = np.linalg.norm(right), np.linalg.norm(theirs - right)
    share = f"{off / size:.2%}" if size > _ROUNDING else "and should be 0"
    print(f"  {name:28} {size:9.3g}   off by {off:9.3g}, {share}")


if __name__ == "__main__":
    main()
