"""When something happens: by steps, and in slow runs by time."""

import types

from wgangp_tf.training import loop
from wgangp_tf.training.events import Event


class Watcher:
    """Notes what it is told, and gives one value."""

    def __init__(self, name, clock=None, takes=0.0):
        self.name, self.told, self.clock, self.takes = name, [], clock, takes

    def see(self, model, step, found):
        self.told.append((step, dict(found)))
        if self.clock is not None:
            self.clock.now += self.takes
        return {self.name: float(step)}


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def test_by_steps_it_happens_at_multiples_and_at_the_last_step():
    event = Event(3, None, [])
    event.begin(0.0)
    assert [step for step in range(1, 9) if event.due(step, 8, now=1e9)] == [3, 6, 8]
    assert [event.next(step) for step in (0, 2, 3, 7)] == [3, 3, 6, 9]


def test_a_second_cadence_stands_beside_the_first():
    event = Event(4, None, [], also=6)
    event.begin(0.0)
    assert [step for step in range(1, 14) if event.due(step, 13, now=1e9)] == [4, 6, 8, 12, 13]
    assert [event.next(step) for step in (0, 4, 6, 8)] == [4, 6, 8, 12]


def test_by_time_it_happens_when_it_has_waited_long_enough():
    event = Event(1000, 30.0, [])
    event.begin(100.0)
    assert not event.due(5, 2000, now=129.9)
    assert event.overdue(130.0) and event.due(5, 2000, now=130.0)


def test_tracing_is_no_part_of_the_wait():
    event = Event(1000, 30.0, [])
    event.begin(100.0)
    event.wait(50.0)
    assert not event.overdue(179.9) and event.overdue(180.0)


def test_those_who_look_find_what_those_before_them_found():
    first, second = Watcher("a"), Watcher("b")
    event = Event(1, None, [first, second])
    event.begin(0.0)
    event.happen(None, 4, Clock())
    assert first.told == [(4, {})] and second.told == [(4, {"a": 4.0})]


def test_the_wait_begins_anew_and_grows_with_what_it_costs():
    clock = Clock()
    event = Event(1000, 10.0, [Watcher("a", clock, takes=1.0)])
    event.begin(clock.now)
    assert event.happen(None, 1, clock) == 1.0  # the first time traces graphs: no measure of its cost
    assert not event.overdue(clock.now + 9.9) and event.overdue(clock.now + 10.0)
    assert event.happen(None, 2, clock) == 0.0
    # a second of every fifty at most
    assert not event.overdue(clock.now + 49.9) and event.overdue(clock.now + 50.0)


def test_the_tracing_of_one_is_left_out_of_the_waiting_of_the_others_alone(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(loop.time, "monotonic", clock)
    traces, other = Event(1, 30.0, [Watcher("a", clock, takes=60.0)]), Event(1000, 30.0, [])
    for event in (traces, other):
        event.begin(clock.now)
    training = types.SimpleNamespace(
        _happenings=[traces, other], _last=9000, _model=None, _progress=types.SimpleNamespace(leave_out=lambda _: None)
    )
    loop._Training._tell(training, 1)  # at 160 s, 60 of which were for traces
    for event in (traces, other):
        assert not event.overdue(189.9) and event.overdue(190.0)
