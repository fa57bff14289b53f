"""What the errors of a step over several processes tell of."""

import pytest
import tensorflow as tf

from wgangp_tf.training import cluster as clusters
from wgangp_tf.training import workers


@pytest.mark.parametrize(
    "error, kind",
    [
        (tf.errors.UnavailableError(None, None, "Connection reset by peer"), workers.Gone),
        (tf.errors.InternalError(None, None, "Collective ops is aborted by: Socket closed"), workers.Gone),
        (tf.errors.FailedPreconditionError(None, None, "current incarnation doesn't match with one"), workers.Gone),
        (tf.errors.InternalError(None, None, "Failed to launch a kernel"), workers.Broken),
        (tf.errors.DataLossError(None, None, "truncated record"), workers.Broken),
        (tf.errors.InvalidArgumentError(None, None, "wgangp_tf.errors.UserError: 'a.png' is gone"), workers.Broken),
        (tf.errors.UnknownError(None, None, "wgangp_tf.errors.UserError: 'a.png' is gone"), workers.Broken),
    ],
)
def test_whose_fault_it_is(error, kind):
    together = workers.Workers(None, clusters.Cluster(("a:1", "b:1"), 1))
    with pytest.raises(kind) as raised, together.explained():
        raise error
    assert str(raised.value).endswith(error.message.rpartition("UserError: ")[2] + ")" * (kind is workers.Gone))


def test_the_reason_is_told_without_advice_on_the_error():
    words = "Collective ops is aborted by: Connection reset by peer\nThe error could be from a previous operation. "
    error = tf.errors.UnavailableError(None, None, words + "Restart your program to reset.")
    together = workers.Workers(None, clusters.Cluster(("a:1", "b:1"), 1))
    told = r"is gone \(Collective ops is aborted by: Connection reset by peer\)$"
    with pytest.raises(workers.Gone, match=told), together.explained():
        raise error


def test_a_process_by_itself_keeps_the_error():
    with pytest.raises(tf.errors.UnavailableError), workers.Workers(None).explained():
        raise tf.errors.UnavailableError(None, None, "gone")
