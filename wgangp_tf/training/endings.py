"""What ends a training early, as a line that says what is kept and what to try."""

import contextlib
import errno
import re

import tensorflow as tf

from wgangp_tf.errors import Diverged, UserError
from wgangp_tf.training.reasons import reason_of

_FULL = re.compile("No space left on device|File too large|Disk quota exceeded")


@contextlib.contextmanager
def explained(directory):
    """Turns what ends a training early into an error of one line that says what is kept."""
    try:
        yield
    except Diverged as error:
        raise Diverged(
            f"training diverged: {error}; {_kept(directory)}. Try a lower --learning_rate, a higher --gp_weight or "
            "another --seed"
        ) from error
    except (tf.errors.OpError, MemoryError) as error:
        reason = reason_of(error)
        full = _FULL.search(reason)
        if full:  # TensorFlow has its own words around it
            raise UserError(_no_space(directory, full.group())) from error
        if "events file" in reason:  # TensorFlow keeps the cause to itself
            raise UserError(
                f"cannot write the events for TensorBoard into {str(directory.path)!r}; is its disk full? "
                f"{_kept(directory)}"
            ) from error
        if isinstance(error, (tf.errors.ResourceExhaustedError, MemoryError)):
            raise UserError(
                f"out of memory: {reason}; {_kept(directory)}. Try a smaller --batch_size or --width, or --accumulate=2"
            ) from error
        raise UserError(f"training stopped: {reason}; {_kept(directory)}") from error
    except UserError as error:
        raise UserError(f"{error}; {_kept(directory)}") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
            raise UserError(_no_space(directory, error.strerror)) from error
        if directory.path.is_dir():
            where = error.filename or str(directory.path)
            raise UserError(f"cannot write {where!r} ({error.strerror}); {_kept(directory)}") from error
        raise


def _no_space(directory, reason):
    return f"no space is left for {str(directory.path)!r} ({reason}); {_kept(directory)}"


def _kept(directory):
    """Which checkpoint is left, in words."""
    step = directory.last_step()
    return "no checkpoint was written yet" if step is None else f"the checkpoint of step {step} is kept"
