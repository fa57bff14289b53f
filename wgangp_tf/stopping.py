"""SIGINT and SIGTERM: at once where nothing is at stake, at the next safe point where something is."""

import contextlib
import signal

from wgangp_tf.errors import Interrupted

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Whether a signal asked the command to stop.

    As a context it takes the two signals over. Outside `deferred` the first one raises `Interrupted`; inside, it is
    kept in `requested` for the code to act on. Later signals change nothing: what is being saved is saved.

    Attributes:
      requested: number of the signal, or None.
    """

    def __init__(self):
        self.requested = None
        self._deferred = False

    def __enter__(self):
        self._before = {number: signal.signal(number, self._handle) for number in _SIGNALS}
        return self

    def __exit__(self, *_):
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @contextlib.contextmanager
    def deferred(self):
        """A stretch of work in which a signal only sets `requested`."""
        self._deferred = True
        try:
            yield
        finally:
            self._deferred = False

    def check(self):
        """Raises `Interrupted` if a signal came while it was deferred: a safe point."""
        if self.requested is not None:
            raise Interrupted(self.requested)

    def _handle(self, number, frame):
        del frame
        if self.requested is not None:
            return
        self.requested = number
        if not self._deferred:
            raise Interrupted(number)
