"""`--dry_run`: what is printed is what would be trained."""

import json
import re

from tests.wiring.lab import DENSE


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
    (seconds,) = re.findall(r"^here: (\S+) s a step while .* in all", out, re.M)
    assert 0 < float(seconds) < 60
    assert list(tmp_path.iterdir()) == []
