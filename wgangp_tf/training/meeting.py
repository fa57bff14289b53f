"""Where the processes of a training meet before TensorFlow joins them.

TensorFlow waits without Python: it names nobody who is missing, and hears no signal meanwhile. So the processes meet
before, at the address of the chief, the first of them. Each says its number in a line of JSON; once all are there, the
chief tells them what it has to tell; and when each has said that it can go by that, all go on together. Whoever leaves
before ends the meeting for all, so that none waits in TensorFlow for one that will not come.
"""

import contextlib
import errno
import json
import os
import select
import socket
import time

from wgangp_tf.console import say
from wgangp_tf.errors import UserError

_PATIENCE = 1800.0  # seconds that a process waits for the others: a scheduler may start them one by one
_NAME_PATIENCE = 120.0  # and for a host's name to resolve: a pod's does once it runs
_TELL_EVERY = 30.0  # seconds between two lines on who is missing
_AGAIN = 0.5  # seconds between two looks
_LONGEST = 1 << 20  # bytes of a message


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

    def __exit__(self, *_):
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
        cluster = self._cluster
        self._names_resolve(range(cluster.count))
        while missing := sorted(set(range(1, cluster.count)) - set(self._guests.values())):
            names = ", ".join(f"worker {number} ({cluster.addresses[number]})" for number in missing)
            self._wait(f"the chief waits for {names}")
            ready, _, _ = select.select([self._door, *self._guests], [], [], _AGAIN)
            for place in ready:
                self._welcome() if place is self._door else self._hear(place)
        with _until_one_leaves("a worker"):
            for guest in self._guests:
                _send(guest, {"told": message})

    def listen(self):
        """What the chief tells, once all are there; the part of every other process.

        Raises:
          UserError: the chief is missing for too long, left, or has no place for this process.
        """
        cluster = self._cluster
        self._door.close()  # it was free
        self._names_resolve(range(cluster.count))
        while (place := self._reached()) is None:
            self._wait(f"worker {cluster.number} waits for the chief ({cluster.addresses[0]})")
            time.sleep(_AGAIN)
        self._chief = place
        with _until_one_leaves("the chief"):
            _send(place, {"worker": cluster.number, "of": cluster.count})
        answer = self._answer()
        if "refused" in answer:
            raise UserError(str(answer["refused"]))
        return answer["told"]

    def close(self):
        """Waits until all can go by what the chief told; each process calls it last.

        Raises:
          UserError: one of them cannot.
        """
        if self._chief is not None:
            with _until_one_leaves("the chief"):
                _send(self._chief, {"ready": True})
            self._answer()
            return
        waited = set(self._guests)
        while waited:
            names = ", ".join(f"worker {self._guests[guest]}" for guest in waited)
            self._wait(f"the chief waits for {names} to begin")
            for guest in select.select(list(waited), [], [], _AGAIN)[0]:
                if not isinstance(_received(guest), dict):
                    raise UserError(f"worker {self._guests[guest]} ended before all began; its own line says why")
                waited.remove(guest)
        with _until_one_leaves("a worker"):
            for guest in self._guests:
                _send(guest, {"go": True})

    def _reached(self):
        """A connection to the chief, or None while there is none."""
        family, place = _address(self._cluster.addresses[0])
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.settimeout(5.0)
        try:
            connection.connect(place)
        except OSError:
            connection.close()
            return None
        return connection

    def _answer(self):
        """What the chief says."""
        while not select.select([self._chief], [], [], _AGAIN)[0]:
            self._wait(f"worker {self._cluster.number} is with the chief and waits for the others")
        answer = _received(self._chief)
        if not isinstance(answer, dict):
            raise UserError("the chief ended before all began; its own line says why")
        return answer

    def _welcome(self):
        with contextlib.suppress(OSError):
            guest, _ = self._door.accept()
            guest.settimeout(5.0)
            self._guests[guest] = None

    def _hear(self, guest):
        """What a guest says: its number, or that it is gone. Whoever says something else is none of ours."""
        hello = _received(guest)
        if not isinstance(hello, dict) or self._guests[guest] is not None:
            self._leave(guest)
            return
        number, count = hello.get("worker"), hello.get("of")
        if count != self._cluster.count or number not in range(1, self._cluster.count):
            reason = f"the chief's cluster has {self._cluster.count} processes. Received: worker {number} of {count}"
        elif number in self._guests.values():
            reason = f"worker {number} is there already. Received: another one"
        else:
            self._guests[guest] = number
            return
        with contextlib.suppress(OSError):
            _send(guest, {"refused": reason})
        self._leave(guest)

    def _leave(self, guest):
        number = self._guests.pop(guest)
        guest.close()
        if number is not None:
            say(f"worker {number} left before all were there")

    def _names_resolve(self, numbers):
        """Waits until the names of all processes have addresses."""
        deadline = time.monotonic() + _NAME_PATIENCE
        for number in numbers:
            address = self._cluster.addresses[number]
            while _address(address) is None:
                host = address.rpartition(":")[0]
                if time.monotonic() > deadline:
                    raise UserError(
                        f"worker {number} has no address: {host!r} does not resolve, after {_NAME_PATIENCE:.0f} s"
                    )
                self._wait(f"worker {self._cluster.number} waits for the name of worker {number}, {host!r}, to resolve")
                time.sleep(_AGAIN)

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
    data = b""
    try:
        while b"\n" not in data and len(data) < _LONGEST:
            some = place.recv(65_536)
            if not some:
                return None
            data += some
        return json.loads(data)
    except (OSError, ValueError):
        return None


@contextlib.contextmanager
def _until_one_leaves(who):
    try:
        yield
    except OSError as error:
        raise UserError(f"{who} ended before all began; its own line says why") from error


def _send(place, message):
    place.sendall(json.dumps(message).encode() + b"\n")


def _address(text):
    """(family, address) of "host:port"; None where the host does not resolve."""
    host, _, port = text.rpartition(":")
    try:
        family, _, _, _, place = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)[0]
    except OSError:
        return None
    return family, place


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
