"""The table of numbers that a run logs."""

import pytest

from wgangp_tf import quantities
from wgangp_tf.quantities import QUANTITIES


@pytest.mark.parametrize("name", QUANTITIES)
def test_every_row_says_what_it_is(name):
    quantity = QUANTITIES[name]
    assert quantity.name == name and quantity.meaning and "\n" not in quantity.meaning
    assert quantity.gathered in ("", "mean", "least", "greatest", "last")


def test_charts_hold_training_and_held_out_values_together():
    names = ["critic_loss", "validation_critic_loss", "wasserstein_estimate", "step"]
    assert quantities.charts(names) == {
        quantities.LOSS_CHART: ["critic_loss", "validation_critic_loss"],
        quantities.ESTIMATE_CHART: ["wasserstein_estimate"],
    }


def test_the_progress_line_has_its_order_from_the_table():
    values = {"images_per_second": 9.0, "validation_wasserstein_estimate": 2.0, "wasserstein_estimate": 1.0, "step": 3}
    assert list(quantities.shown(values).items()) == [("wasserstein", 1.0), ("held_out", 2.0), ("images/s", 9.0)]


def test_held_out_values_are_measured_at_the_log():
    held_out = [quantity for name, quantity in QUANTITIES.items() if name.startswith("validation_")]
    assert held_out and not any(quantity.gathered for quantity in held_out)


def test_durations_in_words():
    words = {
        0: "0 seconds",
        89: "89 seconds",
        90: "2 minutes",
        5399: "90 minutes",
        5400: "1.5 hours",
        864_000: "10.0 days",
    }
    assert {seconds: quantities.duration(seconds) for seconds in words} == words
