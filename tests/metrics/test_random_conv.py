"""Features of random convolutions, against loops, and what they see."""

import numpy as np
import pytest

from wgangp_tf.data import shapes
from wgangp_tf.data.source import Split
from wgangp_tf.errors import UserError
from wgangp_tf.metrics import features, random_conv, registry


def pictures(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def by_loops(picture, weights):
    """The features of one picture as the header of the module defines them."""
    values, found = picture / 127.5 - 1, []
    for level, kernel in enumerate(weights):
        if level:
            values = np.stack(
                [
                    [values[y : y + 2, x : x + 2].mean(axis=(0, 1)) for x in range(0, values.shape[1], 2)]
                    for y in range(0, values.shape[0], 2)
                ]
            )
        height, width = values.shape[:2]
        padded = np.pad(values, [(1, 1), (1, 1), (0, 0)])
        windows = np.stack([[padded[y : y + 3, x : x + 3] for x in range(width)] for y in range(height)])
        values = np.maximum(np.einsum("yxijc,ijcf->yxf", windows, kernel), 0)
        tops, lefts = (
            [slice((height + 1) // 2), slice(height // 2, None)],
            [slice((width + 1) // 2), slice(width // 2, None)],
        )
        found += [values[top, left].mean(axis=(0, 1)) for top in tops for left in lefts]
    return np.concatenate(found)


@pytest.mark.parametrize("shape, length", [((8, 8, 1), 256), ((9, 19, 3), 256), ((17, 16, 3), 384), ((33, 40, 1), 512)])
def test_equals_the_definition(shape, length):
    some = pictures(2, *shape)
    rows, probabilities = features.named("random_conv", Split(some))(some)
    assert rows.shape == (2, length) and probabilities is None
    weights = [kernel.astype(np.float64) for kernel in random_conv.kernels(shape[-1], length // 128)]
    np.testing.assert_allclose(rows, [by_loops(picture, weights) for picture in some], rtol=1e-4, atol=1e-5)


def test_the_weights_are_these_on_every_machine():
    first, second = random_conv.kernels(3, 2)
    assert first.dtype == np.float32 and second.shape == (3, 3, 32, 32)
    # what NumPy's PCG64 draws is part of its promise of compatibility; written down once
    np.testing.assert_allclose(second[0, 0, 0, :3], EXPECTED, rtol=1e-6)
    np.testing.assert_allclose(first.mean(axis=(0, 1)), 0, atol=1e-7)
    assert first.std() == pytest.approx(np.sqrt(2 / 27 * 8 / 9), rel=0.05)  # a ninth goes with the mean
    assert second.std() == pytest.approx(np.sqrt(2 / 288), rel=0.05)


EXPECTED = [-0.07189094, 0.01791498, 0.16405156]


def test_bits_do_not_depend_on_how_the_samples_came():
    real, fake = Split(pictures(40, 16, 16, 3)), pictures(150, 16, 16, 3, seed=1)
    rows = []
    for cuts in ([], [1, 2, 77], [64]):
        made = registry.make("kernel", real, features="random_conv")
        for batch in np.split(fake, cuts):
            made.update(batch)
        rows.append(made.result())
    assert rows[0] == rows[1] == rows[2]


def test_worse_pictures_are_farther():
    drawn = np.stack([shapes.draw(number) for number in range(400)])
    real, other = Split(drawn[:200]), drawn[200:].astype(float)
    noise = np.random.default_rng(0).normal(size=other.shape)
    sets = [other, other + 8 * noise, other + 32 * noise]
    distances = [
        registry.measure("kernel", real, np.clip(some, 0, 255).astype(np.uint8), features="random_conv")
        for some in [*sets, np.repeat(other[:4], 50, axis=0)]
    ]
    clean, noisy, noisier, collapsed = [found["kernel_distance"] for found in distances]
    assert clean < noisy < noisier and clean < collapsed


@pytest.mark.parametrize(
    "samples, received",
    [
        (np.zeros((3, 2), np.float32), r"float32 samples of shape \(2,\)"),
        (pictures(3, 7, 9, 1), r"uint8 samples of shape \(7, 9, 1\)"),
        (pictures(3, 9, 9, 2), r"uint8 samples of shape \(9, 9, 2\)"),
    ],
)
def test_refuses_what_is_no_picture(samples, received):
    message = "features 'random_conv' are of uint8 pictures of at least 8x8 pixels, with 1 or 3 channels. Received: "
    with pytest.raises(UserError, match=message + received):
        features.named("random_conv", Split(samples))
