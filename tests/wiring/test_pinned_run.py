"""One run whose numbers stand here: nothing that shapes the weights may change unnoticed.

Where it has to change (another way of drawing, say), a commit of its own says why, and the numbers are made again by

    python -m tests.wiring.test_pinned_run

which prints `PINNED`. If a number is near 0, where a relative error means little, take another seed.
"""

import json
import pathlib
import tempfile

import numpy as np

from tests.wiring.lab import Lab

FLAGS = {
    "dataset": "25gaussians",
    "network": "mlp",
    "width": 4,
    "latent_dim": 2,
    "optimizer": "sgd",
    "learning_rate": 0.05,
    "gp_weight": 1.0,
    "n_critic": 2,
    "batch_size": 8,
    "steps": 10,
    "seed": 4,
}
# by the clock, or counts of samples that may lie on an edge
_LEFT_OUT = {"seconds", "images_per_second", "modes_covered", "modes_kl", "within_4_sigma"}

PINNED = {
    "step 1": {
        "step": 1,
        "images": 16,
        "critic_loss": -0.1500608,
        "wasserstein_estimate": 0.4369524,
        "gradient_penalty": 0.2868916,
        "gradient_norm": 0.6505225,
        "gradient_norm_min": 0.08270599,
        "gradient_norm_max": 1.098692,
        "generator_loss": -0.09401774,
        "learning_rate": 0.05,
        "validation_wasserstein_estimate": 0.5395343,
        "validation_critic_loss": -0.1913962,
        "validation_gradient_penalty": 0.3481381,
        "validation_gradient_norm": 0.7155403,
    },
    "step 10": {
        "step": 10,
        "images": 160,
        "critic_loss": -0.5722525,
        "wasserstein_estimate": 0.6853731,
        "gradient_penalty": 0.1131206,
        "gradient_norm": 1.12383,
        "gradient_norm_min": 0.6737275,
        "gradient_norm_max": 1.548616,
        "generator_loss": -0.6298395,
        "learning_rate": 0.05,
        "validation_wasserstein_estimate": 1.07748,
        "validation_critic_loss": -0.8225672,
        "validation_gradient_penalty": 0.2549129,
        "validation_gradient_norm": 1.312834,
    },
    "samples": [[-0.02687752, -0.003927383], [0.2338609, 0.06219095]],
}


def _numbers(lab):
    """{"step 1" and "step 10": {name: number}, "samples": the first two of seed 0}, to 7 digits."""
    run = lab.run(**FLAGS)
    numbers = {
        f"step {line['step']}": {name: value for name, value in line.items() if name not in _LEFT_OUT}
        for line in (run.lines[0], run.lines[-1])
    }
    numbers["samples"] = run.served("generate", num_images=2, seed=0).tolist()
    return json.loads(json.dumps(numbers), parse_float=lambda text: float(f"{float(text):.7g}"))


def test_the_numbers_are_those_written_here(lab):
    numbers = _numbers(lab)
    np.testing.assert_allclose(numbers.pop("samples"), PINNED["samples"], rtol=1e-5)
    for when, values in numbers.items():
        for name, value in PINNED[when].items():
            np.testing.assert_allclose(values[name], value, rtol=1e-5, err_msg=f"{name}, {when}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        print("PINNED =", json.dumps(_numbers(Lab(pathlib.Path(place))), indent=4))
