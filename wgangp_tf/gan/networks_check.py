"""What a pair of networks must fulfil before it is trained, and the numbers beside it."""

import keras
import tensorflow as tf

from wgangp_tf.gan import arguments, callers, mixing

_NORMALIZATIONS = (
    keras.layers.BatchNormalization,
    keras.layers.LayerNormalization,
    keras.layers.GroupNormalization,
    keras.layers.RMSNormalization,
)
# `tf.nn.moments` takes the mean for a constant, see networks/normalizations.py
_SECOND_DERIVATIVE_WRONG = {
    kind.call: kind.__name__ for kind in (keras.layers.LayerNormalization, keras.layers.GroupNormalization)
}


def check(generator, critic, latent_dim, *, penalised, classes=None):
    """Raises a ValueError, naming what is wrong, if the networks cannot be trained together.

    Warns of a network whose output is not float32: the penalty and the losses are computed in float32, but what the
    output has lost by then they cannot bring back.

    Args:
      generator, critic: Keras models.
      latent_dim: int.
      penalised: whether gradients of single samples are penalised.
      classes: int, how many the networks take beside latents or samples; None where they take none.

    Returns:
      Tuple of ints, the shape of one sample.
    """
    for role, network in (("generator", generator), ("critic", critic)):
        if not isinstance(network, keras.Model):
            raise ValueError(f"{role} must be a keras.Model. Received: {type(network).__name__}")
        if not network.built:
            raise ValueError(f"{role} must be built: call it once on an input, or give it an Input layer.")
    _check_shares_nothing(generator, critic)
    made = _output_of(generator, (2, latent_dim), "generator must take latents", classes)
    if not hasattr(made, "shape") or len(made.shape) < 2 or None in made.shape[1:]:
        raise ValueError(
            f"generator must give one output, samples [batch, *sample] of one shape. Received: {_described(made)}"
        )
    scores = _scores(_output_of(critic, made.shape, "critic must take the generator's samples", classes), classes)
    if tuple(scores.shape) not in ((2,), (2, 1)):
        raise ValueError(
            f"critic must give one score a sample, [batch, 1]. Received: {tuple(scores.shape)} for a batch of 2"
        )
    for role, output in (("generator", made), ("critic", scores)):
        if not keras.backend.is_float_dtype(keras.backend.standardize_dtype(output.dtype)):
            raise ValueError(
                f"{role} must give floats, which it can be trained by: no gradient goes through others. "
                f"Received: an output of dtype {output.dtype}"
            )
        if keras.backend.standardize_dtype(output.dtype) in ("float16", "bfloat16"):
            callers.warn(
                f"the {role}'s output is {output.dtype}; give its last layer dtype='float32', as the networks of "
                "wgangp_tf have it, or it loses what half precision cannot hold",
            )
    sample_shape = tuple(made.shape[1:])
    if penalised:
        _check_mixes_nothing(critic, sample_shape, classes)
        _warn_of_second_derivatives(critic)
    return sample_shape


def _check_shares_nothing(generator, critic):
    """Raises a ValueError for a weight of both networks: each optimizer would move it against the other."""
    both = {id(weight) for weight in generator.weights} & {id(weight) for weight in critic.weights}
    if not both:
        return
    layers = [*reversed(list(generator._flatten_layers())), generator]  # of equal ones the innermost
    holding = [layer for layer in layers if both & {id(weight) for weight in layer.weights}]
    layer = min(holding, key=lambda layer: len(layer.weights))
    weight = next(weight for weight in layer.weights if id(weight) in both)
    raise ValueError(
        "generator and critic must have weights of their own, for each is trained by an optimizer of its own. "
        f"Received: layer {layer.name!r} of the generator, whose weight {weight.name!r} is the critic's too"
    )


def _warn_of_second_derivatives(critic):
    """Warns of layers whose second derivative, which the penalty's gradient needs, is wrong in TensorFlow itself."""
    for layer in critic._flatten_layers():
        own = _SECOND_DERIVATIVE_WRONG.get(getattr(type(layer), "call", None))
        if own:
            callers.warn(
                f"the second derivative of Keras' {own} is not exact, and a gradient penalty needs it: in layer "
                f"{layer.name!r} of the critic use wgangp_tf.{own}, which is the same layer with the right one",
            )
            return


def guesses(critic, sample_shape, classes):
    """Whether a critic that was checked guesses classes beside its scores."""
    if classes is None:
        return False
    return isinstance(_output_of(critic, (2, *sample_shape), "critic must take samples", classes), (list, tuple))


def _described(output):
    """What a network gives, in words."""
    if isinstance(output, dict):
        return f"a dict of {', '.join(map(repr, output))}"
    if isinstance(output, (list, tuple)):
        return f"{len(output)} outputs, {', '.join(str(tuple(getattr(part, 'shape', ()))) for part in output)}"
    return str(tuple(output.shape)) if hasattr(output, "shape") else type(output).__name__


def _scores(output, classes):
    """The scores among what a critic gives, which may guess classes beside them."""
    if hasattr(output, "shape"):
        return output
    shapes = [tuple(part.shape) for part in output] if isinstance(output, (list, tuple)) else [_described(output)]
    if classes is None or len(shapes) != 2 or shapes[1] != (2, classes):
        raise ValueError(
            "critic must give one score a sample, [batch, 1], and where it guesses classes beside it their logits, "
            f"[batch, {classes or 'classes'}]. Received: {', '.join(map(str, shapes))} for a batch of 2"
        )
    return output[0]


def _check_mixes_nothing(critic, sample_shape, classes):
    normalizing = batch_normalizations(critic)
    if normalizing:
        found = (
            f"batch normalization in layer {normalizing[0].name!r}. Layer normalization takes its place "
            "(wgangp_tf.GroupNormalization(groups=1) over images)"
        )
    else:
        layer = mixing_layer(critic, sample_shape, classes)
        if layer is None:
            return
        kind = "critic" if layer is critic else f"{type(layer).__name__} layer"
        found = f"{kind} {layer.name!r}, whose output for a sample changes with the others of its batch"
    raise ValueError(f"critic must not mix samples: its gradient penalty is per sample. Received: {found}.")


def mixing_layer(critic, sample_shape, classes=None):
    """See `mixing.mixing_layer`.

    Raises:
      ValueError: the critic cannot be run.
    """
    try:
        return mixing.mixing_layer(critic, sample_shape, classes)
    except (MemoryError, tf.errors.ResourceExhaustedError):
        raise
    except Exception as error:  # of whatever a layer of one's own does
        reason = str(error).strip().partition("\n")[0]
        raise ValueError(
            f"critic must take any number of samples. Received: {critic.name!r}, which fails at {mixing.SAMPLES} "
            f"({reason})"
        ) from error


def mixes_samples(critic, sample_shape, classes=None):
    """Whether scores in training depend on the other samples of their batch."""
    return bool(batch_normalizations(critic)) or mixing_layer(critic, sample_shape, classes) is not None


def _output_of(network, shape, expected, classes):
    """What the network makes of an input of a shape, and of labels where it takes classes, as a KerasTensor."""
    taken = keras.KerasTensor(shape)
    if classes is not None:
        taken = [taken, keras.KerasTensor(shape[:1], dtype="int32")]
    try:
        return network.compute_output_spec(taken)
    except (MemoryError, tf.errors.ResourceExhaustedError):
        raise
    except Exception as error:  # of whatever a network of one's own does with an input it was not made for
        axes = ", ".join(map(str, ("batch", *shape[1:])))
        wanted = f"[{axes}]" if classes is None else f"[{axes}] and labels, [batch]"
        hint, count = "", len(getattr(network, "inputs", None) or ())
        if count == 2 and classes is None:
            hint = "; one that takes classes too needs class_frequencies"
        elif count == 1 and classes is not None:
            hint = "; without class_frequencies it need take no labels"
        reason = str(error).strip().partition("\n")[0]
        raise ValueError(f"{expected}, {wanted}. Received: {network.name!r}, which cannot ({reason}){hint}") from error


def batch_normalizations(network):
    """The layers that normalise over the batch, at any depth."""
    return [layer for layer in network._flatten_layers() if isinstance(layer, keras.layers.BatchNormalization)]


def sees_replicas_apart(model):
    """Whether a network of a `GAN` normalises over the samples of each replica by themselves."""
    layers = [*batch_normalizations(model.generator), *batch_normalizations(model.critic)]
    return not all(layer.synchronized for layer in layers)


def may_speak(*networks):
    """Whether a layer may speak to other replicas: a synchronized one does, and what those of others do is unknown."""
    layers = [layer for network in networks for layer in network._flatten_layers()]
    known = all(type(layer).__module__.partition(".")[0] in ("keras", "wgangp_tf") for layer in layers)
    return not known or any(
        getattr(layer, "synchronized", False) or isinstance(layer, keras.layers.Lambda) for layer in layers
    )


def warning_of_parts(model):
    """A line where a network of a `GAN` normalises over each of a batch's parts by itself, else None."""
    if model.accumulate == 1 or not [*batch_normalizations(model.generator), *batch_normalizations(model.critic)]:
        return None
    return (
        f"batch normalization sees each of the {model.accumulate} parts by itself: other numbers than by --accumulate=1"
    )


def clippable_weights(critic):
    """All trainable weights but the scales of normalisation layers, which clipping would hold near zero."""
    scales = set()
    for layer in critic._flatten_layers():
        if isinstance(layer, _NORMALIZATIONS):
            scales |= {id(getattr(layer, name, None)) for name in ("gamma", "scale")}
    return [variable for variable in critic.trainable_variables if id(variable) not in scales]


def check_pairs(method, name, generator_batch_size):
    """Raises a ValueError for a generator batch of its own size where a method pairs fake samples with real ones."""
    if method.paired and generator_batch_size is not None:
        raise ValueError(
            f"method {name!r} pairs each fake sample with a real one: generator_batch_size must be left out. "
            f"Received: generator_batch_size={generator_batch_size}"
        )


def check_penalty(n_critic, gp_interval, gp_batch_fraction):
    """Raises a ValueError for how often, and of how many samples, a penalty cannot be taken."""
    gp_interval = arguments.whole("gp_interval", gp_interval)
    if n_critic % gp_interval and gp_interval % n_critic:
        raise ValueError(
            "gp_interval must divide n_critic or be a multiple of it: steps are alike, or of two kinds. "
            f"Received: gp_interval={gp_interval}, n_critic={n_critic}"
        )
    fraction = arguments.number("gp_batch_fraction", gp_batch_fraction, "in (0, 1]", lambda value: 0 < value <= 1)
    return {"gp_interval": gp_interval, "gp_batch_fraction": fraction}


def check_numbers(n_critic, gp_weight, clip_value, generator_batch_size, accumulate):
    """The numbers of a `GAN` as Python's own, {name: value}.

    Raises:
      ValueError: one is out of range, or no number.
    """
    size = None if generator_batch_size is None else arguments.whole("generator_batch_size", generator_batch_size)
    return {
        "n_critic": arguments.whole("n_critic", n_critic),
        "gp_weight": arguments.number("gp_weight", gp_weight, "at least 0, and finite", lambda value: value >= 0),
        "clip_value": arguments.number("clip_value", clip_value, "above 0, and finite", lambda value: value > 0),
        "generator_batch_size": size,
        "accumulate": arguments.whole("accumulate", accumulate),
    }
