import numpy as np

from wgangp_tf.figures import convergence

COLUMNS = ["step", "seconds", "precision", "recall", "density", "coverage"]


def test_both_qualities_stand_against_steps_and_minutes():
    names = ["clipping", "penalty, RMSProp", "penalty, Adam", "DCGAN"]
    curve = np.array([[100, 60, 0.2, 0, 0, 0.4], [200, 90, 0.3, 0, 0, 0.5]])
    arrays = {name: curve + number * 0.1 for number, name in enumerate(names)}
    said = {name: f"{number} steps" for number, name in enumerate(names)}
    values = {"names": names, "columns": COLUMNS, "quality": 0.8, "said": said, "caption": "Words."}
    figure = convergence.draw(values, arrays)
    by_step, by_time, below, _ = figure.subfigs[0].axes
    np.testing.assert_allclose(by_step.lines[0].get_data(), [[100, 200], [0.4, 0.5]])
    np.testing.assert_allclose(by_time.lines[3].get_data()[0], [60.3 / 60, 90.3 / 60])
    np.testing.assert_allclose(below.lines[0].get_data()[1], [0.2, 0.3])
    assert by_step.lines[3].get_label() == "DCGAN: 3 steps"
    assert set(by_step.lines[4].get_ydata()) == {0.8}
    assert by_step.get_ylabel() == "coverage" and by_step.get_ylim() == (0, 1)
