"""Every preset is built and trained for a step, small, on pictures that need no download."""

import numpy as np
import pytest

from tests.wiring.lab import BRIGHT, DARK
from wgangp_tf.presets import PRESETS

# in place of the data set's own; 28x28 is halved and cropped as the paper's MNIST network does
PICTURES = {
    "shapes": (16, 16, 3),
    "mnist_dcgan": (28, 28, 1),
    "cifar10_dcgan": (16, 16, 3),
    "celeb_a_dcgan": (16, 16, 3),
}


def test_every_preset_has_pictures_here():
    assert set(PICTURES) == set(PRESETS)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_trains_a_step(lab, preset):
    height, width, channels = PICTURES[preset]
    small = {"width": 2, "batch_size": 3, "n_critic": 1, "steps": 1}
    run = lab.run(**lab.photos | small | {"image_size": f"{height}x{width}", "channels": channels}, preset=preset)

    config = run.read("config.json")
    resolved = config["data"] | config["model"] | config["optimization"]
    kept = {name: value for name, value in PRESETS[preset][1].items() if name not in {*small, "dataset"}}
    assert kept and {name: resolved[name] for name in kept} == kept

    (line,) = run.lines
    assert line["step"] == 1 and line["images"] == 3 and np.isfinite(list(line.values())).all()
    assert line["learning_rate"] == pytest.approx(resolved["learning_rate"])
    samples = run.served("generate", num_images=1, seed=0)
    assert samples.shape == (1, height, width, channels) and samples.dtype == np.uint8


def test_pictures_are_nowhere_as_white_as_the_gaps_between_them():
    assert max(DARK.max(), BRIGHT.max()) < 255
