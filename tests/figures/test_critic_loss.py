import numpy as np

from wgangp_tf.figures import critic_loss


def _draw(training, held_out):
    arrays = {}
    for scale, name in ((1.0, "penalty"), (100.0, "clipping")):
        arrays |= {f"steps {name}": np.arange(1, 21) * 50}
        arrays |= {f"training {name}": scale * training, f"held_out {name}": scale * held_out}
    return critic_loss.draw({"names": ["penalty", "clipping"], "caption": "Words."}, arrays).subfigs[0].axes


def test_both_estimates_stand_above_their_gap():
    training, held_out = np.full(20, 2.0), np.linspace(2, 1, 20)
    penalty, clipping, below, below_clipping = _draw(training, held_out)
    assert [axes.get_title() for axes in (penalty, clipping)] == ["penalty", "clipping"]
    np.testing.assert_array_equal(penalty.lines[0].get_data(), [np.arange(1, 21) * 50, training])
    np.testing.assert_array_equal(penalty.lines[1].get_ydata(), held_out)
    np.testing.assert_array_equal(clipping.lines[1].get_ydata(), 100 * held_out)
    assert [text.get_text() for text in penalty.get_legend().get_texts()] == ["training", "held out"]
    for axes in (below, below_clipping):  # in parts of the training estimate: no scale of the critic is in it
        np.testing.assert_allclose(axes.lines[0].get_ydata(), np.linspace(0, 0.5, 20), atol=1e-12)
        assert axes.get_ylim() == (-0.5, 1.0) and axes.get_xlabel() == "generator updates"
    assert penalty.get_ylabel() == "Wasserstein estimate" and below.get_ylabel() == "gap / training"


def test_a_gap_below_nought_of_a_training_estimate_below_nought_is_one_below_nought():
    *_, below, _ = _draw(np.full(20, -2.0), np.full(20, -1.0))
    assert set(below.lines[0].get_ydata()) == {-0.5}


def test_the_noise_of_the_beginning_does_not_flatten_the_rest():
    training, held_out = np.full(20, 2.0), np.full(20, 1.0)
    training[:2] = 1000.0  # steps 50 and 100 of 1,000: the first tenth
    assert _draw(training, held_out)[0].get_ylim() == (0.0, 1.15 * 2)
    held_out[10] = -0.5
    assert _draw(training, held_out)[0].get_ylim() == (-0.5, 1.15 * 2)
