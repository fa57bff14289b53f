"""The frozen graph of 2015-12-05 as a function of a whole batch of pictures.

The file holds the graph for one JPEG at a time, in ops of its year. Only the part from "ExpandDims" to "pool_3" is
taken: behind it the graph is made for a batch of one. Its op BatchNormWithGlobalNormalization, which today's functions
refuse, becomes today's FusedBatchNormV3: (t − m) / √(v + epsilon), times gamma where the node says so, plus beta.
"""

import numpy as np
import tensorflow as tf

_START, _END, _SCORES = "ExpandDims", "pool_3", "softmax/logits/MatMul"
_OLD_NORM = "BatchNormWithGlobalNormalization"


def read(content):
    """The network of a file.

    Args:
      content: bytes, a serialised GraphDef.

    Returns:
      (callable, float32 [n, h, w, 3] → float32 [n, 1, 1, features]; the weights of the last layer, float32
      [features, classes]).

    Raises:
      Exception: of whatever class protobuf and TensorFlow have for a file of something else.
    """
    graph = tf.compat.v1.GraphDef()
    graph.ParseFromString(content)
    nodes = {node.name: node for node in graph.node}
    needed = tf.compat.v1.GraphDef(versions=graph.versions)
    for node in _between(_START, _END, nodes):
        needed.node.extend(_todays_norm(node, nodes) if node.op == _OLD_NORM else [node])

    def imported(pictures):
        return tf.import_graph_def(needed, {f"{_START}:0": pictures}, [f"{_END}:0"], name="")[0]

    signature = [tf.TensorSpec([None, None, None, 3], tf.float32)]
    return tf.compat.v1.wrap_function(imported, signature), _constant(nodes[_SCORES].input[1], nodes)


def _between(start, end, nodes):
    """The nodes that lead from one to another, which is among them, the first is not.

    Args:
      start, end: names.
      nodes: {name: NodeDef}.
    """
    found, waiting = {}, [end]
    while waiting:
        name = waiting.pop()
        if name != start and name not in found:
            found[name] = nodes[name]
            waiting += [_name(source) for source in nodes[name].input]
    return list(found.values())


def _todays_norm(node, nodes):
    """The nodes that do what an old node of normalisation does, under its name."""
    values, mean, variance, beta, gamma = node.input
    scale = tf.compat.v1.NodeDef(name=f"{node.name}/scale", op="Const")
    factors = _constant(gamma, nodes)
    if not node.attr["scale_after_normalization"].b:
        factors = np.ones_like(factors)
    scale.attr["dtype"].type = tf.float32.as_datatype_enum
    scale.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(factors))
    norm = tf.compat.v1.NodeDef(name=node.name, op="FusedBatchNormV3")
    norm.input.extend([values, scale.name, beta, mean, variance])
    norm.attr["T"].type = norm.attr["U"].type = tf.float32.as_datatype_enum
    norm.attr["epsilon"].f = node.attr["variance_epsilon"].f
    norm.attr["is_training"].b = False
    return [scale, norm]


def _constant(name, nodes):
    """The value of a constant, or of one that is passed on: a NumPy array."""
    node = nodes[_name(name)]
    while node.op == "Identity":
        node = nodes[_name(node.input[0])]
    return tf.make_ndarray(node.attr["value"].tensor)


def _name(source):
    """Of the node that an input of another comes from."""
    return source.lstrip("^").split(":")[0]
