"""Residual blocks as the WGAN-GP paper's scripts have them: normalise, ReLU and convolve twice, beside a shortcut.

A shortcut of one pixel and a change of size may change places (both are linear, and a pixel's share in each is the
same), so the convolution stands where the maps are small: the same function as the scripts', for a quarter of the work.
"""

from keras import layers

from wgangp_tf.networks.layers import doubled, pooled, relu


def up(parts, x, channels, size, name, *, first_bias=True, gain=1.0):
    """A block that doubles the size before its first convolution.

    Args:
      parts: `layers.Parts`.
      x: maps [batch, height, width, channels].
      channels: of the result.
      size: (height, width) of the result.
      name: of the block, see `sizes.label`.
      first_bias: whether the first convolution has a bias.
      gain: factor on the initial weights of the convolutions that follow the doubling.

    Returns:
      maps [batch, *size, channels].
    """
    shortcut = parts.convolution(x, channels, 1, f"shortcut_{name}", he=False, gain=gain)
    shortcut = doubled(shortcut, size, f"shortcut_double_{name}")
    x = doubled(_activated(parts, x, f"{name}_1"), size, f"double_{name}")
    x = parts.convolution(x, channels, 3, f"convolution_{name}_1", gain=gain, bias=first_bias)
    x = parts.convolution(_activated(parts, x, f"{name}_2"), channels, 3, f"convolution_{name}_2")
    return layers.Add(name=f"sum_{name}")([shortcut, x])


def down(parts, x, channels, name, *, first_bias=True, strided=False):
    """A block that halves the size, rounding up: by means of 2x2 pixels, or by a `strided` second convolution."""
    shortcut = parts.convolution(pooled(x, f"shortcut_pool_{name}"), channels, 1, f"shortcut_{name}", he=False)
    have = x.shape[-1]
    x = parts.convolution(_activated(parts, x, f"{name}_1"), have, 3, f"convolution_{name}_1", bias=first_bias)
    x = _activated(parts, x, f"{name}_2")
    x = parts.convolution(x, channels, 3, f"convolution_{name}_2", stride=2 if strided else 1)
    if not strided:
        x = pooled(x, f"pool_{name}")
    return layers.Add(name=f"sum_{name}")([shortcut, x])


def same(parts, x, name):
    """A block that changes neither size nor channels: its shortcut is x itself."""
    shortcut, channels = x, x.shape[-1]
    for number in (1, 2):
        x = _activated(parts, x, f"{name}_{number}")
        x = parts.convolution(x, channels, 3, f"convolution_{name}_{number}")
    return layers.Add(name=f"sum_{name}")([shortcut, x])


def first(parts, x, channels, name):
    """A block that halves a picture: it is neither normalised nor put through a ReLU first."""
    shortcut = parts.convolution(pooled(x, f"shortcut_pool_{name}"), channels, 1, f"shortcut_{name}", he=False)
    x = parts.convolution(x, channels, 3, f"convolution_{name}_1")
    x = relu(x, f"relu_{name}_2")
    x = parts.convolution(x, channels, 3, f"convolution_{name}_2")
    return layers.Add(name=f"sum_{name}")([shortcut, pooled(x, f"pool_{name}")])


def _activated(parts, x, name):
    return relu(parts.normalized(x, f"normalization_{name}"), f"relu_{name}")
