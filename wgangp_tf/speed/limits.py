"""What this machine can do at most: products of large matrices, and adding one large array to another."""

import contextlib
import time

import tensorflow as tf

_SIDE = {"CPU": 2048, "GPU": 8192}
_NUMBERS = 2**25  # 128 MB, larger than caches
_SECONDS = 0.25  # of one measurement


class Limits:
    """See `worker`; a turn gives rates in place of the time of a step.

    Attributes:
      found: what TensorFlow says of the machine: `devices`, names of its GPUs, and `onednn`, whether convolutions and
        products go through that library; None where nobody knows.
    """

    parameters = operations = forward = None

    def __init__(self, task):
        """
        Args:
          task: dict: `dtypes` of the products, names.
        """
        gpus = tf.config.list_physical_devices("GPU")
        tf.config.experimental.enable_tensor_float_32_execution(False)
        names = [tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name) for gpu in gpus]
        self.found = {"devices": names, "onednn": _onednn()}
        side = _SIDE["GPU" if gpus else "CPU"]
        self._measured = {}
        for dtype in task["dtypes"]:
            matrix = tf.cast(tf.random.stateless_normal([side, side], [0, 0]), dtype)
            product = tf.function(lambda matrix=matrix: tf.reduce_sum(tf.cast((matrix @ matrix)[0], tf.float32)))
            self._measured[f"products_{dtype}"] = product, 2 * side**3
        one, other = (tf.Variable(tf.ones([_NUMBERS]), trainable=False) for _ in range(2))

        @tf.function
        def add():
            one.assign_add(other)
            return one[0]

        self._measured["memory"] = add, 3 * 4 * _NUMBERS  # two are read, one is written

    def rates(self):
        """{what: operations, or bytes of memory, a second}."""
        return {name: amount / _seconds(call) for name, (call, amount) in self._measured.items()}


def _onednn():
    with contextlib.suppress(ImportError, AttributeError):  # it is not part of TensorFlow's interface
        from tensorflow.python.util import _pywrap_util_port

        return bool(_pywrap_util_port.IsMklEnabled())
    return None


def _seconds(call):
    """The least seconds that a call took, of some."""
    call().numpy()
    begun, least = time.perf_counter(), float("inf")
    while time.perf_counter() - begun < _SECONDS:
        then = time.perf_counter()
        call().numpy()
        least = min(least, time.perf_counter() - then)
    return least
