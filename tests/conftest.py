"""Before TensorFlow starts: processors only, and two logical ones, so that replicas are tested on any machine."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import pytest
import tensorflow as tf

tf.config.set_visible_devices([], "GPU")
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)


@pytest.fixture(autouse=True)
def _seeded():
    keras.utils.set_random_seed(0)


@pytest.fixture(scope="session")
def mirrored():
    """Two replicas."""
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
