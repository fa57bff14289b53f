"""Who this process is."""

import os
import pathlib
import re
import subprocess
import sys
import types

import pytest

from wgangp_tf.config import Optimization
from wgangp_tf.errors import UserError
from wgangp_tf.settings import Execution
from wgangp_tf.training import cluster as clusters
from wgangp_tf.training import runtime

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_one_process_on_processors():
    found = runtime.start(Execution(strategy="one"), seed=0)
    assert found.replicas == 1 and found.chief and not found.deterministic
    assert found.devices.startswith("training on ") and "processor cores" in found.devices


def test_mirrored_over_the_processors_there_are():
    found = runtime.start(Execution(strategy="mirrored"), seed=0)
    assert found.replicas == 2 and ", 2 replicas" in found.devices
    found.check_batch_sizes(Optimization(batch_size=64, generator_batch_size=6))
    with pytest.raises(
        UserError, match="batch_size must be a multiple of the 2 replicas. Received: batch_size=63; set"
    ):
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


@pytest.mark.parametrize(
    "execution, message",
    [
        ({"jit_compile": "on"}, "jit_compile must be off over several replicas.*Received: jit_compile=on"),
        ({"steps_per_execution": 2}, "steps_per_execution must be 1 over several replicas.*=2"),
    ],
)
def test_what_tensorflow_cannot_do_over_several_replicas_is_refused(execution, message):
    with pytest.raises(UserError, match=message):
        runtime.start(Execution(strategy="mirrored", **execution), seed=0)


def test_xla_and_steps_in_one_call():
    found = runtime.start(Execution(strategy="one", jit_compile="on", steps_per_execution=3), seed=0)
    assert found.jit_compile and found.devices.endswith(", XLA") and found.steps_per_execution == 3
    assert not runtime.start(Execution(strategy="one"), seed=0).jit_compile


@pytest.mark.parametrize(
    "values, line",
    [
        ({}, "chosen for this machine: XLA off, .*; as many steps in a call as 0.2 s hold, "),
        ({"jit_compile": "off"}, "chosen for this machine: as many steps in a call as 0.2 s hold, "),
        ({"steps_per_execution": 3}, "chosen for this machine: XLA off, which gains little on processors[^;]*$"),
        ({"steps_per_execution": 3, "jit_compile": "off"}, "$"),
    ],
    ids=str,
)
def test_a_start_tells_what_was_left_to_the_machine(values, line):
    assert re.match(line, runtime.start(Execution(strategy="one", **values), seed=0).chosen)


_OF_TWO_CORES = """
import sys
from wgangp_tf.training import chosen

chosen.cores = lambda: 2
"""
_TOLD = """
import tensorflow as tf
from wgangp_tf.settings import Execution
from wgangp_tf.training import runtime


def told(narrow, **changed):
    line = runtime.start(Execution(**{{"strategy": "one", **changed}}), seed=0, narrow=narrow).chosen
    return "before" if "in this process before" in line else "one" if "one thread for each" in line else "own"


first = told({narrow}, **{changed}), tf.config.threading.get_intra_op_parallelism_threads()
tf.constant(0) + 1
print(*first, told(True), told(False))
"""


def _of_two_cores(script, folder=ROOT):
    """A finished process of its own, as on two cores, with no word to TensorFlow on threads."""
    told = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
    variables = {name: value for name, value in os.environ.items() if name not in told} | {"PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-c", _OF_TWO_CORES + script]
    return subprocess.run(words, env=variables, cwd=folder, check=True, capture_output=True, text=True)


@pytest.mark.parametrize(
    "narrow, changed, said",
    [
        (True, {}, "one 1 one before"),
        (False, {}, "own 0 own own"),
        (True, {"strategy": "mirrored"}, "own 0 own own"),
        (True, {"jit_compile": "on"}, "own 0 own own"),
    ],
    ids=str,
)
def test_narrow_networks_have_one_thread_for_each_operation_unless_tensorflow_runs_already(narrow, changed, said):
    assert _of_two_cores(_TOLD.format(narrow=narrow, changed=changed)).stdout.strip() == said


@pytest.mark.slow
@pytest.mark.parametrize(
    "flags",
    [
        ["--steps=1"],
        ["--dry_run"],
    ],
    ids=str,
)
def test_a_training_and_a_dry_run_tell_of_the_threads(tmp_path, flags):
    script = f"from wgangp_tf import cli\nsys.exit(cli.main(['main.py', '--width=8', *{flags}]))"
    done = _of_two_cores(script, tmp_path)
    assert "; one thread for each operation and two at a time" in done.stdout + done.stderr


def test_over_replicas_there_is_neither_xla_nor_a_loop_of_steps():
    found = runtime.start(Execution(strategy="mirrored"), seed=0)
    assert not found.jit_compile and found.steps_per_execution == 1
    assert re.search("XLA off, which cannot reach .*; one step in a call, ", found.chosen)


@pytest.mark.parametrize("strategy, several", [("one", False), ("auto", False), ("mirrored", True), ("tpu", True)])
def test_several_replicas_are_known_before_a_training_starts(strategy, several):
    assert runtime.several(Execution(strategy=strategy)) is several  # there are two logical processors and no GPU


def test_a_cluster_of_one_process_is_several_as_it_starts_too(monkeypatch):
    import tensorflow as tf

    monkeypatch.setenv("TF_CONFIG", clusters.Cluster(("127.0.0.1:12345",), 0).environment())
    monkeypatch.setattr(runtime, "_strategy", lambda name, cluster: tf.distribute.get_strategy())
    assert runtime.several(Execution())
    found = runtime.start(Execution(), seed=0)
    assert (found.replicas, found.jit_compile, found.steps_per_execution) == (1, False, 1)
    with pytest.raises(UserError, match="steps_per_execution must be 1"):
        runtime.start(Execution(steps_per_execution=2), seed=0)


def test_a_machine_without_a_tpu():
    with pytest.raises(UserError, match="strategy tpu expects a TPU VM. Received: a machine without a TPU"):
        runtime.start(Execution(strategy="tpu"), seed=0)


@pytest.mark.parametrize("replicas", [3, 5, 6, 7])
def test_a_batch_that_does_not_divide_says_what_to_set(replicas):
    strategy = types.SimpleNamespace(num_replicas_in_sync=replicas)
    found = runtime.Runtime(strategy, None, False, False, None, "")
    below, above = 64 // replicas * replicas, (64 // replicas + 1) * replicas
    with pytest.raises(UserError, match=f"set --batch_size={below} or {above}, or --strategy=one"):
        found.check_batch_sizes(Optimization())
    for size in (below, above):
        found.check_batch_sizes(Optimization(batch_size=size))
    with pytest.raises(UserError, match=f"{replicas} replicas times accumulate 2"):
        found.check_batch_sizes(Optimization(accumulate=2))
    found.check_batch_sizes(Optimization(batch_size=replicas * 4, gp_batch_fraction=0.5))
    with pytest.raises(
        UserError, match=f"as many samples of each of the {replicas} replicas. Received: .*, which takes 1"
    ):
        found.check_batch_sizes(Optimization(batch_size=replicas * 4, gp_batch_fraction=0.01))
