"""`--dry_run`: what is printed is what would be trained."""

import json
import re

import pytest

from tests.wiring.lab import DENSE
from wgangp_tf.data import registry
from wgangp_tf.training import cost, memory


def test_the_config_the_networks_and_the_run_are_those_of_the_training(command, digits, tmp_path):
    flags = DENSE | {"learning_rate": 0.1, "optimizer": "adam", "steps": 4}
    status, out, err = command("--dry_run", *(f"--{name}={value}" for name, value in flags.items()))
    assert status == 0 and "error" not in err
    assert json.loads(out[: out.index("\n}") + 2]) == digits.read("config.json")
    counted = [int(count.replace(",", "")) for count in re.findall(r"Total params: ([\d,]+)", out)]
    assert counted == [digits.parameters("generator"), digits.parameters("critic")]
    images = digits.lines[-1]["images"]
    assert f"{images // 4} images, " in out
    assert f"the run: 4 steps, {images} images" in out
    assert re.search("^chosen for this machine: XLA off, .*; as many steps in a call as 0.2 s hold, ", out, re.M)
    assert "precision float32: " not in out  # which was asked for by name
    (seconds,) = re.findall(r"^here: (\S+) s a step while .* in all", out, re.M)
    assert 0 < float(seconds) < 60
    (amount, unit) = re.findall(r"^memory: (\S+) (MB|GB) at its peak; a smaller --batch_size", out, re.M)[0]
    told = float(amount) * {"MB": 1e6, "GB": 1e9}[unit]
    assert 0.9 * told <= memory.peak() <= 1.5 * told  # of this process, which may have grown since
    assert list(tmp_path.iterdir()) == []


def test_a_step_that_does_not_fit_is_told_before_it_runs(command, monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 50e6)
    monkeypatch.setattr(cost, "step_seconds", lambda *_: pytest.fail("it was run"))
    status, out, _ = command("--dry_run", *(f"--{name}={value}" for name, value in DENSE.items()))
    assert status == 0
    line = r"^here: not measured; a step is expected to take about \d+ MB of memory, and 50 MB are left here: it "
    assert re.search(line + "may not fit; a smaller --batch_size, or --accumulate, takes less$", out, re.M)
    assert "at its peak" not in out


def test_processes_of_this_machine_need_memory_each(command, monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 150e6)
    monkeypatch.setattr(cost, "step_seconds", lambda *_: 1.0)
    flags = [f"--{name}={value}" for name, value in DENSE.items()]
    status, out, _ = command("--dry_run", *flags)
    assert status == 0 and "not measured" not in out
    status, out, _ = command("--dry_run", "--local_workers=2", *flags)
    assert status == 0
    assert re.search(
        r"^here: not measured; a step of this process is .* \d+ MB, 2 processes here \d+ MB, and 150 ", out, re.M
    )


@pytest.mark.parametrize("flag, name", [("--jit_compile=on", "jit_compile"), ("--steps_per_execution=4", "steps_per")])
def test_what_a_training_over_replicas_refuses_is_refused(command, flag, name):
    flags = [f"--{name}={value}" for name, value in DENSE.items()]
    status, _, err = command("--dry_run", "--strategy=mirrored", flag, *flags)
    assert status != 0 and re.search(f"{name}.* over several replicas", err)


def test_where_nothing_names_the_other_machines_it_is_said(command, monkeypatch):
    monkeypatch.setattr(cost, "step_seconds", lambda *_: 1.0)
    flags = [f"--{name}={value}" for name, value in DENSE.items()]
    here, lacks = '{"cluster": {"worker": ["localhost:9"]}, "task": {"type": "worker", "index": 0}}', "refused here: "
    for also, told in (
        (["--strategy=multi_worker"], True),
        (["--local_workers=2"], False),
        (["--strategy=mirrored"], False),
    ):
        status, out, _ = command("--dry_run", *also, *flags)
        assert status == 0 and (f"{lacks}strategy multi_worker expects TF_CONFIG, or a Slurm" in out) == told
    monkeypatch.setenv("TF_CONFIG", here)
    status, out, _ = command("--dry_run", "--strategy=multi_worker", *flags)
    assert status == 0 and lacks not in out


def test_of_a_finished_run_it_is_said(command, digits, monkeypatch):
    monkeypatch.setattr(cost, "step_seconds", lambda *_: 1.0)
    status, out, err = command("--dry_run", f"--run_dir={digits.path}")
    assert status == 0 and "is finished: step 4, exported to " in err and "the run: 4 steps" in out


def test_the_data_set_is_looked_at_once(command, monkeypatch):
    looked, look = [], registry.check
    monkeypatch.setattr(registry, "check", lambda *of: looked.append(of) or look(*of))
    monkeypatch.setattr(cost, "step_seconds", lambda *_: 1.0)
    assert command("--dry_run", *(f"--{name}={value}" for name, value in DENSE.items()))[0] == 0
    assert len(looked) == 1


@pytest.mark.parametrize(
    "changed, line",
    [
        (
            {"accumulate": 2, "generator_normalization": "batch"},
            "^batch normalization sees each of the 2 parts by itse",
        ),
        ({"accumulate": 2, "generator_normalization": "none"}, None),
        ({"strategy": "multi_worker", "local_workers": 2}, "^what follows is of one process on the whole batch; "),
    ],
    ids=str,
)
def test_what_parts_and_processes_change_is_told(command, monkeypatch, changed, line):
    monkeypatch.setattr(cost, "step_seconds", lambda *_: 0.5)
    status, out, _ = command("--dry_run", *(f"--{name}={value}" for name, value in (DENSE | changed).items()))
    assert status == 0
    told = [re.search(f"^{words}", out, re.M) is not None for words in ("batch normalization sees", "what follows is")]
    assert sum(told) == (line is not None)
    if line:
        assert re.search(line, out, re.M)
