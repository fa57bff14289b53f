"""TensorFlow as this program starts it: without its greetings, and with oneDNN on every processor."""

import contextlib
import os
import sys
import tempfile

from wgangp_tf import console, surroundings


def start():
    """Imports TensorFlow, and Keras as this package needs it.

    Raises:
      UserError: Keras was told to compute otherwise, or TensorFlow of flags that it does not know.
    """
    surroundings.check_flags_of_tensorflow()
    import_tensorflow()
    surroundings.check_keras()


def import_tensorflow():
    """Imports TensorFlow; what it prints meanwhile is shown only if the import fails, what this program says at once.

    It greets on the standard error of the process, below Python, before any of its own settings apply.

    TensorFlow 2.21 leaves oneDNN off by itself on processors without AVX-512, where a step of convolutions then takes
    1.3 to 2 times as long (docs/speed.md). Results differ in rounding; TF_ENABLE_ONEDNN_OPTS=0 turns it off.
    """
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if "tensorflow" in sys.modules:
        return
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()
    kept = _standard_error()
    try:
        with console.apart(kept), _aside() as aside:  # apart first: a line may come at any moment
            os.dup2(aside.fileno(), 2)
            try:
                import tensorflow

                tensorflow.get_logger().setLevel("ERROR")
            except Exception:  # not where a user stops it
                aside.seek(0)
                with contextlib.suppress(OSError):
                    os.write(kept, aside.read())
                raise
            finally:
                os.dup2(kept, 2)
    finally:
        os.close(kept)


def _aside():
    """A file for what is said meanwhile; one that keeps nothing where there is no place for it."""
    with contextlib.suppress(OSError):
        return tempfile.TemporaryFile()
    return open(os.devnull, "r+b")


def _standard_error():
    """A descriptor of the process' standard error; one that leads nowhere where it was closed.

    Without it the next file that is opened would take its number, and TensorFlow's words.
    """
    try:
        return os.dup(2)
    except OSError:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 2)
        return nothing if nothing != 2 else os.dup(2)
