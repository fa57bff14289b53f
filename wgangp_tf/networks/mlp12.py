"""The 12-layer dense networks of the paper's Fig. 1b: `mlp` with twelve hidden layers."""

from wgangp_tf.networks import mlp


def build(spec, **keywords):
    """See `registry.build`."""
    return mlp.build(spec, depth=12, **keywords)
