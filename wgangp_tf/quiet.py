"""TensorFlow without its greetings."""

import os
import sys
import tempfile


def import_tensorflow():
    """Imports TensorFlow; what it prints meanwhile is shown only if the import fails.

    It greets on the standard error of the process, below Python, before any of its own settings apply.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if "tensorflow" in sys.modules:
        return
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as aside:
        os.dup2(aside.fileno(), 2)
        try:
            import tensorflow

            tensorflow.get_logger().setLevel("ERROR")
        except BaseException:
            aside.seek(0)
            os.write(kept, aside.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)
