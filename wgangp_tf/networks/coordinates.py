"""A generator that computes each pixel from its place, against DCGAN's critic; for images of any size.

The colour at a place is what dense layers make of it, the same layers at every place; the latents say how they are
scaled and shifted, and how the picture lies: turned, moved and of which size. Edges are as sharp and as straight as the
layers want them, nothing is doubled, and there are no stripes. A picture of another kind than a few shapes on a ground,
a photo of a crowd, is not what it is for.

Two things make it learn corners in minutes (measured: benchmarks/README.md). The pose is linear in the latents, so that
shapes lie everywhere and every way from the first step on. And each layer's units are brought to one length at every
place, whatever its scales are.

Sources: pictures as functions of the place, Stanley 2007, "Compositional pattern producing networks"; against a critic,
with layers scaled by the latents, Anokhin et al. 2021, "Image Generators with Conditionally-Independent Pixel
Synthesis", and Skorokhodov et al. 2021, "Adversarial Generation of Continuous Images"; the pose, Karras et al. 2021,
"Alias-Free Generative Adversarial Networks"; units of one length at a place, Karras et al. 2018, "Progressive Growing
of GANs", section 4.2. Much smaller here, so that a processor can train it.
"""

import keras
import numpy as np
from keras import layers

from wgangp_tf.networks.by_class import pair
from wgangp_tf.networks.dcgan import critic_of
from wgangp_tf.networks.layers import Parts, latents, leaky_relu, pictures

_STYLE = 128  # numbers that pose, scales and shifts are computed from
_DEPTH = 4  # dense layers of the place
_CRITIC_KERNEL = 4
_EPSILON = 1e-4  # of a mean of squares
# what the first layer's weights are multiplied with, and how much of a picture a shape takes before training
_STEEPNESS, _ZOOM = 2.0, 1.5


def build(spec, *, latent_dim, width, generator_normalization, critic_normalization, initializer, condition=None):
    """See `registry.build`; the generator's layers have a third more units than `width`."""
    del generator_normalization
    generator, critic = pair(condition, Parts(initializer), Parts(initializer, critic_normalization))
    return (
        _generator(generator, spec.shape, latent_dim, width),
        critic_of(critic, spec, width, _CRITIC_KERNEL),
    )


def _generator(parts, shape, latent_dim, width):
    *size, channels = shape
    units = max(1, 4 * width // 3)
    z = latents(latent_dim)
    style = parts.embedded(z)
    for number in (1, 2):
        style = leaky_relu(parts.dense(style, _STYLE, f"style_{number}", he=True), f"style_relu_{number}")
    pose = layers.Add(name="pose")([parts.dense(z, 5, "pose_of_latents"), parts.dense(style, 5, "pose_of_style")])
    x = Places(*size, name="places")(pose)
    # a deviation that was asked for by name is kept
    steepness = _STEEPNESS if parts.initializer not in ("normal", "uniform") else 1.0
    for number in range(1, _DEPTH + 1):
        scale = parts.dense(style, x.shape[-1], f"scale_{number}")
        shift = parts.dense(style, units, f"shift_{number}")
        kernel = parts.kernel(x.shape[-1], units, 1, gain=steepness if number == 1 else 1.0)
        x = ScaledDense(units, kernel, name=f"dense_{number}")([x, scale, shift])
        x = leaky_relu(x, f"relu_{number}")
    x = layers.Reshape((*size, channels), name="picture")(parts.dense(x, channels, "colours"))
    return keras.Model(parts.inputs(z), pictures(x), name="generator")


class Places(layers.Layer):
    """The place (x, y) of each pixel, its coordinates (u, v) in a pose, and their products u², uv, v².

    [batch, 5] (direction of u twice, logarithm of size, place twice) -> [batch, height × width, 7]. Along the longer
    side x or y goes from −1 to 1. With the products a circle is one unit's line, as an edge is.
    """

    def __init__(self, height, width, **keywords):
        super().__init__(**keywords)
        longer = max(height, width)
        rows, columns = ((2 * np.arange(side) + 1 - side) / longer for side in (height, width))
        y, x = np.meshgrid(rows, columns, indexing="ij")
        self._places = np.stack([x.reshape(-1), y.reshape(-1)], axis=1)

    def call(self, pose):
        ops = keras.ops
        places = ops.cast(self._places, pose.dtype)
        a, b = pose[:, 0], pose[:, 1]
        zoom = _ZOOM * ops.exp(0.5 * pose[:, 2]) / ops.sqrt(a * a + b * b + 1e-6)
        turn = ops.reshape(ops.stack([a * zoom, b * zoom, -b * zoom, a * zoom], axis=-1), (-1, 2, 2))
        posed = ops.matmul(places + 0.5 * pose[:, None, 3:], turn)
        u, v = posed[..., :1], posed[..., 1:]
        own = ops.broadcast_to(places[None], ops.shape(posed))
        return ops.concatenate([own, posed, u * u, u * v, v * v], axis=-1)


class ScaledDense(layers.Layer):
    """A dense layer whose inputs are scaled, and whose outputs are shifted, by numbers of each sample's own.

    [batch, places, n], [batch, n], [batch, units] -> [batch, places, units], the units of a place of mean square 1.

    Args:
      units: of the result.
      kernel_initializer: of a kernel [1, 1, n, units].
    """

    def __init__(self, units, kernel_initializer, **keywords):
        super().__init__(**keywords)
        self.units, self.kernel_initializer = units, kernel_initializer

    def build(self, shapes):
        shape = (1, 1, shapes[0][-1], self.units)
        self.kernel = self.add_weight(name="kernel", shape=shape, initializer=self.kernel_initializer)

    def call(self, inputs):
        x, scale, shift = inputs
        # one product a sample: a kernel is small, a picture's activations are not
        x = keras.ops.matmul(x, self.kernel[0] * (1 + scale)[:, :, None]) + shift[:, None, :]
        return keras.ops.rms_normalization(x, epsilon=_EPSILON)
