"""Floating-point operations of a training step, counted from the layers' shapes; nothing is run.

Products and convolutions are counted, a multiplication and an addition each; what is done element by element is a few
percent of most. The step is the arithmetic that the method asks for, whoever carries it out and in whatever order: what
is watched beside it, such as norms that nothing penalises, is not in it, nor are the products of zeros by which
TensorFlow takes a penalty's second derivative through its ReLUs (see `networks.rectifiers`).
"""

import dataclasses
import math

import tensorflow as tf

from wgangp_tf.gan import methods

_UPDATES_AT_ONCE = 2  # the critic sees real and fake samples


@dataclasses.dataclass(frozen=True)
class Passes:
    """Operations of one sample through a network.

    Attributes:
      forward: of its output; its gradient by the weights takes as many, and by the inputs of all layers as well.
      first: the part of it in layers that see the input itself.
      last: the part of it in layers that no other follows.
      curved: whether anything but products bends what goes through it, so that a penalty's derivative also goes through
        the activations: normalisation, tanh. A ReLU does not.
      made: bytes of all that the layers make of a sample on the way; not what they make of their weights alone, such
        as a half precision's casts, of which there is one however many samples there are.
    """

    forward: float
    first: float
    last: float
    curved: bool = False
    made: int = dataclasses.field(default=0, compare=False)


def of_network(network):
    """The `Passes` of a built Keras model: [n, *sample], and labels [n] where it takes them -> …"""
    ones = [tf.TensorSpec([1, *taken.shape[1:]], taken.dtype) for taken in network.inputs]
    call = tf.function(lambda *x: network(x[0] if len(x) == 1 else list(x), training=True), autograph=False)
    graph = call.get_concrete_function(*ones).graph
    counts, behind = {}, {}  # of each operation: its products, and the products before it
    of_samples = {tensor.op.name for tensor in graph.inputs[: len(ones)]}  # the weights come after them
    for operation in graph.get_operations():
        before = frozenset().union(*(behind[tensor.op.name] for tensor in operation.inputs))
        count = _COUNTED.get(operation.type, lambda _: 0)(operation)
        if count:
            counts[operation.name] = (count, not before)
            before = before | {operation.name}
        behind[operation.name] = before
        if any(tensor.op.name in of_samples for tensor in operation.inputs):
            of_samples.add(operation.name)
    followed = frozenset().union(*(behind[name] - {name} for name in counts))
    return Passes(
        forward=sum(count for count, _ in counts.values()),
        first=sum(count for count, is_first in counts.values() if is_first),
        last=sum(count for name, (count, _) in counts.items() if name not in followed),
        curved=any(operation.type in _CURVED for operation in graph.get_operations()),
        made=sum(_bytes(operation) for operation in graph.get_operations() if operation.name in of_samples),
    )


def of_step(generator, critic, *, batch_size, n_critic, places, generator_batch_size=None, paired=False, penalised=1.0):
    """Operations of a step: n_critic critic updates and one generator update.

    Args:
      generator, critic: `Passes`.
      batch_size: real samples per critic update.
      n_critic: critic updates per generator update.
      places: int, how many places the gradient norm is penalised at.
      generator_batch_size: samples of a generator update; None for as many as batch_size.
      paired: whether the generator's loss looks at real samples too.
      penalised: share of all critic updates' samples that a penalty is taken of.

    Returns:
      float.
    """
    inputs = critic.forward - critic.first  # the gradient by the inputs of layers that have one
    scores = _UPDATES_AT_ONCE * (2 * critic.forward + inputs)
    norms = critic.forward - critic.last + critic.forward  # the gradient at the samples needs no scores
    # its derivative by the weights: through the layers of the gradient ...
    penalty = norms + critic.forward + critic.forward - critic.last
    if critic.curved:  # ... and through the activations it was taken at
        penalty += critic.forward - critic.last + critic.forward - critic.last - critic.first
    of_critic = n_critic * (generator.forward + scores + places * penalised * penalty)
    of_generator = 3 * generator.forward - generator.first + 2 * critic.forward + (critic.forward if paired else 0)
    return batch_size * of_critic + (generator_batch_size or batch_size) * of_generator


def of_config(config, generator, critic):
    """`of_step` of a `config.Config` with its networks' `Passes`."""
    optimization, method = config.optimization, methods.find(config.model.method)
    return of_step(
        generator,
        critic,
        batch_size=optimization.batch_size,
        n_critic=optimization.n_critic,
        places=len({penalty.place for penalty in method.penalties}),
        generator_batch_size=optimization.generator_batch_size,
        paired=method.paired,
        penalised=optimization.gp_batch_fraction / optimization.gp_interval,
    )


def _bytes(operation):
    """Of what an operation makes anew."""
    if operation.type in _MAKE_NOTHING:
        return 0
    return sum((tensor.shape.num_elements() or 0) * tensor.dtype.size for tensor in operation.outputs)


def _of_product(operation):
    """[n, k] × [k, m], or transposed."""
    left, right = (tensor.shape for tensor in operation.inputs)
    inner = left[0] if operation.get_attr("transpose_a") else left[1]
    outer = right[0] if operation.get_attr("transpose_b") else right[1]
    return 2 * left.num_elements() * outer if inner else 0


def _of_convolution(operation):
    """Each output number is a sum over the kernel [*size, channels in, channels out]."""
    kernel = operation.inputs[1].shape
    return 2 * operation.outputs[0].shape.num_elements() * math.prod(kernel[:-1])


def _of_transposed(operation):
    """Each input number [n, …, channels] is spread by the kernel [*size, channels out, channels]."""
    kernel = operation.inputs[1].shape
    return 2 * operation.inputs[2].shape.num_elements() * math.prod(kernel[:-1])


def _of_depthwise(operation):
    kernel = operation.inputs[1].shape
    return 2 * operation.outputs[0].shape.num_elements() * math.prod(kernel[:2])


_MAKE_NOTHING = {
    *("Const", "ExpandDims", "Identity", "NoOp", "Placeholder", "ReadVariableOp", "Reshape", "Shape", "Squeeze"),
    "StridedSlice",
}
_CURVED = {"Rsqrt", "Sqrt", "FusedBatchNormV3", "SquaredDifference", "Tanh", "Sigmoid", "Softplus", "Elu", "Exp"}
_COUNTED = {
    "MatMul": _of_product,
    "Conv2D": _of_convolution,
    "Conv2DBackpropInput": _of_transposed,
    "Conv3D": _of_convolution,
    "Conv3DBackpropInputV2": _of_transposed,
    "DepthwiseConv2dNative": _of_depthwise,
}
