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
_LEFT_OUT = {"seconds", "images_per_second", "modes_covered", "within_4_sigma"}

PINNED = {
    "step 1": {
        "step": 1,
        "images": 16,
        "critic_loss": -0.1304504,
        "generator_loss": -0.07076304,
        "gradient_norm": 0.6856788,
        "gradient_norm_max": 1.300176,
        "gradient_norm_min": 0.08436705,
        "gradient_penalty": 0.2644922,
        "learning_rate": 0.05,
        "wasserstein_estimate": 0.3949425,
        "validation_wasserstein_estimate": 0.5154353,
        "validation_critic_loss": -0.1472154,
        "validation_gradient_penalty": 0.3682199,
        "validation_gradient_norm": 0.6394248,
    },
    "step 10": {
        "step": 10,
        "images": 160,
        "critic_loss": -0.5288551,
        "generator_loss": -0.6381776,
        "gradient_norm": 1.353113,
        "gradient_norm_max": 1.683277,
        "gradient_norm_min": 0.6032567,
        "gradient_penalty": 0.2572938,
        "learning_rate": 0.05,
        "wasserstein_estimate": 0.786149,
        "validation_wasserstein_estimate": 0.9441961,
        "validation_critic_loss": -0.7441036,
        "validation_gradient_penalty": 0.2000924,
        "validation_gradient_norm": 1.114701,
    },
    "samples": [[-0.1357272, 0.06441797], [0.1004106, 0.1360166]],
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
