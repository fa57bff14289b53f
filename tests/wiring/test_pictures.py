"""What the pictures of a run show: the same latents each time, and real training samples."""

import numpy as np
from PIL import Image

from tests.wiring.lab import DENSE, GREY, POWERS, STILL

_GAP = 255  # white, between the pictures of a grid


def test_pictures_show_the_same_latents_each_time(lab):
    run = lab.run(**DENSE, seed=3)
    first = run.picture("step-00000000")
    assert len(set(first.ravel())) > 50
    for step in (1, 2, 3):  # of weights that do not move
        np.testing.assert_array_equal(run.picture(f"step-{step:08}"), first)


def test_pictures_show_the_first_samples_of_the_seed(lab, tmp_path):
    run = lab.run(**DENSE, seed=3)
    shown = run.picture("step-00000003").astype(int)
    for seed, same in ((3, True), (0, False)):
        lab.command("generate", saved_model=run.saved_model, num_images=64, seed=seed, out=tmp_path / f"{seed}.png")
        drawn = np.asarray(Image.open(tmp_path / f"{seed}.png")).astype(int)
        assert drawn.shape == shown.shape
        # another compilation of the same generator may round to the next grey
        assert (np.abs(drawn - shown).max() <= 1) == same


def test_pictures_show_the_generator_as_it_is_at_their_step(lab):
    run = lab.run(**DENSE | {"optimizer": "adam", "learning_rate": 0.1, "steps": 2}, seed=3)
    shown = [run.picture(f"step-{step:08}") for step in range(3)]
    assert (shown[0] != shown[1]).any() and (shown[1] != shown[2]).any()


def test_real_samples_that_are_shown_are_training_samples(lab):
    run = lab.run(**lab.greys | STILL | {"n_critic": 2, "batch_size": 2, "steps": 6})
    levels, counts = np.unique(run.picture("real"), return_counts=True)
    assert set(levels) == {*POWERS, _GAP} and GREY not in levels
    assert len(set(counts[:-1])) == 1  # each once
