"""Where the processes of a training meet before TensorFlow joins them.

TensorFlow waits without Python: it names nobody who is missing, and hears no signal meanwhile. So the processes meet
before, at the address of the chief, the first of them. Each says its number in a line of JSON; once all are there, the
chief tells them what it has to tell; and when each has said that it can go by that, all go on together. Whoever leaves
after that word ends the meeting for all, so that none waits in TensorFlow for one that will not come.
"""

import contextlib
import errno
import json
import os
import select
import socket
import time

from wgangp_tf.console import say
from wgangp_tf.errors import Interrupted, UserError

# seconds that a process waits for the others, and for their hosts' names to resolve: a scheduler may start one by one
_PATIENCE = 1800.0
_TELL_EVERY = 30.0  # seconds between two lines on who is missing
_AGAIN = 0.5  # seconds between two looks
_LONGEST = 1 << 20  # bytes of a message
_LASTING = 5.0  # seconds that a message may take
_LATE = 5.0  # seconds that a chief which cannot begin stays for those who come


class Meeting:
    """One meeting, as a context: the chief is there from its beginning, and whoever waits learns when it leaves."""

    def __init__(self, cluster, stop):
        """
        Args:
          cluster: `cluster.Cluster`.
          stop: `stopping.Stop` in force.

        Raises:
          UserError: another program has the port of this process.
        """
        self._cluster, self._stop = cluster, stop
        self._door = _bound(cluster)
        self._guests = {}  # socket: number of its process, None before it has said so
        self._chief = None
        self._begun = self._told = time.monotonic()
        say(f"worker {cluster.number} of {cluster.count}, counted from 0, waits until all are there")

    def __enter__(self):
        return self

    def __exit__(self, _, error, __):
        if isinstance(error, UserError) and self._cluster.chief:
            # who comes a moment later would wait long for a chief that is gone
            late = time.monotonic() + _LATE
            while self._missing() and time.monotonic() < late and self._stop.requested is None:
                self._let_in()
        if isinstance(error, (UserError, Interrupted)):
            number = error.signal_number if isinstance(error, Interrupted) else None
            for guest in self._guests:
                self._send(guest, {"ended": str(error), "signal": number})
            for guest in self._guests:
                _received(guest)  # a connection that closes on what was not read drops what was sent
        for place in (*self._guests, self._chief, self._door):
            if place is not None:
                place.close()

    def tell(self, message):
        """Waits until all are there, and tells them something; the chief's part.

        Args:
          message: what JSON can hold.

        Raises:
          UserError: somebody is missing for too long.
        """
        self._names_resolve()
        while missing := self._missing():
            names = ", ".join(f"worker {number} ({self._cluster.addresses[number]})" for number in missing)
            self._wait(f"the chief waits for {names}")
            self._let_in()
        for guest in [guest for guest, number in self._guests.items() if number is None]:
            self._leave(guest)  # it has said nothing
        for guest in self._guests:
            self._send(guest, {"told": message})

    def listen(self):
        """What the chief tells, once all are there; the part of every other process.

        Raises:
          UserError: the chief is missing for too long, left, or has no place for this process.
        """
        cluster = self._cluster
        self._door.close()  # it was free
        self._names_resolve()
        while (place := self._reached()) is None:
            self._wait(f"worker {cluster.number} waits for the chief ({cluster.addresses[0]})")
            time.sleep(_AGAIN)
        self._chief = place
        self._send(place, {"worker": cluster.number, "addresses": cluster.addresses})
        return self._answer()["told"]

    def refuse(self, reason):
        """Tells the chief why this process cannot go by what it heard."""
        self._send(self._chief, {"ended": reason})

    def close(self):
        """Waits until all can go by what the chief told; each process calls it last.

        Raises:
          UserError: one of them cannot.
        """
        if self._chief is not None:
            self._send(self._chief, {"ready": True})
            self._answer()
            return
        waited = set(self._guests)
        while waited:
            names = ", ".join(f"worker {self._guests[guest]}" for guest in waited)
            self._wait(f"the chief waits for {names} to begin")
            for guest in select.select(list(waited), [], [], _AGAIN)[0]:
                answer = _received(guest)
                if not isinstance(answer, dict) or "ended" in answer:
                    reason = answer["ended"] if answer else "its own line says why"
                    raise UserError(f"worker {self._guests[guest]} ended before all began: {reason}")
                waited.remove(guest)
        for guest in self._guests:
            self._send(guest, {"go": True})

    def _reached(self):
        """A connection to the chief, or None while there is none."""
        with contextlib.suppress(OSError):
            return socket.create_connection(_parts(self._cluster.addresses[0]), timeout=_LASTING)
        return None

    def _answer(self):
        """What the chief says."""
        while not select.select([self._chief], [], [], _AGAIN)[0]:
            self._wait(
                f"worker {self._cluster.number} has reached the chief's address ({self._cluster.addresses[0]}) and "
                "waits for its word, which comes once all are there"
            )
        answer = _received(self._chief)
        if not isinstance(answer, dict):
            raise UserError("the chief ended before all began: its own line says why")
        if answer.get("signal"):
            raise Interrupted(answer["signal"], "the chief was stopped before all began")
        if "ended" in answer:
            raise UserError(f"the chief ended before all began: {answer['ended']}")
        if "refused" in answer:
            raise UserError(str(answer["refused"]))
        return answer

    def _missing(self):
        """The numbers of the processes that have not said theirs, in order."""
        return sorted(set(range(1, self._cluster.count)) - set(self._guests.values()))

    def _let_in(self):
        """Lets in who comes, and hears what those who are there say, for a moment."""
        ready, _, _ = select.select([self._door, *self._guests], [], [], _AGAIN)
        for place in ready:
            self._welcome() if place is self._door else self._hear(place)

    def _welcome(self):
        with contextlib.suppress(OSError):
            guest, _ = self._door.accept()
            guest.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            self._guests[guest] = None

    def _hear(self, guest):
        """What a guest says: its number, or that it is gone. Whoever says something else is none of ours."""
        hello = _received(guest)
        if not isinstance(hello, dict) or self._guests[guest] is not None:
            self._leave(guest)
            return
        number, addresses = hello.get("worker"), hello.get("addresses")
        if addresses != list(self._cluster.addresses) or number not in range(1, self._cluster.count):
            reason = (
                f"all must be told of the same cluster, the chief of {', '.join(self._cluster.addresses)}. "
                f"Received: worker {number} of {addresses}"
            )
        elif number in self._guests.values():
            reason = f"worker {number} is there already. Received: another one"
        else:
            self._guests[guest] = number
            return
        say(f"one that came is refused: {reason}")
        self._send(guest, {"refused": reason})
        self._leave(guest)

    def _leave(self, guest):
        number = self._guests.pop(guest)
        guest.close()
        if number is not None:
            say(f"worker {number} left before all were there")

    def _names_resolve(self):
        """Waits until the hosts of all processes have addresses; says at once which has none."""
        for number, address in enumerate(self._cluster.addresses):
            host, port = _parts(address)
            told = False
            while not _resolves(host, port):
                if not told:
                    say(f"the host of worker {number}, {host!r}, does not resolve yet: it is waited for")
                    told = True
                self._wait(f"worker {self._cluster.number} waits for {host!r}, the host of worker {number}, to resolve")
                time.sleep(_AGAIN)

    def _send(self, place, message):
        """Sends a message; one that has left is met where its answer is read."""
        with contextlib.suppress(OSError):
            place.settimeout(_LASTING)
            place.sendall(json.dumps(message).encode() + b"\n")

    def _wait(self, what):
        """A safe point while nothing is begun; says what is waited for, now and then.

        Raises:
          Interrupted: a signal came.
          UserError: it was too long.
        """
        self._stop.check()
        now = time.monotonic()
        if now - self._begun > _PATIENCE:
            raise UserError(f"not all were there after {_PATIENCE / 60:.0f} minutes: {what}")
        if now - self._told > _TELL_EVERY:
            self._told = now
            say(f"{what}, since {now - self._begun:.0f} s")


def _received(place):
    """The content of a line of JSON from a connection; None where none came, as from one that ended."""
    data, deadline = b"", time.monotonic() + _LASTING
    try:
        while b"\n" not in data and len(data) < _LONGEST:
            place.settimeout(max(deadline - time.monotonic(), 0.001))
            some = place.recv(65_536, socket.MSG_PEEK)
            if not some:
                return None
            data += place.recv(some.find(b"\n") + 1 or len(some))  # the next line is left for the next call
        return json.loads(data)
    except (OSError, ValueError, RecursionError):
        return None


def _parts(address):
    """(host, port) of "host:port"."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def _resolves(host, port):
    try:
        return bool(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except OSError:
        return False


def _bound(cluster):
    """A socket that listens at the port of this process, on all its interfaces.

    Raises:
      UserError: another program has it.
    """
    port = int(cluster.addresses[cluster.number].rpartition(":")[2])
    try:
        try:
            return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
        except (OSError, ValueError) as error:
            if getattr(error, "errno", None) == errno.EADDRINUSE:
                raise
            return socket.create_server(("", port))  # a machine without IPv6
    except OSError as error:
        raise UserError(
            f"worker {cluster.number} expects port {port} of this machine to be free. "
            f"Received: {os.strerror(error.errno)}"
        ) from error
