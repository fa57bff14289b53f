import numpy as np

from wgangp_tf.figures import value_surfaces

NAMES, CRITICS = ["8gaussians", "swiss_roll"], ["flat", "steep", "weak"]


def _made_up():
    found, arrays = {}, {}
    random = np.random.default_rng(0)
    for number, name in enumerate(NAMES):
        arrays[f"real {name}"] = random.normal(size=(7, 2))
        critics = {critic: {"estimate": number + 10.0**k} for k, critic in enumerate(CRITICS)}
        found[name] = {"exact": 0.75 + number, "exact_error": 0.004, "critics": critics}
        for k, critic in enumerate(CRITICS):
            arrays[f"surface {name} {critic}"] = 10.0**k * (number + 1) * np.linspace(-1, 1, 25).reshape(5, 5)
            arrays[f"slopes {name} {critic}"] = np.array([0.0, 1.0, 1.0, 1e9])
    return {"datasets": found, "critics": CRITICS, "reach": 3.0, "caption": "Words."}, arrays


def test_a_row_for_each_of_two_critics_and_their_slopes_below():
    values, arrays = _made_up()
    panels = value_surfaces.draw(values, arrays).subfigs[0].axes[:6]
    assert [axes.get_title() for axes in panels] == ["8 Gaussians", "Swiss roll", "", "", "", ""]
    assert [axes.get_ylabel() for axes in panels] == ["flat", "", "steep", "", "share", ""]
    assert [axes.get_xlabel() for axes in panels[:4]] == [
        "estimate 1\nexact distance 0.750 ± 0.004",
        "estimate 2\nexact distance 1.750 ± 0.004",
        "estimate 10\nexact distance 0.750 ± 0.004",
        "estimate 11\nexact distance 1.750 ± 0.004",
    ]
    for axes, name in zip(panels[:4], NAMES * 2, strict=True):
        assert axes.get_xlim() == axes.get_ylim() == (-3, 3)
        np.testing.assert_array_equal(axes.collections[-1].get_offsets(), arrays[f"real {name}"])


def test_a_row_has_one_scale_that_holds_all_of_it():
    values, arrays = _made_up()
    panels = value_surfaces.draw(values, arrays).subfigs[0].axes[:4]
    for row, reach in ((panels[:2], 2), (panels[2:4], 20)):
        (levels,) = {tuple(axes.collections[0].levels) for axes in row}
        assert -2 * reach < levels[0] <= -reach and reach <= levels[-1] < 2 * reach
        assert 8 <= len(levels) <= 17


def test_slopes_are_shares_on_a_log_axis_that_leaves_none_out():
    values, arrays = _made_up()
    below = value_surfaces.draw(values, arrays).subfigs[0].axes[4:6]
    for axes in below:
        assert axes.get_xscale() == "log" and axes.get_xlim() == (1e-6, 1e2)
        assert list(axes.lines[0].get_xdata()) == [1, 1]
        for stairs, critic in zip(axes.patches, CRITICS, strict=True):
            shares, edges, _ = stairs.get_data()
            assert stairs.get_label() == critic
            assert shares[0] == 0.25 and shares[-1] == 0.25 and shares.sum() == 1
            place = np.flatnonzero(shares == 0.5).item()
            assert edges[place] <= 1 + 1e-9 and edges[place + 1] >= 1 - 1e-9
    assert [text.get_text() for text in below[0].get_legend().get_texts()] == CRITICS
