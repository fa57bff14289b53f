"""Wasserstein GANs with gradient penalty, in TensorFlow and Keras.

The public names are loaded when they are first used, so that `import wgangp_tf` costs nothing.
"""

import importlib

__version__ = "0.1.0"

_HOMES = {
    "GAN": "wgangp_tf.gan.model",
    "WGANGP": "wgangp_tf.gan.model",
    "gradient_norms": "wgangp_tf.gan.penalties",
    "gradient_penalty": "wgangp_tf.gan.penalties",
    "export_generator": "wgangp_tf.serving.export",
    "GroupNormalization": "wgangp_tf.networks.normalizations",
    "Projection": "wgangp_tf.networks.by_class",
    "LayerNormalization": "wgangp_tf.networks.normalizations",
}

__all__ = [*_HOMES]


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f"module 'wgangp_tf' has no attribute {name!r}")
    from wgangp_tf import surroundings

    surroundings.check_keras()
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted([*globals(), *__all__])
