"""Labels of any kind as numbers of classes, in the order a person expects."""

import numpy as np
import pytest

from wgangp_tf.data.array_labels import classes_of
from wgangp_tf.errors import UserError


@pytest.mark.parametrize(
    "raw, numbers, names",
    [
        (["b", "a", "b", "a"], [1, 0, 1, 0], ("a", "b")),
        (["10", "9", "9", "10"], [1, 0, 0, 1], ("9", "10")),
        (np.array([10, 9, 9, 10]), [1, 0, 0, 1], ("9", "10")),
        (np.array([2.0, -1.0, 2.0, 2.0]), [1, 0, 1, 1], ("-1", "2")),
        (np.array([True, False, True, False]), [1, 0, 1, 0], ("False", "True")),
        (np.array([3, 3, 7, 7], ">u2"), [0, 0, 1, 1], ("3", "7")),
        (["1", "x", "1", "x"], [0, 1, 0, 1], ("1", "x")),
        (["7", "10", "07", "7", "10", "07"], [1, 2, 0, 1, 2, 0], ("07", "7", "10")),
        (
            ["3", "-" + "9" * 30, "3", "9" * 30, "-" + "9" * 30, "9" * 30],
            [1, 0, 1, 2, 0, 2],
            ("-" + "9" * 30, "3", "9" * 30),
        ),
    ],
)
def test_classes_in_their_order(raw, numbers, names):
    found, classes = classes_of(np.asarray(raw), "y")
    assert found.dtype == np.int32 and found.tolist() == numbers and classes == names


@pytest.mark.parametrize(
    "raw, said",
    [
        (["a"] * 5, "--labels expects at least two classes. Received: 'y', which is a everywhere"),
        (np.zeros(5), "--labels expects at least two classes. Received: 'y', which is 0 everywhere"),
        (
            np.arange(5),
            "--labels expects classes of at least 2 samples on average. Received: 'y', with 5 values in 5 samples",
        ),
        (
            np.array([0.0, 0.5, 1.0, 0.5]),
            "--labels expects whole numbers below 2**63, or text. Received: 'y', with 0.5",
        ),
        (
            np.array([0.0, np.nan, 1.0, 0.0]),
            "--labels expects whole numbers below 2**63, or text. Received: 'y', with nan",
        ),
        (
            np.array([0.0, 1e19, 0.0, 1e19]),
            "--labels expects whole numbers below 2**63, or text. Received: 'y', with 1e+19",
        ),
    ],
)
def test_labels_that_tell_no_classes_apart(raw, said):
    with pytest.raises(UserError) as error:
        classes_of(np.asarray(raw), "y")
    assert str(error.value) == said
