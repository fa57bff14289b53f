"""Who this process is."""

import re
import types

import pytest

from wgangp_tf.config import Optimization
from wgangp_tf.errors import UserError
from wgangp_tf.settings import Execution
from wgangp_tf.training import runtime


def test_one_process_on_processors():
    found = runtime.start(Execution(strategy="one"), seed=0)
    assert found.replicas == 1 and found.chief and not found.deterministic
    assert found.devices.startswith("training on ") and "processor cores" in found.devices


def test_mirrored_over_the_processors_there_are():
    found = runtime.start(Execution(strategy="mirrored"), seed=0)
    assert found.replicas == 2 and ", 2 replicas" in found.devices
    found.check_batch_sizes(Optimization(batch_size=64, generator_batch_size=6))
    with pytest.raises(UserError, match="batch_size must be a multiple of the 2 replicas. Received: batch_size=63"):
        found.check_batch_sizes(Optimization(batch_size=63))
    with pytest.raises(UserError, match="generator_batch_size must be a multiple of the 2 replicas.*=7"):
        found.check_batch_sizes(Optimization(generator_batch_size=7))


@pytest.mark.parametrize(
    "cuda, visible, words",
    [
        (False, None, "this TensorFlow is built without CUDA"),
        (True, "-1", "hidden by CUDA_VISIBLE_DEVICES"),
        (True, None, r"finds no CUDA libraries for it: pip install 'wgangp_tf\[gpu\]'"),
    ],
)
def test_a_gpu_that_cannot_be_used_is_said_with_its_reason(monkeypatch, cuda, visible, words):
    import tensorflow as tf

    monkeypatch.setattr(runtime.pathlib, "Path", lambda path: types.SimpleNamespace(exists=lambda: True))
    monkeypatch.setattr(tf.test, "is_built_with_cuda", lambda: cuda)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert re.search(words, runtime.start(Execution(strategy="one"), seed=0).devices)
