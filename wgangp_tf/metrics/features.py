"""What distances between samples are measured on."""

import numpy as np

from wgangp_tf.errors import UserError


def pixels(samples):
    """Samples as rows of their own values: uint8 pictures in [0, 1], floats as they are.

    Args:
      samples: uint8 or float array [n, *sample], or what `data.source.Split` holds.

    Returns:
      float64 [n, d].

    Raises:
      UserError: `samples` is something else.
    """
    values = np.asarray(samples[np.arange(len(samples))])
    if values.ndim < 2 or not (values.dtype == np.uint8 or values.dtype.kind == "f"):
        raise UserError(
            f"samples must be uint8 or float, [n, *sample]. Received: {values.dtype.name} of shape {values.shape}"
        )
    rows = values.reshape(len(values), -1).astype(np.float64)
    return rows / 255.0 if values.dtype == np.uint8 else rows
