"""The processes of a training meet: all at once or one by one, or it is said who is missing."""

import contextlib
import json
import signal
import socket
import threading
import time

import pytest

from wgangp_tf.errors import Interrupted, UserError
from wgangp_tf.stopping import Stop
from wgangp_tf.training import meeting
from wgangp_tf.training.cluster import Cluster


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(meeting, "_AGAIN", 0.02)


@pytest.fixture
def said(monkeypatch):
    lines = []
    monkeypatch.setattr(meeting, "say", lines.append)
    return lines


def addresses(count):
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return tuple(f"127.0.0.1:{probe.getsockname()[1]}" for probe in probes)


def listening(cluster, results, stop=None):
    """A thread in which a process listens; what it hears, or its error, is put into `results`."""

    def listen():
        try:
            with meeting.Meeting(cluster, stop or Stop()) as together:
                heard = together.listen()
                together.close()
                results[cluster.number] = heard
        except (UserError, Interrupted) as error:
            results[cluster.number] = error

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    return thread


def _comes(places, number):
    """The connection of a process that has said its number to the chief."""
    connection = socket.create_connection(("127.0.0.1", int(places[0].rpartition(":")[2])))
    connection.settimeout(10)
    connection.sendall(json.dumps({"worker": number, "addresses": places}).encode() + b"\n")
    return connection


def test_all_hear_what_the_chief_tells(said):
    places, results = addresses(4), {}
    threads = [listening(Cluster(places, number), results) for number in (1, 2)]
    with meeting.Meeting(Cluster(places, 0), Stop()) as together:
        time.sleep(0.1)
        assert not results
        threads.append(listening(Cluster(places, 3), results))
        together.tell({"step": 7})
        together.close()
    for thread in threads:
        thread.join(10)
    assert results == {1: {"step": 7}, 2: {"step": 7}, 3: {"step": 7}}
    assert sorted(said) == [f"worker {number} of 4, counted from 0, waits until all are there" for number in range(4)]


def test_it_is_said_who_is_missing_until_it_is_too_long(said, monkeypatch):
    monkeypatch.setattr(meeting, "_TELL_EVERY", 0.1)
    monkeypatch.setattr(meeting, "_PATIENCE", 0.5)
    places, results = addresses(3), {}
    message = rf"not all were there after 0 minutes: the chief waits for worker 2 \({places[2]}\)"
    with pytest.raises(UserError, match=message), meeting.Meeting(Cluster(places, 0), Stop()) as together:
        time.sleep(0.1)
        thread = listening(Cluster(places, 1), results)
        together.tell(None)
    thread.join(10)
    assert any(line.startswith(f"the chief waits for worker 2 ({places[2]}), since ") for line in said)
    assert any(
        line.startswith(f"worker 1 has reached the chief's address ({places[0]}) and waits for its word, ")
        for line in said
    )
    assert isinstance(results[1], UserError)


def test_a_chief_that_fails_before_it_tells_ends_those_who_wait():
    places, results = addresses(2), {}
    with pytest.raises(RuntimeError), meeting.Meeting(Cluster(places, 0), Stop()):
        thread = listening(Cluster(places, 1), results)
        time.sleep(0.2)
        raise RuntimeError
    thread.join(10)
    assert "the chief ended before all began: its own line says why" in str(results[1])


def test_one_that_comes_after_the_chief_could_not_begin_is_told_why():
    places, results = addresses(2), {}
    late = threading.Timer(0.3, lambda: threads.append(listening(Cluster(places, 1), results)))
    threads = [late]
    with pytest.raises(UserError), meeting.Meeting(Cluster(places, 0), Stop()):
        late.start()
        raise UserError("a run of another config")
    for thread in threads:  # the first puts the second there
        thread.join(10)
    assert str(results[1]) == "the chief ended before all began: a run of another config"


def test_a_chief_that_could_not_begin_waits_a_moment_only(monkeypatch):
    monkeypatch.setattr(meeting, "_LATE", 0.2)
    began = time.monotonic()
    with pytest.raises(UserError), meeting.Meeting(Cluster(addresses(2), 0), Stop()):
        raise UserError("a run of another config")
    assert 0.2 < time.monotonic() - began < 5


def test_one_that_leaves_is_waited_for_again(said):
    places, results = addresses(3), {}
    with meeting.Meeting(Cluster(places, 0), Stop()) as together:
        gone = _comes(places, 1)
        gone.close()
        told = threading.Thread(target=together.tell, args=("go",), daemon=True)
        told.start()
        threads = [listening(Cluster(places, 2), results)]
        told.join(0.5)
        assert told.is_alive() and "worker 1 left before all were there" in said
        threads.append(listening(Cluster(places, 1), results))
        told.join(10)
        together.close()
        for thread in threads:
            thread.join(10)
    assert results == {1: "go", 2: "go"}


def test_one_that_cannot_go_by_what_it_heard_ends_all():
    places, results = addresses(3), {}
    message = "worker 2 ended before all began: its own line says why"
    with pytest.raises(UserError, match=message), meeting.Meeting(Cluster(places, 0), Stop()) as together:
        other = _comes(places, 2)
        thread = listening(Cluster(places, 1), results)
        together.tell("go")
        other.close()
        together.close()
    thread.join(10)
    assert "the chief ended before all began" in str(results[1])


@pytest.mark.parametrize("words", [b"GET / HTTP/1.1\r\n\r\n", b"[" * 5000 + b"\n", b""])
def test_strangers_are_left_out(words):
    places, results = addresses(2), {}
    with meeting.Meeting(Cluster(places, 0), Stop()) as together:
        stranger = socket.create_connection(("127.0.0.1", int(places[0].rpartition(":")[2])))
        stranger.sendall(words)
        thread = listening(Cluster(places, 1), results)
        together.tell("go")
        together.close()
    thread.join(10)
    stranger.close()
    assert results == {1: "go"}


def test_one_of_another_cluster_is_refused():
    places, results, other = addresses(3), {}, {}
    with meeting.Meeting(Cluster(places[:2], 0), Stop()) as together:
        thread = listening(Cluster((places[0], places[2]), 1), other)
        thread.join(2)
        right = listening(Cluster(places[:2], 1), results)
        together.tell("go")
        together.close()
        right.join(10)
    thread.join(10)
    assert f"all must be told of the same cluster, the chief of {places[0]}, {places[1]}. Received" in str(other[1])
    assert results[1] == "go"


def test_a_number_that_is_there_twice_is_refused():
    places, results = addresses(3), {}
    with meeting.Meeting(Cluster(places, 0), Stop()) as together:
        first, second = _comes(places, 1), _comes(places, 1)
        thread = listening(Cluster(places, 2), results)
        together.tell("go")
        assert json.loads(first.recv(1000)) == {"told": "go"}
        first.sendall(b'{"ready": true}\n')
        assert json.loads(second.recv(1000)) == {"refused": "worker 1 is there already. Received: another one"}
        together.close()
        thread.join(10)
    for place in (first, second):
        place.close()
    assert results == {2: "go"}


def test_what_ends_the_chief_ends_those_who_are_with_it():
    for error, kind in ((UserError("no such data"), UserError), (Interrupted(signal.SIGTERM), Interrupted)):
        places, results = addresses(3), {}
        with pytest.raises(type(error)), meeting.Meeting(Cluster(places, 0), Stop()) as together:
            thread = listening(Cluster(places, 1), results)
            last = _comes(places, 2)
            together.tell("go")
            raise error
        thread.join(10)
        last.close()
        assert type(results[1]) is kind
        assert kind is Interrupted or "the chief ended before all began: no such data" in str(results[1])


def test_why_one_cannot_go_by_what_it_heard_is_told():
    places, results = addresses(2), {}

    def refuse():
        with meeting.Meeting(Cluster(places, 1), Stop()) as together:
            results[1] = together.listen()
            together.refuse("no data here")

    thread = threading.Thread(target=refuse, daemon=True)
    message = "worker 1 ended before all began: no data here"
    with pytest.raises(UserError, match=message), meeting.Meeting(Cluster(places, 0), Stop()) as together:
        thread.start()
        together.tell("go")
        together.close()
    thread.join(10)


@pytest.mark.parametrize("number", [0, 1])
def test_a_signal_ends_the_waiting(number):
    stop = Stop()
    threading.Timer(0.2, lambda: setattr(stop, "requested", signal.SIGTERM)).start()
    with pytest.raises(Interrupted), meeting.Meeting(Cluster(addresses(2), number), stop) as together:
        together.tell(None) if number == 0 else together.listen()


def test_a_host_that_does_not_resolve(monkeypatch, said):
    # a resolver of its own: how long the machine's takes to say no is no part of this
    monkeypatch.setattr(meeting, "_resolves", lambda host, port: host == "127.0.0.1")
    monkeypatch.setattr(meeting, "_PATIENCE", 1.0)
    monkeypatch.setattr(meeting, "_TELL_EVERY", 0.0)
    monkeypatch.setattr(meeting, "_AGAIN", 0.05)
    cluster = Cluster((*addresses(1), "no-such-host.invalid:2"), 0)
    message = "not all were there .* waits for 'no-such-host.invalid', the host of worker 1, to resolve"
    with pytest.raises(UserError, match=message), meeting.Meeting(cluster, Stop()) as together:
        together.tell(None)
    assert "the host of worker 1, 'no-such-host.invalid', does not resolve yet: it is waited for" in said
    assert any("waits for 'no-such-host.invalid', the host of worker 1, to resolve, since" in line for line in said)


@pytest.mark.parametrize("host", ["127.0.0.1", ""])
def test_a_port_that_is_taken(host):
    with socket.socket() as other:
        other.bind((host, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(UserError, match=f"worker 0 expects port {port} of this machine to be free. Received: Addr"):
            meeting.Meeting(Cluster((f"127.0.0.1:{port}", "127.0.0.1:1"), 0), Stop())
