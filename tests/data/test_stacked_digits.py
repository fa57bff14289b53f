import numpy as np
import pytest

from wgangp_tf import config
from wgangp_tf.data import registry
from wgangp_tf.errors import UserError
from wgangp_tf.metrics import registry as metrics
from wgangp_tf.settings import Storage


def load(**values):
    return registry.load(config.Data(**values), Storage())


@pytest.mark.parametrize("part", ["train", "validation"])
def test_each_channel_is_a_digit_and_the_label_spells_them(part):
    stacked, single = (getattr(load(dataset=name, labels="auto"), part) for name in ("stacked_digits", "digits"))
    known = {image.tobytes(): label for image, label in zip(single.samples, single.labels, strict=True)}
    rows = np.arange(0, len(stacked), 97)
    for picture, label in zip(stacked.samples[rows], stacked.labels[rows], strict=True):
        hundreds, tens, ones = (known[picture[..., channel].tobytes()] for channel in range(3))
        assert label == 100 * hundreds + 10 * tens + ones


def test_every_mode_is_there_about_as_often():
    source = load(dataset="stacked_digits", labels="auto")
    assert len(source.spec.classes) == 1000 and source.spec.classes[7] == "007"
    counts = np.bincount(source.train.labels, minlength=1000)
    assert counts.sum() == 128_000
    # the digits are not quite equally frequent: 142 to 156 of 1,500
    assert counts.min() > 80 and counts.max() < 180


def test_channels_are_drawn_apart_from_each_other():
    labels = load(dataset="stacked_digits", labels="auto").train.labels
    digits = np.stack([labels // 100, labels // 10 % 10, labels % 10])
    correlation = np.corrcoef(digits)
    assert np.abs(correlation - np.eye(3)).max() < 0.02


def test_no_other_channels():
    with pytest.raises(UserError, match="dataset 'stacked_digits' has 3 channels. Received: channels=1"):
        load(dataset="stacked_digits", channels=1)


def test_a_classifier_counts_every_mode_of_held_out_pictures():
    source = load(dataset="stacked_digits")
    real = metrics.measure("modes", source.train, source.validation.samples[:])
    # of 10,000 draws of 1,000 equally frequent modes a thousandth part is never met once in 22,000
    assert real["modes_covered"] >= 995
    assert real["modes_kl"] < 0.12  # (1,000 − 1) / 20,000 is chance alone
    one = metrics.measure("modes", source.train, np.repeat(source.train.samples[:1], 20, axis=0))
    assert one["modes_covered"] == 1 and one["modes_kl"] > 6
