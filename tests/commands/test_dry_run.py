"""`--dry_run`: what is printed is what would be trained."""

import json
import re

import pytest

from tests.wiring.lab import DENSE
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
