import numpy as np

from wgangp_tf.figures import style, value_surfaces

SETS, CRITICS = ("8gaussians", "swiss_roll"), ("clipping at 0.01", "penalty, λ = 10", "penalty, λ = 0.1")


def drawn(**others):
    random = np.random.default_rng(0)
    arrays, found = {}, {}
    for place, name in enumerate(SETS):
        arrays[f"real {name}"] = random.normal(size=[30, 2])
        critics = {}
        for number, critic in enumerate(CRITICS):
            # level sets of the first critic span 0 … 0.02, of the second 0 … 2 on both sets together
            top = (0.01 * 100**number) * (place + 1)
            arrays[f"surface {name} {critic}"] = np.linspace(0, top, 25).reshape(5, 5)
            arrays[f"slopes {name} {critic}"] = np.float32([1e-9, 1.0, 1.0, 1e9])
            critics[critic] = {"estimate": 0.5 + number} | others
        found[name] = {"exact": 0.75 + place, "exact_error": 0.004, "critics": critics}
    values = {"datasets": found, "critics": list(CRITICS), "reach": 3.0, "caption": "Words."}
    return value_surfaces.draw(values, arrays), arrays


def test_level_sets_stand_under_real_points_with_estimate_and_distance():
    figure, arrays = drawn()
    axes = figure.subfigs[0].axes[:6]
    assert [a.get_title() for a in axes] == ["8 Gaussians", "Swiss roll", "", "", "", ""]
    assert [a.get_xlabel() for a in axes[:4]] == [
        "estimate 0.5\nexact distance 0.750 ± 0.004",
        "estimate 0.5\nexact distance 1.750 ± 0.004",
        "estimate 1.5\nexact distance 0.750 ± 0.004",
        "estimate 1.5\nexact distance 1.750 ± 0.004",
    ]
    assert [axes[k].get_ylabel() for k in (0, 2)] == list(CRITICS[:2]), "a row says its critic"
    for number, name in ((0, SETS[0]), (1, SETS[1]), (2, SETS[0]), (3, SETS[1])):
        points = axes[number].collections[-1]
        np.testing.assert_array_equal(points.get_offsets(), arrays[f"real {name}"])
        assert axes[number].get_xlim() == axes[number].get_ylim() == (-3, 3)


def test_a_row_has_one_scale_that_reaches_over_all_of_it():
    figure, _ = drawn()
    axes = figure.subfigs[0].axes
    for row, top in ((0, 0.02), (1, 2.0)):
        some, other = (axes[2 * row + k].collections[0] for k in (0, 1))
        np.testing.assert_array_equal(some.levels, other.levels)
        assert some.levels[0] <= 0 and top <= some.levels[-1] < 1.3 * top
    assert [bar.get_ylabel() for bar in axes[6:]] == ["D − mean D(real)"] * 2


def test_the_bars_are_shares_of_slopes_for_all_critics():
    figure, _ = drawn()
    axes = figure.subfigs[0].axes[4]
    assert [bars.get_label() for bars in axes.patches] == list(CRITICS)
    assert len({(bars.get_edgecolor(), bars.get_linestyle()) for bars in axes.patches}) == 3
    for bars in axes.patches:
        shares, edges, _ = bars.get_data()
        # what is off the axis is at its ends; the rest is where it is
        np.testing.assert_allclose((shares[0], shares[-1], shares.sum()), (0.25, 0.25, 1.0))
        (at,) = np.flatnonzero(shares[1:-1]) + 1
        assert shares[at] == 0.5 and edges[at] <= 1 + 1e-9 < edges[at + 1] * (1 + 1e-9)
        np.testing.assert_allclose(edges[[0, -1]], [1e-6, 1e2])
    assert list(axes.lines[0].get_xdata()) == [1.0, 1.0] and axes.lines[0].get_color() == style.BLACK
    assert axes.get_xscale() == "log" and axes.get_ylabel() == "share"


def test_an_estimate_that_is_not_finite_is_said():
    figure, _ = drawn(estimate=None)
    assert figure.subfigs[0].axes[0].get_xlabel() == "estimate not finite\nexact distance 0.750 ± 0.004"
