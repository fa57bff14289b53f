"""Before each step the processes of a training say whether they can go on; so all stop, or end, at the same one."""

import contextlib

import tensorflow as tf

from wgangp_tf.errors import Interrupted, UserError
from wgangp_tf.training import workers


class OtherFailed(UserError):
    """Another process said that it cannot go on."""


def agree(workers_, stop=None, over=False):
    """Whether all processes stop here: each says before each step whether it wants to.

    Args:
      workers_: `workers.Workers`.
      stop: `stopping.Stop`; what a signal asked of one process it asks of all. None to go on whatever came.
      over: whether this one's time is.

    Raises:
      UserError: one of them cannot go on.
    """
    code = workers.STOP if over else workers.GO
    if stop is not None and stop.requested is not None:
        code = workers.STOP + stop.requested
    found = workers_.agree(code)
    if found == workers.FAILED:
        raise OtherFailed("training stopped: another worker cannot go on, its own line says why")
    if stop is not None and found > workers.STOP and stop.requested is None:
        stop.requested = found - workers.STOP
    return found >= workers.STOP


def check(workers_, stop):
    """A safe point of all processes before there are steps: raises `Interrupted` in all if a signal came to one."""
    if agree(workers_, stop):
        raise Interrupted(stop.requested)


@contextlib.contextmanager
def telling(workers_):
    """Tells the other processes of what ends this one early, so that none waits for it."""
    try:
        yield
    except (OtherFailed, workers.Gone, workers.Broken, tf.errors.ResourceExhaustedError):
        raise  # they know, or are gone; or wait for this one in a step, and learn it from its end
    except BaseException:
        with contextlib.suppress(workers.Gone, workers.Broken):  # what happened here is what is told
            workers_.agree(workers.FAILED)
        raise
