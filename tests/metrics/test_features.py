import importlib
import pathlib

import numpy as np
import pytest

from wgangp_tf.data.source import Split
from wgangp_tf.errors import UserError
from wgangp_tf.metrics import features
from wgangp_tf.metrics.features import Options, Rows, chosen, named, pixels
from wgangp_tf.settings import Storage


def test_pictures_are_rows_in_zero_to_one():
    pictures = np.arange(256, dtype=np.uint8).reshape(2, 8, 16, 1)
    rows = pixels(pictures)
    assert rows.shape == (2, 128)
    assert (rows[0, 0], rows[1, -1]) == (0.0, 1.0)
    assert rows[0, 51] == pytest.approx(0.2)


def test_floats_stay_as_they_are():
    points = np.array([[-3.0, 300.0]], np.float32)
    assert pixels(points).tolist() == [[-3.0, 300.0]]


@pytest.mark.parametrize(
    "samples, received", [(np.zeros((3, 2), np.int64), r"int64 of shape \(3, 2\)"), (np.zeros(3), r"float64 .* \(3,\)")]
)
def test_refuses(samples, received):
    with pytest.raises(UserError, match=r"samples must be uint8 or float, \[n, \*sample\]. Received: " + received):
        pixels(samples)


def split(*shape, dtype=np.uint8, made_for=None):
    return Split(np.zeros((6, *shape), dtype), features=made_for)


@pytest.mark.parametrize("name", features.FEATURES)
def test_every_row_has_a_module_and_one_line(name):
    row = features.FEATURES[name]
    assert callable(importlib.import_module(f"wgangp_tf.metrics.{row.module}").make)
    assert row.summary and "\n" not in row.summary


@pytest.mark.parametrize(
    "real, best, plain",
    [
        (split(2, dtype=np.float32), "pixels", "pixels"),
        (split(64, 4, 4, dtype=np.float32), "pixels", "pixels"),  # 1,024 values
        (split(64, 64, 3, dtype=np.float32), "sketch", "sketch"),
        (split(4, 5, 1), "pixels", "pixels"),  # too small for anything else
        (split(8, 8, 1), "random_conv", "pixels"),
        (split(8, 8, 1, made_for="digits"), "digits", "pixels"),
        (split(32, 32, 1), "random_conv", "pixels"),  # 1,024 values
        (split(32, 33, 1), "random_conv", "random_conv"),
        (split(32, 32, 3, made_for="shapes"), "shapes", "shapes"),
        (split(64, 64, 3, made_for="shapes"), "random_conv", "random_conv"),  # drawn larger than its classifier
    ],
)
def test_what_is_chosen(real, best, plain):
    assert (chosen("best", real), chosen("plain", real)) == (best, plain)
    assert chosen("random_conv", real) == "random_conv"  # a name stands for itself, and is refused later


def test_inception_is_best_for_pictures_where_its_weights_are_given():
    options = Options(inception_weights="some.pb")
    assert chosen("best", split(32, 32, 3, made_for="shapes"), options) == "inception"
    assert chosen("plain", split(32, 32, 3), options) == "inception"
    assert chosen("plain", split(8, 8, 1), options) == "pixels"
    assert chosen("best", split(2, dtype=np.float32), options) == "pixels"


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(UserError, match="Unknown features 'incepton'. Did you mean 'inception'?"):
        chosen("incepton", split(8, 8, 1))
    with pytest.raises(UserError, match="Unknown features 'bets'. Did you mean 'best'?"):
        named("bets", split(8, 8, 1))


def test_what_is_said_without_inception():
    said = features.without_inception(split(8, 8, 1, made_for="digits"))
    assert said == (
        "quality is measured by the features 'digits': FID, KID and Inception score would need the weights of "
        "Inception (--inception_weights=PATH)"
    )
    assert features.without_inception(split(8, 8, 1), Options(inception_weights="some.pb")) is None
    assert features.without_inception(split(2, dtype=np.float32)) is None  # points never had one


@pytest.mark.parametrize("cache, kept", [("disk", "metrics"), ("memory", None), ("none", None)])
def test_options_of_a_storage(tmp_path, cache, kept):
    options = features.options_of(
        Storage(cache=cache, cache_dir=str(tmp_path), download=True, inception_weights="some.pb")
    )
    assert options == Options(kept and pathlib.Path(tmp_path) / kept, "some.pb", True)


def test_rows_taken_and_gone_over():
    class Halves:
        cheap = False

    parts = [np.arange(6.0).reshape(3, 2), np.arange(4.0).reshape(2, 2) + 10]
    rows = Rows(Halves(), parts)
    assert rows.take(np.array([4, 0])).tolist() == [[12, 13], [0, 1]]
    assert [block.tolist() for block in rows.blocks()] == [part.tolist() for part in parts]  # after a take too
