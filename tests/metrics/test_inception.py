"""Reading files of Inception's weights: Keras' own network with random weights, and a small graph with FID's names."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from wgangp_tf.data.source import Split
from wgangp_tf.errors import UserError
from wgangp_tf.metrics import features, inception, registry

PICTURES = np.random.default_rng(0).integers(0, 256, (3, 20, 30, 3)).astype(np.uint8)
KERNEL = np.random.default_rng(1).normal(size=(1, 1, 3, 2048)).astype(np.float32)
MATRIX = (np.random.default_rng(2).normal(size=(2048, 1008)) / 50).astype(np.float32)

NORM = {"m": 0.1, "v": 3.0, "beta": 0.2, "gamma": 5.0}  # the last of which is not used


def named(path, real=PICTURES, **options):
    return features.named("inception", Split(real), features.Options(inception_weights=str(path), **options))


def frozen(kernel=KERNEL, matrix=MATRIX, pool="pool_3"):
    """A graph as that of 2015 begins and ends, old ops included, with one convolution between: its bytes."""
    with tf.Graph().as_default() as graph:
        encoded = tf.constant(b"", name="DecodeJpeg/contents")
        decoded = tf.raw_ops.DecodeJpeg(contents=encoded, channels=3, name="DecodeJpeg")
        values = tf.expand_dims(tf.cast(decoded, tf.float32), tf.constant(0), name="ExpandDims")
        values = tf.raw_ops.ResizeBilinear(images=values, size=tf.constant([299, 299]), name="ResizeBilinear")
        values = tf.multiply(tf.subtract(values, 128.0, name="Sub"), 1 / 128, name="Mul")
        values = tf.nn.avg_pool2d(values, 299, 1, "VALID")  # here already: so the test is quick
        values = tf.nn.conv2d(values, tf.constant(kernel), 1, "SAME", name="conv/Conv2D")
        size = kernel.shape[-1]
        values = tf.identity(values, name="conv/batchnorm")  # becomes the old op below
        for name, value in NORM.items():
            tf.constant(value, shape=[size], name=name)
        values = tf.nn.avg_pool2d(values, 1, 1, "VALID", name=pool)
        rows = tf.reshape(values, tf.constant([1, size]), name="pool_3/_reshape")  # of one picture, as in the original
        weights = tf.identity(tf.constant(matrix, name="softmax/weights"), name="softmax/read")
        scores = tf.raw_ops.MatMul(a=rows, b=weights, name="softmax/logits/MatMul")
        tf.nn.softmax(
            tf.add(scores, 5 * np.arange(matrix.shape[1], dtype=np.float32), name="softmax/logits"), name="softmax"
        )
        definition = graph.as_graph_def()
    (node,) = [node for node in definition.node if node.name == "conv/batchnorm"]
    node.op = "BatchNormWithGlobalNormalization"
    node.input.extend(["m", "v", "beta", "gamma"])
    node.attr["variance_epsilon"].f, node.attr["scale_after_normalization"].b = 1e-3, False
    definition.versions.producer = 8  # newer graphs may not have the old op
    return definition.SerializeToString()


@pytest.fixture(scope="module")
def graph(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "classify_image_graph_def.pb"
    path.write_bytes(frozen())
    return path


def resized_as_in_2015(pictures):
    """Bilinear without half pixels: place k of 299 is k · side / 299 of the original, the last ones repeated."""

    def along(values, axis):
        side = values.shape[axis]
        places = (np.arange(299, dtype=np.float32) * np.float32(side / 299)).astype(np.float64)
        low = np.floor(places).astype(int)
        share = (places - low).reshape([-1 if k == axis else 1 for k in range(values.ndim)])
        return values.take(low, axis) * (1 - share) + values.take(np.minimum(low + 1, side - 1), axis) * share

    return along(along(pictures.astype(np.float64), 1), 2)


def expected_of_graph(pictures):
    rows = ((resized_as_in_2015(pictures) - 128) / 128).mean(axis=(1, 2)) @ KERNEL[0, 0]
    rows = (rows - NORM["m"]) / np.sqrt(NORM["v"] + 1e-3) + NORM["beta"]
    scores = rows @ MATRIX.astype(np.float64)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return rows, powers / powers.sum(axis=1, keepdims=True)


def test_the_graph_of_2015(graph, monkeypatch):
    monkeypatch.setattr(inception, "_BATCH", 2)
    made = named(graph)
    assert (made.name, made.classes, len(made.digest)) == ("inception-2015", 1008, 64)
    rows, probabilities = made(PICTURES)
    expected_rows, expected_probabilities = expected_of_graph(PICTURES)
    np.testing.assert_allclose(rows, expected_rows, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(probabilities, expected_probabilities, rtol=1e-3, atol=1e-6)  # the bias is left out


def test_grey_pictures_have_three_equal_channels(graph):
    grey = PICTURES[..., :1]
    np.testing.assert_array_equal(named(graph, grey)(grey)[0], named(graph)(np.repeat(grey, 3, axis=-1))[0])


def test_metrics_have_the_name_of_the_network_and_its_digest(graph):
    real = Split(PICTURES)
    options = features.Options(inception_weights=str(graph))
    made = registry.make("frechet", real, options=options)
    assert made.features == {"frechet": "inception-2015"} and made.extractors["frechet"].digest == named(graph).digest


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(1)
    return keras.applications.InceptionV3(weights=None)


@pytest.fixture(scope="module")
def weights(network, tmp_path_factory):
    """Weights in the layout of the published file, by hand."""
    import h5py

    path = tmp_path_factory.mktemp("keras") / "inception_v3_weights_tf_dim_ordering_tf_kernels.h5"
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in network.layers]
        file.attrs["backend"], file.attrs["keras_version"] = b"tensorflow", b"2.0.4"
        for layer in network.layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}/{k}:0".encode() for k in range(len(layer.weights))]
            group.attrs["weight_names"] = names
            for name, weight in zip(names, layer.weights, strict=True):
                group[name.decode()] = weight.numpy()
    return path


@pytest.mark.slow
def test_keras_own_weights(weights, network):
    keras.config.set_dtype_policy("mixed_bfloat16")  # as a run may have it
    try:
        made = named(weights)
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
    finally:
        keras.config.set_dtype_policy("float32")
    assert (made.name, made.classes) == ("inception-keras", 1000)
    rows, probabilities = made(PICTURES)
    expected = keras.Model(network.input, [network.layers[-2].output, network.output])
    values = keras.applications.inception_v3.preprocess_input(tf.image.resize(PICTURES, [299, 299]).numpy())
    expected_rows, expected_probabilities = expected(values, training=False)
    np.testing.assert_allclose(rows, expected_rows, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(probabilities, expected_probabilities, rtol=1e-3, atol=1e-6)
    assert rows.std(axis=0).max() > 20 * 1e-5  # more than what is allowed above: pictures are told apart


def changed(tmp_path, content):
    path = tmp_path / "weights.bin"
    path.write_bytes(content)
    return path


def half(graph):
    return graph.read_bytes()[: graph.stat().st_size // 2]


@pytest.mark.parametrize(
    "content",
    [
        half,
        lambda graph: b"",
        lambda graph: b"no weights at all",
        lambda graph: b"\x89HDF\r\n\x1a\n and then nothing",
        lambda graph: frozen(pool="other"),
        lambda graph: frozen(kernel=KERNEL[..., :7], matrix=MATRIX[:7]),
        lambda graph: frozen(kernel=np.full_like(KERNEL, np.nan)),
    ],
)
def test_a_file_that_has_no_such_weights(tmp_path, graph, content):
    path = changed(tmp_path, content(graph))
    with pytest.raises(UserError, match="another network or a file that is not whole") as error:
        named(path)
    assert str(path) in str(error.value) and "\n" not in str(error.value)


def test_another_network_of_keras(tmp_path):
    path = tmp_path / "other.h5"
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="predictions")])
    import h5py

    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [b"predictions"]
        group = file.create_group("predictions")
        group.attrs["weight_names"] = [b"kernel", b"bias"]
        for name, weight in zip(("kernel", "bias"), model.get_weights(), strict=True):
            group[name] = weight
    with pytest.raises(UserError, match="another network or a file that is not whole"):
        named(path)


def test_a_file_of_pytorch(tmp_path):
    with pytest.raises(UserError, match="a file of PyTorch"):
        named(changed(tmp_path, b"PK\x03\x04 and so on"))


def test_no_file(tmp_path):
    with pytest.raises(UserError, match="inception_weights expects a file. Received: .*No such file"):
        named(tmp_path / "none.pb")
    with pytest.raises(UserError, match="inception_weights expects a file. Received: .*Is a directory"):
        named(tmp_path)
    with pytest.raises(UserError, match="features 'inception' need a file of weights: --inception_weights=PATH"):
        features.named("inception", Split(PICTURES))


def test_a_download_has_to_be_allowed():
    with pytest.raises(UserError, match="inception_weights=download needs --download"):
        named("download")


def test_a_download_that_fails_is_one_line(monkeypatch):
    import socket

    def fail(name, origin, **options):
        assert socket.getdefaulttimeout() == 20 and len(options["file_hash"]) == 32
        raise Exception("URL fetch failure\nand more")

    monkeypatch.setattr(keras.utils, "get_file", fail)
    with pytest.raises(UserError, match="^the weights of Inception cannot be downloaded: URL fetch failure$"):
        named("download", download=True)
    assert socket.getdefaulttimeout() is None
