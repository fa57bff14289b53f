"""What a training made on its way, also where it was interrupted."""

import signal

import numpy as np
import pytest

from wgangp_tf import stopping
from wgangp_tf.errors import Diverged, Interrupted, UserError
from wgangp_tf.experiments import place, trainings
from wgangp_tf.training import progress

GIVEN = {
    "dataset": "digits",
    "width": 4,
    "latent_dim": 2,
    "batch_size": 8,
    "n_critic": 1,
    "steps": 6,
    "sample_every": 100,
    "checkpoint_every": 2,
}


def looked_at(folder, stop, count=5, **given):
    here = place.Place(folder, True, lambda line: None, stop)
    source, looks = trainings.looks(here, "one", GIVEN | given, 2, count)
    assert len(source.train) == 1500
    return looks


@pytest.mark.slow
def test_looks_are_of_the_way_and_an_interruption_changes_none(tmp_path, monkeypatch):
    stop = stopping.Stop()
    whole = looked_at(tmp_path / "whole", stop)
    assert [look.step for look in whole] == [2, 4, 6]
    assert all(look.samples.shape == (5, 8, 8, 1) and look.samples.dtype == np.uint8 for look in whole)
    assert not np.array_equal(whole[0].samples, whole[2].samples)
    assert 0 < whole[0].seconds < whole[1].seconds < whole[2].seconds

    see = trainings._Looks.see

    def see_and_stop(self, model, step, found):
        see(self, model, step, found)
        stop.requested = signal.SIGINT if step == 4 else None

    monkeypatch.setattr(trainings._Looks, "see", see_and_stop)
    with pytest.raises(Interrupted, match="the same command goes on"):
        looked_at(tmp_path / "twice", stop)
    stop.requested = None
    again = looked_at(tmp_path / "twice", stop)
    assert [look.step for look in again] == [2, 4, 6]
    for one, other in zip(whole, again, strict=True):
        np.testing.assert_array_equal(one.samples, other.samples)


def test_a_training_of_a_figure_names_no_flags_that_would_help_it(tmp_path, capfd, monkeypatch):
    monkeypatch.setattr(progress, "_PACE_KNOWN", 0.0)
    monkeypatch.setattr(progress, "_LONG", 0.0)
    looked_at(tmp_path, stopping.Stop())
    said = capfd.readouterr().err
    assert "step 6/6" in said and "s a step: " in said and "health" not in said and "--" not in said


def test_looks_are_never_those_of_another_number_of_samples(tmp_path):
    stop = stopping.Stop()
    for count in (5, 6):
        assert [len(look.samples) for look in looked_at(tmp_path, stop, count=count, steps=2)] == [count]


def test_without_a_look_it_is_said_why(tmp_path, monkeypatch):
    stop = stopping.Stop()
    looked_at(tmp_path, stop, steps=2)
    (folder,) = tmp_path.glob("trainings-small/one-*/looks")
    for path in folder.iterdir():
        path.write_bytes(b"damaged")
    with pytest.raises(UserError, match="looks' expected to hold what training 'one' made; remove '.*/one-[0-9a-f]*'$"):
        looked_at(tmp_path, stop, steps=2)

    def diverge(*_, **__):
        raise Diverged("critic_loss is nan at step 1")

    monkeypatch.setattr("wgangp_tf.training.loop.train", diverge)
    with pytest.raises(Diverged, match="training 'one' diverged before step 2, the first that is looked at"):
        looked_at(tmp_path / "other", stop)
