"""How the weights of a layer are drawn before training, by name. Biases begin at 0.

| name | standard deviation | distribution |
|---|---|---|
| paper | dense √(2 / (in + out)), "he" √(2 / in); convolutions √(2 / (in + out)), "he" √(4 / (in + out)) | uniform |
| glorot | √(2 / (in + out)) everywhere | uniform |
| he | √(1 / in), "he" √(2 / in) | normal |
| normal | 0.02 | normal |
| uniform | 0.02 | uniform |

in and out are the fans, strides counted. "he" is said of layers whose result goes through a ReLU; which those are, each
network says. "paper" is what the scripts of Gulrajani et al. 2017 draw, "uniform" what they draw for the 64x64 DCGAN,
"normal" what DCGAN (Radford et al. 2016) draws.
"""

import math

import keras

_SMALL = 0.02


def dense(name, inputs, outputs, *, he=False, gain=1.0):
    """An initializer of a kernel [inputs, outputs].

    Args:
      name: see the table above.
      inputs, outputs: ints.
      he: whether a ReLU follows.
      gain: factor of the standard deviation.

    Returns:
      `keras.initializers.Initializer`.
    """
    return _drawn(name, inputs, outputs, 2 / inputs if he else 2 / (inputs + outputs), he, gain)


def convolution(name, channels_in, channels_out, kernel, stride=1, *, axes=2, transposed=False, he=True, gain=1.0):
    """An initializer of a kernel as long along each axis.

    Args:
      name: see the table above.
      channels_in, channels_out: of the convolution; channels_in of one group where it has several.
      kernel: its length along an axis.
      stride: along all axes, or one for each of them.
      axes: that it is moved along; 1 for signals, 2 for pictures, 3 for volumes.
      transposed: whether the strides make the sample larger.
      he, gain: see `dense`.

    Returns:
      `keras.initializers.Initializer`.
    """
    area, steps = kernel**axes, math.prod(stride) if isinstance(stride, tuple) else stride**axes
    fan_in = channels_in * area / (steps if transposed else 1)
    fan_out = channels_out * area / (1 if transposed else steps)
    return _drawn(name, fan_in, fan_out, (4 if he else 2) / (fan_in + fan_out), he, gain)


def _drawn(name, fan_in, fan_out, papers_variance, he, gain):
    if name == "normal":
        return keras.initializers.RandomNormal(stddev=gain * _SMALL)
    if name == "he":
        return keras.initializers.RandomNormal(stddev=gain * math.sqrt((2 if he else 1) / fan_in))
    variances = {"paper": papers_variance, "glorot": 2 / (fan_in + fan_out), "uniform": _SMALL**2}
    limit = gain * math.sqrt(3 * variances[name])
    return keras.initializers.RandomUniform(-limit, limit)
