"""Figures: their numbers on what is known by hand, what is kept of them, and their pictures from files alone."""

import dataclasses
import html
import json

import keras
import numpy as np
import pytest

from wgangp_tf import presets
from wgangp_tf.errors import Diverged, UserError
from wgangp_tf.experiments import (
    architectures,
    convergence,
    critic_loss,
    deep_critics,
    gradient_norms,
    registry,
    samples,
    toy_samples,
    trainings,
    value_surfaces,
    weight_histograms,
)
from wgangp_tf.experiments.place import Numbers, Place, at_least, at_most, digest
from wgangp_tf.experiments.subject import Subject
from wgangp_tf.figures import drawing, number_files, page
from wgangp_tf.figures import gradient_norms as gradient_norms_picture
from wgangp_tf.gan import methods
from wgangp_tf.samples.spec import Spec
from wgangp_tf.stopping import Stop
from wgangp_tf.training import resolve


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path / "figure", True, lambda line: None, Stop())


def _critics():
    """Four made-up critics: one explodes, one vanishes, one is below everything, one is flat."""
    rng = np.random.default_rng(0)
    norms = {
        "clipping 0.1": np.logspace(4, 0, 13),
        "clipping 0.01": np.logspace(-15, 0, 13),
        "clipping 0.001": np.zeros(13),
        "penalty": np.ones(13),
    }
    weights = {name: np.sign(rng.normal(size=1000)) * float(name.split()[1]) for name in list(norms)[:3]}
    weights["penalty"] = rng.normal(size=1000)
    return {name: {"gradient_norms": norms[name], "weights": weights[name]} for name in norms}


def test_gradients_of_a_critic_of_diagonal_layers():
    # the gradient at a layer's output is the product of the layers after it: 3 · 2, 3, 1; over two samples of ±1/1
    layers = [keras.layers.Dense(2, "relu"), keras.layers.Dense(2, "relu"), keras.layers.Dense(1)]
    critic = keras.Sequential([keras.Input((2,)), *layers])
    for layer, kernel in zip(layers, (np.eye(2), 2 * np.eye(2), [[3.0], [0.0]]), strict=True):
        layer.set_weights([np.asarray(kernel), np.zeros(layer.units)])
    found = deep_critics.gradient_norms(critic, np.ones([1, 2], np.float32), np.ones([1, 2], np.float32))
    np.testing.assert_allclose(found, np.sqrt(2) * np.array([6.0, 3.0, 1.0]))


def test_decades_between_the_first_layer_and_the_last():
    assert gradient_norms.decades_over_depth(np.array([1e3, 7.0, 1.0])) == pytest.approx(3)
    assert gradient_norms.decades_over_depth(np.array([1e-5, 1.0])) == pytest.approx(-5)


def test_each_critic_has_a_line_that_says_whether_its_gradient_grows_or_shrinks(place, monkeypatch):
    monkeypatch.setattr(deep_critics, "measured", lambda place: _critics())
    assert gradient_norms.measure(place).lines == (
        "clipping 0.1: grows by 4.0 decades towards the first layer, from 1 to 1e+04",
        "clipping 0.01: shrinks by 15.0 decades towards the first layer, from 1 to 1e-15",
        "clipping 0.001: 0 at the score, and exactly 0 at the first layer",
        "penalty: grows by 0.0 decades towards the first layer, from 1 to 1",
    )


def test_no_gradient_is_drawn_where_it_is_not():
    norms = np.array([0.0, 1e-60, 1e-30, 1.0])
    axes = gradient_norms_picture.draw({"names": ["a"], "caption": "Words."}, {"norms a": norms}).subfigs[0].axes[0]
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), [np.nan, 1e-60, 1e-30, 1.0])
    assert axes.get_ylim()[0] < 1e-60


def test_each_critic_has_a_line_and_each_bound_its_share_in_the_caption(place, monkeypatch):
    critics = _critics()
    critics["clipping 0.1"]["weights"] = np.repeat([0.1, 0.05], [47, 53])
    monkeypatch.setattr(deep_critics, "measured", lambda place: critics | {"penalty": {"weights": np.arange(-4, 5)}})
    numbers = weight_histograms.measure(place)
    assert numbers.lines == (
        "clipping 0.1: 47.000% of the weights within 5 % of the bound, 0.1",
        "clipping 0.01: 100.000% of the weights within 5 % of the bound, 0.01",
        "clipping 0.001: 100.000% of the weights within 5 % of the bound, 0.001",
        "penalty: 22.222% of the weights within 5 % of the largest, 4",
    )
    assert "47% at c = 0.1, 100% at c = 0.01 and 100% at c = 0.001 lie within" in numbers.caption


def test_share_of_weights_near_the_bound():
    assert weight_histograms.share_near(np.array([0.1, -0.096, 0.094, 0.0]), 0.1) == 0.5


def _toy_training(place, data_set, name):
    curves = np.array([[k, k, 25, 0.9, 0.1] for k in range(16)], float)
    return {"curves": curves, "points": np.zeros([16, 4, 2]), "real": np.ones([4, 2]), "floor": np.array(0.05)}


def _curve(place, name):
    coverage = {"clipping": 0.8, "penalty, Adam": 0.9}.get(name, 0.85)
    return np.array([[100.0 + k, 10.0, 0.5, 0.5, 0.5, coverage] for k in range(3)])


def _architecture(place, architecture, method):
    pictures = np.zeros([16, 8, 8, 3], np.uint8)
    values = {"distance": 0.3, "precision": 0.5, "coverage": 0.5}
    return {"samples": pictures, "real": pictures, "diverged": False, **values}


def _optimal_critic(place, name, settings, make, beside=()):
    if name.startswith("exact-"):
        counts = np.array([500, 1000, 2000, 4000])
        return {"counts": counts, "distances": 0.7 + counts**-0.5, "real": np.ones([4, 2])}
    numbers = {"estimate": np.array(0.71), "penalty": np.array(0.01), "slopes": np.full(20, 1.02)}
    return numbers | {"surface": np.linspace(-1, 1, 64).reshape(8, 8)}


def _curves_that_part(place, name, given):
    steps = np.arange(20, 3001, 20)
    return {"steps": steps, "training": np.ones(150), "held_out": 1 - steps / 6000}


def _subject(place):
    def make(latents):
        return np.zeros([len(latents), 2, 2, 1], np.uint8)

    return Subject("a made-up generator", Spec("images", (2, 2, 1), encoding="uint8"), 3, make, None)


# for each figure what takes the place of its trainings: (module, name, function)
_MADE_UP = {
    "gradient_norms": (deep_critics, "measured", lambda place: _critics()),
    "weight_histograms": (deep_critics, "measured", lambda place: _critics()),
    "toy_samples": (toy_samples, "_part", _toy_training),
    "convergence": (convergence, "_curve", _curve),
    "architectures": (architectures, "_part", _architecture),
    "value_surfaces": (Place, "part", _optimal_critic),
    "critic_loss": (critic_loss, "_curves", _curves_that_part),
    "samples": (samples, "_subject", _subject),
}


@pytest.mark.parametrize("figure", registry.FIGURES)
def test_a_figure_is_drawn_from_its_files_alone(figure, place, monkeypatch):
    monkeypatch.setattr(*_MADE_UP[figure])
    numbers = registry.experiment(figure).measure(place)
    assert all(check.holds for check in numbers.checks) and numbers.caption
    assert bool(numbers.checks) == (figure != "samples"), "it claims nothing, all others do"
    place.write(figure, numbers, {"python": "3"})
    paths = drawing.draw(place.path, figure)
    assert [path.name for path in paths] == [f"{figure}.png", f"{figure}.svg"]
    assert paths[0].read_bytes()[:4] == b"\x89PNG" and b"<svg" in paths[1].read_bytes()
    page.write(place.path / "index.html", {figure: place.path})
    assert page.ours(place.path / "index.html")
    text = (place.path / "index.html").read_text()
    assert "data:image/png;base64," in text and "http" not in text.replace("http-equiv", "")
    assert all(html.escape(line) in text for line in numbers.lines)
    with pytest.raises(UserError, match="expected to be of figure 'another'. Received"):
        number_files.read(place.path, "another")


def test_checks_hold_or_do_not():
    assert at_least("a", 3.0, 3).holds and not at_least("a", 2.9, 3).holds
    assert at_most("a", 1.0, 1).holds and not at_most("a", 1.1, 1).holds


def test_a_part_is_made_once_for_its_settings(place):
    made = []

    def make():
        made.append(1)
        return {"a": np.arange(3)}

    for settings, count in (({"steps": 1}, 1), ({"steps": 1}, 1), ({"steps": 2}, 2)):
        np.testing.assert_array_equal(place.part("critic", settings, make)["a"], [0, 1, 2])
        assert len(made) == count
    beside = Place(place.path.parent / "other", True, print, Stop())
    beside.part("critic", {"steps": 1}, make, beside=("figure",))
    assert len(made) == 2, "found beside it"
    (file, *_) = (place.path / "parts").iterdir()
    file.write_bytes(file.read_bytes()[:20])
    assert number_files.read_arrays(file) is None, "a damaged part is made again"


@pytest.mark.slow
def test_a_training_of_a_figure_is_found_finished(place):
    given = {"dataset": "8gaussians", "width": 4, "batch_size": 8, "n_critic": 1, "steps": 2, "log_every": 1}
    with place.stop:
        first, source, directory = trainings.trained(place, "t", given)
        again, _, _ = trainings.trained(place, "t", given)
    assert first.steps_done == again.steps_done == 2 and source.name == "8gaussians"
    np.testing.assert_array_equal(first.generate(5, 1), again.generate(5, 1))
    assert directory.path.parent == place.path / "trainings-small" and directory.path.name.startswith("t-")
    # a model is built for one device, whatever the machine has
    settings = json.loads((directory.path / "environment.json").read_text())["settings"]
    assert settings["strategy"] == "one" and settings["deterministic"]

    with place.stop:  # other values, in a place where there is one of that name
        other, _, elsewhere = trainings.trained(place, "t", given | {"width": 5})
    assert elsewhere.path != directory.path and other.generator.count_params() != first.generator.count_params()


@pytest.mark.parametrize(("given", "where"), [({"preset": "mnist"}, "a"), ({"dataset": "digits"}, None)])
def test_the_data_of_a_training_lies_where_the_user_said(tmp_path, monkeypatch, given, where):
    def load(data, storage):
        raise _Asked(storage.data_dir, storage.cache_dir)

    monkeypatch.setattr("wgangp_tf.data.registry.load", load)
    place = Place(tmp_path, True, print, Stop(), storage={"data_dir": "a", "cache_dir": "c"})
    with pytest.raises(_Asked) as caught:
        trainings.trained(place, "t", given)
    assert caught.value.args == (where, "c")


def test_pictures_in_place_of_the_bedrooms_are_trained_on_as_these(tmp_path):
    place = Place(tmp_path, False, print, Stop(), bedrooms="photos")
    for method in ("wgan-gp", "dcgan"):
        given = architectures._given("gated", method, False)
        there, here = resolve.resolve(given), resolve.resolve(trainings.with_pictures(place, given))
        assert (here.data.dataset, here.data.image_size) == ("folder", (64, 64))
        assert here.model == there.model and here.optimization == there.optimization
    for given in (architectures._given("gated", "wgan", True), critic_loss._given("mnist", False)):
        assert trainings.with_pictures(place, given) is given


_TRAININGS = [
    *((deep_critics._given, (name, small)) for name in deep_critics.names() for small in (True, False)),
    *((convergence._given, (name, small)) for name in convergence.NAMES for small in (True, False)),
    *((critic_loss._given, (name, small)) for name in critic_loss.NAMES for small in (True, False)),
    *((toy_samples._given, ("25gaussians", name, small)) for name in ("wgan", "dcgan") for small in (True, False)),
    *((architectures._given, ("gated", name, small)) for name in ("wgan", "dcgan") for small in (True, False)),
]


@pytest.mark.parametrize(("given", "of"), _TRAININGS, ids=lambda value: str(value) if isinstance(value, tuple) else "")
def test_what_was_measured_for_users_is_not_a_figure_s(monkeypatch, given, of):
    found = resolve.resolve(given(*of))
    nothing = {name: dataclasses.replace(method, measured={}) for name, method in methods.METHODS.items()}
    monkeypatch.setattr(methods, "METHODS", nothing)
    assert resolve.resolve(given(*of)) == found


def test_critics_that_diverged_are_not_measured(place, monkeypatch):
    monkeypatch.setattr(trainings, "trained", lambda *_, **__: (None, None, None))
    with pytest.raises(Diverged, match="training 'clipping 0.1' diverged: its gradients and weights cannot"):
        gradient_norms.measure(place)
    assert not (place.path / "parts").exists()


class _Asked(Exception):
    pass


class _Asking(Place):
    """A place that says what its first part is kept under."""

    def part(self, name, settings, make, beside=()):
        raise _Asked(digest(settings))


# (module, what asks for a part of it, its constants that decide what is in the part)
_PARTS = {
    "architectures": (architectures, lambda p: architectures._part(p, "tanh", "wgan"), ("_COUNT", "_DRAWN")),
    "convergence": (convergence, lambda p: convergence._curve(p, convergence.ADAM), ("_COUNT", "_LOOKS")),
    "critic_loss": (critic_loss, critic_loss.measure, ("_TRAINING_SAMPLES",)),
    "deep_critics": (deep_critics, deep_critics.measured, ("_BATCH",)),
    "toy_samples": (
        toy_samples,
        lambda p: toy_samples._part(p, "25gaussians", "wgan-gp"),
        ("_LOOKS", "_COUNT", "_ASSIGNED", "_DRAWN"),
    ),
    "exact distances": (value_surfaces, value_surfaces.measure, ("_DRAWN",)),
    "optimal critics": (
        value_surfaces,
        lambda p: value_surfaces._critic(p, "swiss_roll", value_surfaces.PENALTY),
        ("_SIDE", "_REACH", "_PAIRS", "_TIMES"),
    ),
}


@pytest.mark.parametrize("part", _PARTS)
def test_a_part_is_made_anew_where_a_constant_that_shapes_it_is_another(place, monkeypatch, part):
    module, ask, constants = _PARTS[part]

    def asked():
        with pytest.raises(_Asked) as caught:
            ask(_Asking(place.path, True, lambda line: None, Stop()))
        return str(caught.value)

    found = [asked()]
    assert asked() == found[0]
    for name in constants:
        with monkeypatch.context() as patch:
            patch.setattr(module, name, getattr(module, name) + 1)
            found.append(asked())
    assert len(set(found)) == 1 + len(constants)


def test_what_a_preset_says_counts_and_not_its_name_alone(monkeypatch):
    given = {"preset": "toy_25gaussians_small"}
    before = trainings.settings(given)
    summary, values = presets.PRESETS["toy_25gaussians_small"]
    monkeypatch.setitem(presets.PRESETS, "toy_25gaussians_small", (summary, values | {"learning_rate": 7e-4}))
    assert trainings.settings(given)["config"]["optimization"]["learning_rate"] == 7e-4
    assert digest(trainings.settings(given)) != digest(before)


def test_the_page_shows_a_number_that_is_not_finite(place):
    place.write("gradient_norms", Numbers({}, {}, (at_most("share", np.inf, 1),), "Words."), {})
    page.write(place.path / "index.html", {"gradient_norms": place.path})
    row = "<tr><td>share</td><td>not finite</td><td>at most 1</td><td>"
    assert row in (place.path / "index.html").read_text()
