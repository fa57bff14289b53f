"""Which rows each split may see: training the training rows alone, held-out values the held-out rows alone."""

import numpy as np
import pytest

from tests.wiring import arithmetic
from tests.wiring.lab import BRIGHT, DARK, GREY, POWERS, SMALL, STILL, load
from tests.wiring.networks import FIRST_PIXEL, critic_weights


@pytest.mark.parametrize("real, held_out", [(DARK, BRIGHT), (BRIGHT, DARK)], ids=["dark", "bright"])
def test_networks_learn_from_training_pictures_and_are_measured_on_held_out_ones(lab, real, held_out):
    photos = lab.photos if real is DARK else lab.folder("bright", [BRIGHT] * 11, [DARK], image_size="6")
    flags = photos | SMALL | {"steps": 5}
    arithmetic.assert_is(lab.run(**flags), *arithmetic.expected(flags, real, held_out))


def test_an_epoch_is_every_training_picture_once_and_no_held_out_one(lab):
    run = lab.run(**lab.greys | STILL | {"n_critic": 2, "batch_size": 2, "steps": 6})
    rows = arithmetic.rows_seen(run, 4)
    assert [len(seen) for seen in rows] == [4] * 6
    for first, second in zip(rows[::2], rows[1::2], strict=True):
        assert first | second == set(POWERS)
    assert len(set(map(frozenset, rows[::2]))) > 1, "each epoch in another order"
    held_out = critic_weights(16).sum() * (GREY / 127.5 - 1 - FIRST_PIXEL)
    np.testing.assert_allclose(run.logged("validation_wasserstein_estimate"), held_out, rtol=1e-5)


def test_every_digit_is_either_trained_on_or_held_out(lab):
    flags = STILL | {"dataset": "digits", "n_critic": 2, "batch_size": 375, "steps": 2}  # an epoch
    run, source = lab.run(**flags), load(dataset="digits")
    w = critic_weights(64)

    def estimate(split):
        return w @ ((split.samples[:].reshape(-1, 64) / 127.5 - 1).mean(axis=0) - FIRST_PIXEL)

    np.testing.assert_allclose(run.logged("wasserstein_estimate").mean(), estimate(source.train), rtol=1e-5)
    np.testing.assert_allclose(
        run.logged("validation_wasserstein_estimate"), [estimate(source.validation)] * 2, rtol=1e-5
    )
    assert (run.logged("images") == [750, 1500]).all()


def test_no_row_is_in_both_splits():
    # pictures of ten digits may well be equal, points of the plane are not
    source = load(dataset="25gaussians")
    points = np.concatenate([source.train.samples[:], source.validation.samples[:]])
    assert len(np.unique(points, axis=0)) == len(points) == 60_000
