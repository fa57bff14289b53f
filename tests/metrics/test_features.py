import numpy as np
import pytest

from wgangp_tf.errors import UserError
from wgangp_tf.metrics.features import pixels


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
