"""What is seen only when a graph runs is told in one line; errors of others are left as they are."""

import pytest
import tensorflow as tf

from wgangp_tf.gan import asserted


def _positive(values):
    told = "Values must be in (0, 1], as the user's [a, b] are. Received: values from"
    within = tf.reduce_all(values > 0)
    return asserted.holding(values, within, told, tf.reduce_min(values), "to", tf.reduce_max(values))


@pytest.mark.parametrize("run", [_positive, tf.function(_positive)], ids=["eager", "graph"])
@pytest.mark.parametrize(
    "values, told", [([-1.5, 248.0], "-1.5 to 248"), ([-3, 7], "-3 to 7"), ([-1, 20231127], "-1 to 20231127")]
)
def test_a_broken_condition_is_one_line_with_its_numbers(run, values, told):
    with pytest.raises(ValueError) as raised, asserted.in_one_line():
        run(tf.constant(values))
    expected = "Values must be in (0, 1], as the user's [a, b] are. Received: values from"
    assert str(raised.value) == f"{expected} {told}"
    with asserted.in_one_line():
        assert run(tf.constant([2, 3])).numpy().tolist() == [2, 3]


@pytest.mark.parametrize("run_eagerly", [False, True])
@pytest.mark.parametrize("also", ["theirs", ["theirs", "too"], "theirs,\nbut so", "Received:\nb"])
def test_what_others_raise_passes(run_eagerly, also):
    def theirs(x):
        held = tf.debugging.Assert(x > 0, ["theirs", x, tf.constant(also)])
        with tf.control_dependencies([] if held is None else [held]):
            return tf.identity(x)

    run = theirs if run_eagerly else tf.function(theirs)
    with pytest.raises(tf.errors.InvalidArgumentError, match="theirs"), asserted.in_one_line():
        run(tf.constant(-1))
    with pytest.raises(tf.errors.InvalidArgumentError, match="no assertion"), asserted.in_one_line():
        raise tf.errors.InvalidArgumentError(None, None, "no assertion")
    with pytest.raises(ZeroDivisionError), asserted.in_one_line():
        raise ZeroDivisionError
