"""Signals that ask a command to stop: at once where nothing is at stake, at the next safe point where something is.

Python runs its handlers between two steps of its own, which may be minutes apart where TensorFlow compiles. So a thread
listens as well: it tells a user who presses Ctrl-C what is waited for, and lets one who insists leave.
"""

import contextlib
import os
import signal
import threading
import time

from wgangp_tf import console
from wgangp_tf.errors import Interrupted

# of a terminal, of a scheduler, of a connection that was lost, of a scheduler's warning before it kills
_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1") if hasattr(signal, name)]
_ONE_PRESS = 0.3  # seconds: a program between the terminal and this one may pass on what both were sent


def _say(line):
    console.say(f"\n{line}" if console.on_terminal() else line)  # below the ^C that the terminal shows


class Stop:
    """Whether a signal asked the command to stop.

    As a context it takes SIGINT, SIGTERM, SIGHUP and SIGUSR1 over, where they are not ignored (`nohup`, a script's
    background). Outside `deferred` the first one raises `Interrupted`; inside, it is kept in `requested` for the code
    to act on. Later ones change nothing, so that what is being saved is saved; but a second Ctrl-C is answered, and a
    third one ends the process at once, with status 130. In another thread than the main one no signal arrives.

    Attributes:
      requested: number of the signal, or None.
      raised: whether it raised `Interrupted` as it came; what comes of that may be another error.
      doing: what a deferred stretch does before it stops, in words; may be set inside it.
      say: callable of one line; called in a thread of its own.
    """

    def __init__(self, say=_say):
        self.requested, self.raised = None, False
        self.doing = ""
        self.say = say
        self._deferred = False
        self._first = None
        self._pressed = float("-inf")
        self._warned = False

    def __enter__(self):
        self._before, self._listener = {}, None
        if threading.current_thread() is not threading.main_thread():
            return self
        source, self._sink = os.pipe()
        os.set_blocking(self._sink, False)
        self._listener = threading.Thread(target=self._listen, args=(source,), name="signals", daemon=True)
        self._listener.start()
        self._sink_before = signal.set_wakeup_fd(self._sink, warn_on_full_buffer=False)
        for number in _SIGNALS:
            before = signal.getsignal(number)
            if before not in (signal.SIG_IGN, None):
                self._before[number] = before
                signal.signal(number, self._handle)
        return self

    def __exit__(self, *_):
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self._listener is not None:
            signal.set_wakeup_fd(self._sink_before)
            os.close(self._sink)
            self._listener.join()

    @contextlib.contextmanager
    def deferred(self, doing="what has begun is finished and saved first"):
        """A stretch of work in which a signal only sets `requested`."""
        before = self._deferred, self.doing
        self._deferred, self.doing = True, doing
        try:
            yield
        finally:
            self._deferred, self.doing = before

    def renew(self):
        """Takes the signals over again that a library took, as TensorFlow does where several processes join."""
        for number in self._before:
            signal.signal(number, self._handle)

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
            self.raised = True
            raise Interrupted(number)

    def _listen(self, source):
        """Hears each signal as it arrives, until the other end is closed."""
        while number := os.read(source, 1):
            if number[0] in self._before:
                self._answer(number[0], time.monotonic())
        os.close(source)

    def _answer(self, number, now):
        """Says what a signal leads to.

        Args:
          number: of the signal.
          now: seconds, when it came.
        """
        again = number == signal.SIGINT and now - self._pressed > _ONE_PRESS
        if number == signal.SIGINT:
            self._pressed = now
        doing = f": {self.doing}" if self.doing else ""
        if self._first is None:
            self._first = now
            if self._deferred:
                self.say(f"stopping ({signal.Signals(number).name}){doing}")
        elif again and not self._warned:
            self._warned = True
            self.say(
                f"still stopping, after {now - self._first:.0f} s{doing}. Ctrl-C once more quits at once, and leaves "
                "what was saved before"
            )
        elif again:
            self.say("quit; what was saved before is left")
            os._exit(128 + number)
