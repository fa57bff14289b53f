import numpy as np
import pytest

from wgangp_tf.figures import critic_loss


def drawn():
    steps = np.arange(10, 201, 10)
    arrays = {"steps penalty": steps, "steps clipping": steps}
    arrays |= {"training penalty": np.full(20, 2.0), "held_out penalty": np.linspace(2, 1, 20)}
    arrays |= {"training clipping": np.full(20, -0.01), "held_out clipping": np.full(20, -0.02)}
    arrays["training penalty"][:2] = 50.0  # in the first tenth the generator makes noise
    return critic_loss.draw({"names": ["penalty", "clipping"], "caption": "Words."}, arrays), steps


def test_both_estimates_stand_above_the_gap_between_them():
    figure, steps = drawn()
    penalty, clipping, below, below_clipping = figure.subfigs[0].axes
    training, held_out = penalty.lines
    np.testing.assert_array_equal(training.get_data(), [steps, [50.0] * 2 + [2.0] * 18])
    np.testing.assert_array_equal(held_out.get_data(), [steps, np.linspace(2, 1, 20)])
    assert [line.get_label() for line in penalty.lines] == ["training", "held out"]
    assert training.get_color() != held_out.get_color() and training.get_linestyle() != held_out.get_linestyle()
    assert [a.get_title() for a in (penalty, clipping)] == ["penalty", "clipping"]
    np.testing.assert_allclose(below.lines[0].get_data(), [steps, [*below.lines[0].get_ydata()[:2], *_gaps()]])
    np.testing.assert_allclose(below_clipping.lines[0].get_ydata(), 1.0)  # (−0.01 + 0.02) / 0.01
    assert below.get_ylim() == below_clipping.get_ylim(), "the gaps have one scale"
    assert below.get_xlabel() == "generator updates" and penalty.get_ylabel() == "Wasserstein estimate"


def _gaps():
    return (2 - np.linspace(2, 1, 20)[2:]) / 2


def test_the_axis_is_of_the_steps_after_the_first_tenth():
    figure, _ = drawn()
    assert figure.subfigs[0].axes[0].get_ylim() == pytest.approx((0, 2.3))
    low, high = figure.subfigs[0].axes[1].get_ylim()
    assert low == pytest.approx(-0.02) and low < high, "estimates below 0 are in it"
