"""Features of Inception v3 (Szegedy et al. 2016), the 2,048 means before its last layer, from a file of weights.

Two networks of that name are in use, trained apart; numbers on them do not compare, so that each has its own name.

    inception-2015    the frozen graph classify_image_graph_def.pb of 2015-12-05: that of FID and Inception score
    inception-keras   the weights that keras.applications has, ImageNet's 1,000 classes; a file without the last layer
                      ("notop") gives features, no class probabilities

The first takes pictures in [0, 255] at its tensor "ExpandDims:0". It resizes them to 299x299 by its own op (bilinear,
without half pixels and without antialiasing, as in 2015) and makes (x − 128) / 128 of them itself. Its features are
"pool_3:0"; its class probabilities, 1,008, are the softmax of features times the weights of "softmax/logits/MatMul",
without the bias, as Inception scores were always computed (Salimans et al. 2016, their code). The second is given
299x299, bilinear and antialiased, in [−1, 1]. Grey pictures have three equal channels.
"""

import hashlib

import keras
import numpy as np
import tensorflow as tf

from wgangp_tf.errors import UserError
from wgangp_tf.metrics import features, frozen_graph
from wgangp_tf.metrics.batched import Batched

_FEATURES, _SIDE = 2048, 299
_BATCH, _BATCH_ON_GPU = 8, 64  # a batch that is not full costs as much as one that is
_HDF5 = b"\x89HDF\r\n\x1a\n"
_OF_PYTORCH = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04")
_PATIENCE = 20  # seconds for an answer of the network
# of keras.applications: where its weights are, and their MD5
_KERAS_NAME = "inception_v3_weights_tf_dim_ordering_tf_kernels.h5"
_KERAS_ORIGIN = f"https://storage.googleapis.com/tensorflow/keras-applications/inception_v3/{_KERAS_NAME}"
_KERAS_MD5 = "9a0d58056eeedaa3f26cb7ebd46da564"


class Inception(Batched):
    """See `features.Pixels`; `digest` is the file's SHA-256."""

    def __init__(self, name, network, *, classes, digest):
        """
        Args:
          name: one of the two above.
          network: callable, float32 [n, h, w, 3] in [0, 255] → (features, class probabilities or None).
          classes, digest: see `features.Pixels`.
        """

        def of_pictures(pictures):
            values = tf.cast(pictures, tf.float32)
            return network(tf.repeat(values, 3 // values.shape[-1], axis=-1))

        device, batch = ("/GPU:0", _BATCH_ON_GPU) if tf.config.list_logical_devices("GPU") else ("/CPU:0", _BATCH)
        super().__init__(name, of_pictures, batch=batch, digest=digest, classes=classes, device=device)


def make(real, options):
    """See `features.named`.

    Raises:
      UserError: no file is named, or it has no such weights.
    """
    del real
    if options.inception_weights is None:
        raise UserError(
            "features 'inception' need a file of weights: --inception_weights=PATH of classify_image_graph_def.pb "
            f"(FID's) or of {_KERAS_NAME}. Received: none"
        )
    path = _downloaded(options) if options.inception_weights == features.DOWNLOAD else options.inception_weights
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise UserError(f"inception_weights expects a file. Received: {path!r} ({error.strerror})") from error
    if content.startswith(_OF_PYTORCH):
        raise UserError(f"inception_weights expects {_expected()}. Received: {path!r}, a file of PyTorch")
    read = _of_keras if content.startswith(_HDF5) else _of_2015
    name, network, classes = read(path, content)
    made = Inception(name, network, classes=classes, digest=hashlib.sha256(content).hexdigest())
    _try_out(made, path)
    return made


def _of_2015(path, content):
    try:
        pool, weights = frozen_graph.read(content)
    except Exception as error:  # of protobuf, of TensorFlow's import: they have no common class
        raise _refused(path) from error

    def network(pictures):
        rows = tf.reshape(pool(pictures), [-1, _FEATURES])
        return rows, tf.nn.softmax(tf.matmul(rows, weights))

    return "inception-2015", network, weights.shape[1]


def _of_keras(path, content):
    import h5py  # which Keras reads its weights with

    del content
    before = keras.config.dtype_policy()
    try:
        with h5py.File(path, "r") as file:
            top = "predictions" in file.get("model_weights", file)
        keras.config.set_dtype_policy("float32")
        shape = (_SIDE, _SIDE, 3)
        model = keras.applications.InceptionV3(include_top=top, weights=None, input_shape=shape, pooling="avg")
        model.load_weights(path)
    except Exception as error:  # of HDF5 and of Keras: they have no common class
        raise _refused(path) from error
    finally:
        keras.config.set_dtype_policy(before)
    whole = keras.Model(model.input, [model.layers[-2].output, model.output] if top else [model.output])

    def network(pictures):
        values = tf.image.resize(pictures, [_SIDE, _SIDE], antialias=True) / 127.5 - 1.0
        rows, *probabilities = whole(values, training=False)
        return rows, probabilities[0] if top else None

    return "inception-keras", network, model.output.shape[-1] if top else None


def _try_out(made, path):
    """Raises a UserError unless the network gives what it should."""
    try:
        rows, probabilities = made(np.zeros((1, 8, 8, 3), np.uint8))
    except Exception as error:  # whatever an op of another network raises
        raise _refused(path) from error
    if rows.shape != (1, _FEATURES) or not np.isfinite(rows).all():
        raise _refused(path)
    if probabilities is not None and not np.isfinite(probabilities).all():
        raise _refused(path)


def _refused(path):
    return UserError(
        f"inception_weights expects {_expected()}. Received: {path!r}, another network or a file that is not whole"
    )


def _expected():
    return (
        "the frozen graph of 2015 (classify_image_graph_def.pb) or the weights of keras.applications.InceptionV3 (.h5)"
    )


def _downloaded(options):
    """The path of Keras' own weights, fetched where they are not there yet."""
    import socket

    features.check_weights(features.DOWNLOAD, options.download)
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_PATIENCE)  # Keras has none of its own
    try:
        return keras.utils.get_file(_KERAS_NAME, _KERAS_ORIGIN, cache_subdir="models", file_hash=_KERAS_MD5)
    except Exception as error:  # of the network, of the disk, of the hash: Keras has no common class
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UserError(f"the weights of Inception cannot be downloaded: {reason}") from error
    finally:
        socket.setdefaulttimeout(before)
