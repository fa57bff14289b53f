"""Processes of their own on this machine's loopback that train together, against one that trains alone."""

import functools
import json
import os
import pathlib
import re
import resource
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import tensorflow as tf

from wgangp_tf import stopping
from wgangp_tf.commands import local_workers
from wgangp_tf.gan import methods
from wgangp_tf.samples import drawing
from wgangp_tf.training.checkpoints import checkpoint_steps

ROOT = pathlib.Path(__file__).resolve().parents[2]
FLAGS = [
    "--dataset=8gaussians",
    "--network=mlp",
    "--generator_normalization=none",
    "--width=8",
    "--latent_dim=4",
    "--n_critic=2",
    "--batch_size=16",
    "--optimizer=sgd",
    "--learning_rate=0.01",
    "--learning_rate_decay=none",
    "--log_every=2",
    "--sample_every=100",
    "--checkpoint_every=2",
]
BY_CLASS = [*FLAGS[1:], "--dataset=digits", "--conditional", "--augment=flip,translate,color"]
TOGETHER = ("--strategy=multi_worker", "--local_workers=2")


def start(place, *flags, own_flags=True, largest_file=None, **environment):
    words = [sys.executable, str(ROOT / "main.py"), *(FLAGS if own_flags else []), *flags]
    clean = {name: value for name, value in os.environ.items() if name != "TF_CONFIG"}
    return subprocess.Popen(
        words,
        cwd=place,
        env=clean | {"TF_NUM_INTRAOP_THREADS": "1"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=largest_file
        and functools.partial(resource.setrlimit, resource.RLIMIT_FSIZE, (largest_file, largest_file)),
    )


def finish(process, seconds=240):
    """(exit status, everything it said)."""
    try:
        said, _ = process.communicate(timeout=seconds)
    finally:
        process.kill()
    return process.returncode, said


def run(place, *flags, **environment):
    return finish(start(place, *flags, **environment))


def weights(run_dir, step=None):
    """{name: array} of a checkpoint, the newest where no step is given."""
    step = checkpoint_steps(run_dir / "checkpoints")[-1] if step is None else step
    reader = tf.train.load_checkpoint(str(run_dir / "checkpoints" / f"step-{step:08d}" / "weights"))
    names = reader.get_variable_to_shape_map()
    return {name: reader.get_tensor(name) for name in names if "ATTRIBUTES" in name and "OBJECT" not in name}


def logged(run_dir):
    return [json.loads(line) for line in (run_dir / "metrics.jsonl").read_text().splitlines()]


def _processes_of(word, place):
    """Numbers of the processes in a directory with a word on their command lines."""
    found = set()
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_bytes().decode(errors="replace").split("\0")
            if word in words and os.path.realpath(path / "cwd") == os.path.realpath(place):
                found.add(int(path.name))
        except OSError:
            continue
    return found


@pytest.mark.slow
@pytest.mark.parametrize("flags", [FLAGS, BY_CLASS], ids=["points", "changed pictures by class"])
def test_two_processes_train_what_one_does(tmp_path, flags):
    for name, how in (("one", ["--strategy=one"]), ("two", TOGETHER)):
        words = [*flags, f"--run_dir={name}", f"--export_dir=e-{name}", "--steps=5", *how]
        status, said = run(tmp_path, *words, own_flags=False)
        assert status == 0, said
    assert "2 replicas in 2 processes" in said
    one, two = weights(tmp_path / "one"), weights(tmp_path / "two")
    assert len(one) > 20 and one.keys() == two.keys()
    for name, value in one.items():
        np.testing.assert_allclose(two[name], value, rtol=1e-6, atol=2e-7, err_msg=name)
    for first, second in zip(logged(tmp_path / "one"), logged(tmp_path / "two"), strict=True):
        for name in ("step", "critic_loss", "generator_loss", "gradient_norm_min", "validation_critic_loss"):
            assert abs(first[name] - second[name]) <= 1e-6 * max(1, abs(first[name])), name
    assert (tmp_path / "e-two" / "saved_model.pb").is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["e-one", "e-two", "one", "two"]


@pytest.mark.slow
def test_two_processes_train_what_one_does_by_each_method(tmp_path):
    script = str(ROOT / "tests" / "training" / "each_method.py")
    for name, count in (("one", 1), ("two", 2)):
        workers = [f"127.0.0.1:{port}" for port in _free_ports()]
        processes = [
            subprocess.Popen(
                [sys.executable, script, str(tmp_path / f"{name}.npz")],
                env=os.environ | {"PYTHONPATH": str(ROOT)} | (_task(workers, number) if count > 1 else {}),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for number in range(count)
        ]
        for process in processes:
            status, said = finish(process)
            assert status == 0, said
    one, two = (dict(np.load(tmp_path / f"{name}.npz")) for name in ("one", "two"))
    assert {name.split()[0] for name in one} == set(methods.METHODS) and one.keys() == two.keys()
    for method in methods.METHODS:
        # gradients of two critic updates and the generator's, norms, the log; and the spread of the whole batch, which
        # DRAGAN's points need in each critic update
        assert one.pop(f"{method} exchanges") == 0
        assert two.pop(f"{method} exchanges") == 3 + 1 + 1 + (2 if method == "dragan" else 0), method
    for name, value in one.items():
        np.testing.assert_allclose(two[name], value, rtol=1e-5, atol=1e-6, err_msg=name)


@pytest.mark.slow
def test_fit_of_keras_over_two_processes(tmp_path):
    script = str(ROOT / "tests" / "training" / "fit_together.py")
    workers = [f"127.0.0.1:{port}" for port in _free_ports()]
    processes = [
        subprocess.Popen(
            [sys.executable, script, str(tmp_path / f"{number}.npz")],
            env=os.environ | {"PYTHONPATH": str(ROOT), "TF_NUM_INTRAOP_THREADS": "1"} | _task(workers, number),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for number in range(2)
    ]
    for process in processes:
        status, said = finish(process)
        assert status == 0, said
    first, second = (dict(np.load(tmp_path / f"{number}.npz")) for number in range(2))
    assert first["steps"] == 8 and len(first["gradient_norm"]) == 2
    np.testing.assert_allclose(first["learning_rate"], 0.05, rtol=1e-6)  # a mean over processes, not a sum
    assert first.keys() == second.keys() and {"of wasserstein_estimate", "weight 0"} <= first.keys()
    for name, value in first.items():
        assert np.all(np.isfinite(value)), name
        np.testing.assert_array_equal(second[name], value, err_msg=name)


@pytest.mark.slow
def test_a_run_is_stopped_by_all_and_continued_by_one(tmp_path):
    flags = ("--run_dir=run", "--export_dir=export", "--steps=100000")
    process = start(tmp_path, *flags, *TOGETHER)
    _wait_for(tmp_path / "run" / "metrics.jsonl", process)
    process.send_signal(signal.SIGTERM)
    status, said = finish(process)
    assert status == 128 + signal.SIGTERM, said
    stopped = int(re.search(r"stopped at step (\d+) of 100000, which is saved", said).group(1))
    assert f"worker 1: worker 1 stopped at step {stopped} of 100000" in said and said.count("resume with") == 1
    assert checkpoint_steps(tmp_path / "run" / "checkpoints")[-1] == stopped
    assert not _processes_of("--run_dir=run", tmp_path)
    command = re.search(r"resume with: (.*)", said).group(1)
    assert command.endswith(" --local_workers=2 --run_dir=run")
    again = subprocess.run(
        [*command.split(), "--max_minutes=0.001"], cwd=tmp_path, capture_output=True, text=True, timeout=240
    )
    assert again.returncode == 0 and f"continuing at step {stopped} " in again.stderr, again.stderr
    stopped = checkpoint_steps(tmp_path / "run" / "checkpoints")[-1]
    status, said = run(tmp_path, *flags, "--strategy=one", "--max_minutes=0.001")
    assert status == 0, said
    assert "over 1 replica from here on, it was 2" in said and f"continuing at step {stopped}" in said


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["worker", "chief in a checkpoint", "all"])
def test_one_that_is_killed_ends_all_and_the_run_goes_on_as_if_nothing_had_been(tmp_path, victim):
    flags = (
        "--steps=80",
        "--deterministic",
        "--log_every=20",
        "--checkpoint_every=10",
        "--keep_checkpoints=20",
        *TOGETHER,
    )
    status, said = run(tmp_path, *flags, "--run_dir=whole", "--export_dir=e-whole")
    assert status == 0, said
    process = start(tmp_path, *flags, "--run_dir=cut", "--export_dir=e-cut")
    checkpoints = tmp_path / "cut" / "checkpoints"
    _wait_for(checkpoints / "step-00000010" / "manifest.json", process)
    chief, worker = sorted(_processes_of("--run_dir=cut", tmp_path) - {process.pid})
    if victim == "worker":
        os.kill(worker, signal.SIGKILL)
    elif victim == "all":
        for number in (process.pid, chief, worker):
            os.kill(number, signal.SIGKILL)
    else:
        while not list(checkpoints.glob(".step-*.part")):
            assert process.poll() is None
        os.kill(chief, signal.SIGKILL)
    killed = time.monotonic()
    status, said = finish(process)
    assert time.monotonic() - killed < 120
    assert not _processes_of("--run_dir=cut", tmp_path)
    if victim == "worker":
        assert status not in (0, None) and "the checkpoint of step" in said, said
        assert not list(checkpoints.glob(".*"))
    elif victim == "chief in a checkpoint":
        assert status == 128 + signal.SIGKILL and "worker 1: error: training stopped: another worker" in said, said
        assert list(checkpoints.glob(".step-*.part"))  # it was in the middle
    status, said = run(tmp_path, *flags, "--run_dir=cut", "--export_dir=e-cut")
    assert status == 0 and "continuing at step" in said, said
    assert not list(checkpoints.glob(".*"))
    whole, cut = weights(tmp_path / "whole"), weights(tmp_path / "cut")
    for name, value in whole.items():
        np.testing.assert_array_equal(cut[name], value, err_msg=name)


@pytest.mark.slow
def test_what_the_chief_cannot_write_ends_all(tmp_path):
    # the last checkpoint is the first: the others have made their last step by then
    flags = ("--run_dir=run", "--export_dir=export", "--steps=5", "--log_every=100", "--checkpoint_every=100")
    begun = time.monotonic()
    status, said = finish(start(tmp_path, *flags, "--width=128", "--optimizer=adam", *TOGETHER, largest_file=300_000))
    assert status == 2, said
    assert "error: no space is left for 'run' (File too large); no checkpoint was written yet" in said
    assert "worker 1: error: training stopped: another worker cannot go on, its own line says why" in said
    assert time.monotonic() - begun < 100
    assert not _processes_of("--run_dir=run", tmp_path)


def test_a_local_worker_that_is_killed_ends_the_chief_that_lives(tmp_path, monkeypatch):
    script = tmp_path / "program.py"
    script.write_text(
        "import json, os, pathlib, signal, time\n"
        "if json.loads(os.environ['TF_CONFIG'])['task']['index']:\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "time.sleep(20)\n"
        "pathlib.Path(__file__).with_name('over').touch()\n"
    )
    monkeypatch.setattr(local_workers, "_program", lambda: [sys.executable, str(script)])
    monkeypatch.setattr(local_workers, "_PATIENCE", 0.5)
    with stopping.Stop() as stop:
        assert local_workers.run({"local_workers": 2}, stop) == 128 + signal.SIGKILL
    assert not (tmp_path / "over").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_process_that_waits_for_the_others_says_so_and_can_be_stopped(tmp_path, number):
    workers = [f"127.0.0.1:{port}" for port in _free_ports()]
    process = start(tmp_path, "--run_dir=run", "--steps=2", **_task(workers, 0))
    assert process.stdout.readline() == "worker 0 of 2, counted from 0, waits until all are there\n"
    time.sleep(1)
    process.send_signal(number)
    status, _ = finish(process, 60)
    assert status == 128 + number
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
@pytest.mark.parametrize("to", ["chief", "worker"])
def test_a_signal_before_the_first_step_ends_all_by_it(tmp_path, to):
    workers = [f"127.0.0.1:{port}" for port in _free_ports()]
    processes = [start(tmp_path, "--run_dir=run", "--steps=99999", **_task(workers, number)) for number in range(2)]
    maps = pathlib.Path("/proc", str(processes[0].pid), "maps")
    until = time.monotonic() + 120
    while "tensorflow" not in maps.read_text() and time.monotonic() < until:
        time.sleep(0.05)  # it is imported once all have met
    processes[["chief", "worker"].index(to)].send_signal(signal.SIGTERM)
    ended = [finish(process) for process in processes]
    assert [status for status, _ in ended] == 2 * [128 + signal.SIGTERM], ended
    assert all("error" not in said for _, said in ended), ended
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_a_worker_needs_no_run_directory_to_go_on(tmp_path):
    places = [tmp_path / name for name in ("chief", "worker")]
    for place in places:
        place.mkdir()

    def together(*flags, signalled=None, of_worker=(), **how):
        workers = [f"127.0.0.1:{port}" for port in _free_ports()]
        processes = [
            start(place, *flags, *(of_worker if number else ()), **how, **_task(workers, number))
            for number, place in enumerate(places)
        ]
        if signalled:
            _wait_for(places[0] / "run" / "metrics.jsonl", processes[0])
            processes[1].send_signal(signalled)
        return [finish(process) for process in processes]

    flags = ("--run_dir=run", "--export_dir=export", "--steps=100000", "--generator_normalization=batch")
    ended = together(*flags, signalled=signal.SIGTERM)
    # who was stopped by another's signal ends as by its own
    assert [status for status, _ in ended] == 2 * [128 + signal.SIGTERM], ended
    stopped = checkpoint_steps(places[0] / "run" / "checkpoints")[-1]
    assert not list(places[1].iterdir())
    ended = together("--run_dir=run", "--max_minutes=0.001", own_flags=False)
    assert [status for status, _ in ended] == [0, 0], ended
    assert f"continuing at step {stopped} of 100000" in ended[0][1]
    ended = together("--run_dir=run", "--max_minutes=0.001", own_flags=False, of_worker=["--width=9"])
    assert ended[1][0] == 2 and "the chief continues a run of another config: width 8 (now 9)" in ended[1][1], ended
    assert ended[0][0] == 2 and "worker 1 ended before all began: the chief continues a run of" in ended[0][1], ended
    assert not list(places[1].iterdir())


def test_data_that_one_machine_lacks_ends_all_before_tensorflow(tmp_path):
    places = [tmp_path / name for name in ("chief", "worker")]
    for place in places:
        place.mkdir()
    (places[0] / "pictures").mkdir()
    picture = np.zeros([8, 8, 3], np.uint8)
    for number in range(40):
        drawing.write(places[0] / "pictures" / f"{number}.png", picture + number)
    workers = [f"127.0.0.1:{port}" for port in _free_ports()]
    flags = ("--dataset=folder", "--data_dir=pictures", "--image_size=8", "--steps=2")
    processes = [start(place, *flags, **_task(workers, number)) for number, place in enumerate(places)]
    (status, said), (of_worker, said_by_worker) = (finish(process, 100) for process in processes)
    reason = "data_dir expects a folder of pictures. Received: 'pictures'"
    assert of_worker == 2 and f"error: {reason}" in said_by_worker, said_by_worker
    assert status == 2 and f"error: worker 1 ended before all began: {reason}" in said, said
    assert [path.name for path in places[0].iterdir()] == ["pictures"] and not list(places[1].iterdir())


@pytest.mark.slow
@pytest.mark.parametrize(
    "other, different",
    [
        ("--width=9", "width is 8 in the chief and 9"),
        ("--deterministic", "deterministic is False in the chief and True"),
    ],
)
def test_workers_of_other_configs_are_refused(tmp_path, other, different):
    workers = [f"127.0.0.1:{port}" for port in _free_ports()]
    processes = []
    for number in range(2):
        flags = ("--steps=2", "--run_dir=run", "--export_dir=export", *([other] if number else []))
        processes.append(start(tmp_path, *flags, **_task(workers, number)))
    for process in processes:
        status, said = finish(process)
        assert status == 2, said
        assert f"all workers must train the same: {different} in worker 1" in said
    assert not (tmp_path / "run").exists()


def _task(workers, number):
    """The variable that makes a process one of several."""
    return {"TF_CONFIG": json.dumps({"cluster": {"worker": workers}, "task": {"type": "worker", "index": number}})}


def _free_ports():
    import socket

    with socket.socket() as first, socket.socket() as second:
        for probe in (first, second):
            probe.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]


def _wait_for(path, process, seconds=240):
    deadline = time.monotonic() + seconds
    while not (path.is_file() and path.stat().st_size):
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.2)
