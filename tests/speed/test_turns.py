"""Processes of their own that take turns: what they say, and what becomes of those that fail."""

import dataclasses
import os
import signal
import time

import pytest

from tests.speed import fakes
from wgangp_tf.speed import contestants, turns, works
from wgangp_tf.speed.process import Failed, Late, Measured

FAKES = fakes.__name__


@pytest.fixture(scope="module")
def work():
    return works.find("toy_8gaussians_small")


@pytest.fixture
def fake(monkeypatch, work):
    """A contestant with a task of `fakes.Step`: fake(pause=3)."""
    row = contestants.Row("a fake", FAKES, "Step")
    monkeypatch.setitem(contestants.CONTESTANTS, "fake", row)
    monkeypatch.setattr(turns, "_SECONDS", 0.1)
    return lambda **task: contestants.Contestant("fake", work, task)


@pytest.fixture
def measured():
    """Starts processes that are ended with the test: measured("Step", pause=3)."""
    processes = []

    def start(kind, **task):
        processes.append(Measured(FAKES, kind, task))
        return processes[-1]

    yield start
    for process in processes:
        process.end(at_once=True)


def test_a_turn_is_timed_by_the_step(measured):
    process = measured("Step", pause=20)
    first = process.answer()
    assert first["parameters"] == [3, 4] and first["operations"] == 2_000_000
    assert set(first["start"]) == {"python", "imports", "building", "first step"}
    assert 0 < first["start"]["python"] < 30 and first["start"]["first step"] >= 0.02
    said = process.turn(5)
    assert said["steps"] == 5 and 0.02 <= said["seconds"] < 0.2
    assert 1e6 < first["after_imports"] <= said["peak"] < 1e9 and said["device_peak"] is None


def test_a_turn_waits_for_the_device_once(measured):
    process = measured("Step", pause=0, wait=100)
    process.answer()
    assert 0.1 / 4 <= process.turn(4)["seconds"] < 0.1


def test_what_takes_several_steps_at_once_takes_no_more_than_are_left(measured):
    process = measured("Step", chunks=True, pause=0)
    process.answer()
    assert process.turn(1)["steps"] == 1  # the call that was under way
    assert process.turn(250)["steps"] in range(250, 252)


def test_an_ended_process_is_gone(measured):
    process = measured("Step")
    process.answer()
    process.end()
    assert process._process.returncode == 0


def test_what_cannot_be_built_says_why_in_a_line(measured):
    with pytest.raises(Failed, match=r"^ValueError: cannot be built$"):
        measured("Step", broken=True).answer()
    with pytest.raises(Failed, match="AttributeError: .*Nothing"):
        measured("Nothing").answer()


def test_a_process_that_ends_says_how(measured):
    process = measured("Step", dies_after=2)
    process.answer()
    with pytest.raises(Failed, match="its process ended with status 7"):
        process.turn(5)
    with pytest.raises(Failed, match="its process ended with status 7"):
        process.turn(1)
    process = measured("Step")
    process.answer()
    os.kill(process._process.pid, signal.SIGKILL)
    with pytest.raises(Failed, match="was killed, as Linux does where memory runs out"):
        process.turn(1)


def test_a_deadline_is_kept(measured):
    began = time.monotonic()
    with pytest.raises(Late):
        measured("Endless").answer(deadline=turns.until(0.01))
    assert time.monotonic() - began < 5
    assert turns.until(None) is None


def test_all_take_their_turns_in_another_order_each_time(fake):
    group = turns.Group([fake(pause=2), fake(pause=40), fake(pause=10)], None)
    shares = []
    group.run(3, shares.append)
    assert [len(line["turns"]) for line in group.lines] == [3, 3, 3] and shares == [1 / 3, 2 / 3, 1]
    assert [line["reason"] for line in group.lines] == [""] * 3
    few, slow, middle = group.lines
    assert few["seconds"] < middle["seconds"] < slow["seconds"]
    assert slow["least"] <= slow["seconds"] <= slow["greatest"] and slow["seconds"] == sorted(slow["turns"])[1]
    assert few["images_per_second"] == few["images"] / few["seconds"] and few["images"] == 5 * 256


def test_another_begins_each_round(fake, monkeypatch):
    order, turn = [], Measured.turn

    def noted(process, steps, deadline=None):
        said = turn(process, steps, deadline)
        order.append(processes.index(process))
        return said

    group = turns.Group([fake(), fake(), fake()], None)
    monkeypatch.setattr(group, "_end", lambda at_once=False: None)
    processes = []
    group.run(0, ready=lambda line: processes.append(group._running[-1][0]))
    monkeypatch.setattr(Measured, "turn", noted)
    for number in range(4):
        group._round(number)
    for process in processes:
        process.end()
    assert order == [0, 1, 2, 1, 2, 0, 2, 0, 1, 0, 1, 2]


def test_limits_are_measured_in_each_round(fake, monkeypatch):
    monkeypatch.setattr(turns, "LIMITS", (FAKES, "Limits"))
    process, said = turns.limits(["float32", "bfloat16"])
    group = turns.Group([fake()], process)
    group.run(2)
    process.end()
    assert said == {"devices": [], "onednn": None}
    assert group.rates == {"products_float32": [2e9] * 2, "products_bfloat16": [2e9] * 2, "memory": [1e10] * 2}


@pytest.mark.parametrize(
    "task, reason",
    [
        ({"broken": True}, "ValueError: cannot be built"),
        ({"dies_after": 1}, "its process ended with status 7"),
        ({"parameters": [3, 5]}, "it has other networks than this program: [3, 5] parameters, not [3, 4]"),
        (
            {"forward": [1, 40]},
            "it has other networks than this program: [1, 40] operations for a sample, not [30, 40]",
        ),
    ],
)
def test_who_fails_or_has_other_networks_is_left_out_and_the_others_go_on(fake, task, reason):
    group = turns.Group([fake(), fake(**task), dataclasses.replace(fake(), task=None, reason="it is not there")], None)
    group.run(2)
    assert [line["reason"] for line in group.lines] == ["", reason, "it is not there"]
    assert [len(line["turns"]) for line in group.lines] == [2, 0, 0]


def test_along_a_curve_our_networks_may_differ(fake, monkeypatch):
    monkeypatch.setitem(contestants.CONTESTANTS, "ours", contestants.CONTESTANTS["fake"])
    both = [dataclasses.replace(fake(parameters=[1, side]), name="ours") for side in (3, 5)]
    group = turns.Group(both, None)
    group.run(1)
    assert [(line["reason"], len(line["turns"])) for line in group.lines] == [("", 1)] * 2


def test_who_is_late_leaves_what_was_measured_and_no_process(fake):
    group = turns.Group([fake(pause=1), fake(pause=700)], None, deadline=time.monotonic() + 4)
    with pytest.raises(Late):
        group.run(100)
    assert 1 <= len(group.lines[0]["turns"]) < 10
    assert group._running == []
