import numpy as np

from wgangp_tf.figures import toy_samples


def test_every_panel_is_drawn_on_one_scale_with_its_numbers():
    names, shown = ["wgan-gp", "wgan"], [0, 2]
    curves = np.array([[100 * k, 30 * k, 20 + k, 0.1 * k, 0.5 / k] for k in (1, 2, 3)])
    arrays = {"real 25gaussians": np.array([[1.0, 1.0], [-2.0, 0.5]])}
    for name in names:
        arrays |= {f"curves 25gaussians {name}": curves, f"points 25gaussians {name}": np.zeros([2, 5, 2])}
    arrays["points 25gaussians wgan"] = arrays["points 25gaussians wgan"][:1]  # it diverged
    values = {
        "sets": ["25gaussians"],
        "methods": names,
        "shown": shown,
        "finals": {f"25gaussians {name}": {"floor": 0.03} for name in names},
        "caption": "Words.",
    }
    figure = toy_samples.draw(values, arrays)
    axes = figure.subfigs[0].subfigs[0].subfigs[0].axes
    assert [a.get_xlabel() for a in axes] == [
        "21 modes, 10% near\ndistance 0.500",
        "23 modes, 30% near\ndistance 0.167",
        "21 modes, 10% near\ndistance 0.500",
        "diverged",
    ]
    assert [a.get_title() for a in axes[:2]] == ["100 steps, 30 s", "300 steps, 90 s"]
    assert {a.get_xlim() for a in axes} == {(-2.5, 2.5)}
    share, distance = figure.subfigs[0].subfigs[1].axes
    np.testing.assert_allclose(share.lines[1].get_data(), [[0.5, 1, 1.5], [0.1, 0.2, 0.3]])
    assert [line.get_label() for line in distance.lines[:2]] == names
    assert set(distance.lines[2].get_ydata()) == {0.03}
