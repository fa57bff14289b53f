"""The progress of a run, on a terminal and elsewhere."""

import pytest

from wgangp_tf.training import progress as progresses
from wgangp_tf.training.progress import Progress, shorter

_VALUES = {
    "wasserstein_estimate": 0.6834,
    "validation_wasserstein_estimate": 0.7021,
    "gradient_norm": 0.981,
    "images_per_second": 12_345.6,
}


def test_on_a_terminal_the_bar_and_its_numbers_fit_80_columns(terminal):
    with terminal() as shown:
        progress = Progress(0, 200_000)
        for _ in range(3):
            progress.advance(1)
        progress.log(3, _VALUES)
        progress.close()
    bars = [part for part in shown().replace("\n", "\r").split("\r") if part.strip()]
    assert all(len(bar) <= 80 for bar in bars)
    # the first values are whole, those without room are left out whole
    assert " left, wasserstein 0.683" in bars[-1]


def test_a_line_stands_by_itself_between_the_bars(terminal):
    with terminal() as shown:
        progress = Progress(0, 10)
        progress.say("cache_dir is full")
        progress.close()
    assert "cache_dir is full" in [part.strip() for part in shown().replace("\n", "\r").split("\r")]


def test_elsewhere_each_log_is_one_line(capfd):
    progress = Progress(0, 10)
    for _ in range(2):
        progress.advance(1)
    progress.log(2, _VALUES | {"within_4_sigma": 0.89, "critic_loss": 3.0})
    progress.say("a line")
    progress.close()
    first, second = capfd.readouterr().err.splitlines()
    shown = "wasserstein 0.683  gradient_norm 0.981  held_out 0.702  images/s 12,346  within_4_sigma 0.89"
    assert first.startswith(f"step 2/10  {shown}  time left ")
    assert second == "a line"


@pytest.fixture
def clock(monkeypatch):
    """A clock that is set by hand: clock[0], in seconds."""
    now = [0.0]
    monkeypatch.setattr(progresses.time, "monotonic", lambda: now[0])
    return now


def test_a_long_run_says_once_how_long_it_takes(capfd, clock):
    for choice, then in (
        (shorter(of_pictures=True), "; fewer --steps, a smaller --width or a smaller --image_size take less"),
        (shorter(of_pictures=False), "; fewer --steps or a smaller --width take less"),
        (None, ""),
    ):
        progress = Progress(0, 10_001, choice)
        for clock[0] in (30, 34, 38, 42):  # half a minute for the trace, then 0.4 s a step
            progress.advance(1 if clock[0] == 30 else 10)
        assert capfd.readouterr().err == f"0.4 s a step: 9,980 more steps take about 67 minutes{then}\n"


def test_a_short_run_does_not(capfd, clock):
    progress = Progress(0, 101)
    for clock[0] in (30, 34, 38):
        progress.advance(1 if clock[0] == 30 else 10)
    assert capfd.readouterr().err == ""
