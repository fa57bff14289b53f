"""`reproduce`: what cannot be made or drawn is one line."""

import json
import math
import pathlib

import numpy as np
import pytest

from wgangp_tf.errors import UserError
from wgangp_tf.experiments import registry
from wgangp_tf.figures import number_files
from wgangp_tf.settings import Storage


def test_what_cannot_be_made_is_refused(command, tmp_path):
    (tmp_path / "file").touch()
    for words, line in (
        ((), "reproduce expects --figure=<name>. Known: gradient_norms"),
        (("--figure=gradient_norm",), "Unknown figure 'gradient_norm'. Did you mean 'gradient_norms'?"),
        (("--figure=gradient_norms", "--redraw", "--out=d"), "--redraw expects the numbers of figure 'gradient_norms'"),
        (
            ("--figure=gradient_norms", "--out=file"),
            "--out expects a directory. Received: 'file', where 'file' is a file",
        ),
        (("--figure=all", "--out=file"), "--out expects a directory. Received: 'file', where 'file' is a file"),
        (
            ("--figure=all", "--redraw", "--out=file"),
            "--out expects a directory. Received: 'file', where 'file' is a file",
        ),
        (("--figure=samples", "--out=file/a/b"), "--out expects a directory. Received: 'file/a/b', where 'file' is"),
    ):
        status, _, err = command("reproduce", *words)
        assert status == 2 and err.startswith(f"error: {line}") and err.count("\n") == 1, words
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


def test_numbers_of_another_format_are_not_drawn(command, tmp_path):
    pathlib.Path("d").mkdir()
    pathlib.Path("d/numbers.json").write_text(json.dumps({"format": 99, "figure": "gradient_norms"}))
    np.savez("d/numbers.npz", a=np.zeros(1))
    status, _, err = command("reproduce", "--figure=gradient_norms", "--redraw", "--out=d")
    assert status == 2 and "expected to have format 2. Received: 99; make the numbers anew" in err


@pytest.mark.parametrize("name", ["samples.gif", "samples.png", "numbers.json", "index.html", "samples/samples.svg"])
def test_what_something_else_made_is_not_replaced(command, tmp_path, name):
    path = tmp_path / "d" / name
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    figure = "all" if name in ("index.html", "samples/samples.svg") else "samples"
    status, out, err = command("reproduce", f"--figure={figure}", "--small", "--out=d")
    assert (status, out) == (2, "") and err == (
        "error: --out expects a directory in which nothing has to be replaced but what reproduce made. "
        f"Received: 'd/{name}', which something else made\n"
    )
    assert path.read_text() == "{}" and len(list(path.parent.iterdir())) == 1


def test_what_a_figure_made_is_its_own(tmp_path):
    number_files.write(tmp_path, "samples", {}, {})
    (tmp_path / "samples.png").touch()
    assert number_files.foreign(tmp_path, "samples") is None
    assert number_files.foreign(tmp_path, "toy_samples") == tmp_path / "numbers.json"
    content = (tmp_path / "numbers.json").read_text()
    (tmp_path / "numbers.json").write_text(content[:60])  # damaged ones can be made anew
    assert number_files.foreign(tmp_path, "samples") is None
    (tmp_path / "numbers.json").unlink()
    assert number_files.foreign(tmp_path, "samples") == tmp_path / "numbers.npz"
    assert number_files.foreign(tmp_path / "new", "samples") is None


def test_a_data_set_is_prepared_before_any_training(command, tmp_path, monkeypatch):
    status, out, err = command("reproduce", "--figure=critic_loss", "--out=d", "--data_dir=empty")
    assert (status, out) == (2, "") and err.startswith("error: dataset 'mnist' is not prepared in 'empty/mnist/")
    assert err.count("\n") == 1

    prepared = []

    def load(data, storage):
        prepared.append((data.dataset, storage))
        if len(prepared) == 3:
            raise UserError("the last is not there")

    monkeypatch.setattr("wgangp_tf.data.registry.load", load)
    places = {"data_dir": "a", "manual_dir": "b", "download": True, "cache_dir": "c"}
    words = [f"--{flag}={str(value).lower()}" for flag, value in places.items()]
    status, _, err = command("reproduce", "--figure=all", "--out=d", *words)
    assert status == 2 and err == "error: the last is not there\n"
    assert {name for name, _ in prepared} == {"mnist", "cifar10", "lsun/bedroom"}
    assert all(storage == Storage(**places) for _, storage in prepared)
    assert not (tmp_path / "d").exists()


def test_a_folder_of_pictures_stands_for_the_bedrooms(command, monkeypatch):
    asked = []

    def load(data, storage):
        asked.append((data.dataset, data.image_size, storage.data_dir))
        raise UserError("seen")

    monkeypatch.setattr("wgangp_tf.data.registry.load", load)
    words = ("reproduce", "--figure=architectures", "--out=d", "--bedrooms=photos")
    for also in ((), ("--cache_dir=c",)):
        status, _, err = command(*words, *also)
        assert (status, err) == (2, "error: seen\n") and asked.pop() == ("folder", (64, 64), "photos")
    status, _, err = command(*words, "--data_dir=prepared")
    assert status == 2 and err.startswith("error: the full size of figure 'architectures' has no use for data_dir. Rec")


def test_where_data_lies_is_refused_where_none_is_needed(command, tmp_path):
    for words, line in (
        (("--figure=all", "--small", "--download"), "the small version of figure 'all' has no use for download. Rece"),
        (
            ("--figure=samples", "--data_dir=a"),
            "the full size of figure 'samples' has no use for data_dir. Received: -",
        ),
        (("--figure=critic_loss", "--bedrooms=a"), "the full size of figure 'critic_loss' has no use for bedrooms. Re"),
        (("--figure=critic_loss", "--redraw", "--data_dir=a"), "--redraw reads no data set. Received: --data_dir=a be"),
    ):
        status, _, err = command("reproduce", *words)
        assert status == 2 and err.startswith(f"error: {line}") and err.count("\n") == 1, words
    assert not list(tmp_path.iterdir())


_NORMS = {f"norms {name}": np.ones(13) for name in ("clipping 0.1", "penalty")}
_CHECK = {"name": "decades", "value": 2.0, "bound": "at most 1", "holds": False}
_VALUES = {"small": True, "caption": "Words.", "names": ["clipping 0.1", "penalty"], "checks": [_CHECK]}


@pytest.mark.parametrize(
    ("values", "arrays"),
    [
        *(
            ({key: value for key, value in _VALUES.items() if key != left_out}, _NORMS)
            for left_out in ("names", "checks", "caption")
        ),
        (_VALUES | {"names": ["another"]}, _NORMS),
        (_VALUES | {"names": 3}, _NORMS),
        (_VALUES | {"caption": None}, _NORMS),
        (_VALUES | {"checks": [_CHECK | {"value": "text"}]}, _NORMS),
        (_VALUES | {"checks": ["text"]}, _NORMS),
        (_VALUES, {}),
        (_VALUES, {key: np.array(["text"] * 13) for key in _NORMS}),
    ],
)
def test_numbers_that_are_not_those_of_the_figure_change_no_file(command, tmp_path, values, arrays):
    number_files.write("d", "gradient_norms", values, arrays)
    (tmp_path / "d" / "gradient_norms.png").write_text("before")
    status, out, err = command("reproduce", "--figure=gradient_norms", "--redraw", "--out=d")
    assert (status, out) == (2, "") and err.startswith("error: the numbers in 'd' cannot be drawn (")
    assert err.count("\n") == 1 and (tmp_path / "d" / "gradient_norms.png").read_text() == "before"
    assert len(list((tmp_path / "d").iterdir())) == 3


def test_what_a_figure_is_made_of_is_named_once_and_for_figure_samples(command, tmp_path):
    for words, line in (
        (("--figure=toy_samples", "--run_dir=r"), "--run_dir is for --figure=samples. Received: --run_dir=r and --fi"),
        (("--figure=all", "--saved_model=s"), "--saved_model is for --figure=samples. Received: --saved_model=s and -"),
        (
            ("--figure=samples", "--run_dir=r", "--saved_model=s"),
            "figure 'samples' expects one of --run_dir and --saved_model. Received: --run_dir=r --saved_model=s",
        ),
        (
            ("--figure=samples", "--run_dir=r", "--redraw"),
            "--redraw draws from the numbers that are there alone. Received: --run_dir=r beside it",
        ),
    ):
        status, _, err = command("reproduce", *words)
        assert status == 2 and err.startswith(f"error: {line}") and err.count("\n") == 1, words
    assert not list(tmp_path.iterdir())


def test_its_help_says_how_to_name_a_run(command):
    status, out, _ = command("reproduce", "--help")
    assert status == 0 and "--run_dir" in out and "a run to make figure samples of" in " ".join(out.split())


def test_numbers_of_another_size_than_asked_are_not_drawn(command, tmp_path):
    norms = {f"norms {name}": np.ones(13) for name in ("clipping 0.1", "penalty")}
    check = {"name": "decades", "value": math.inf, "bound": "at most 1", "holds": False}
    values = {"small": False, "caption": "Words.", "names": ["clipping 0.1", "penalty"], "checks": [check]}
    number_files.write("d/gradient_norms", "gradient_norms", values, norms)
    words = ("--figure=gradient_norms", "--redraw", "--out=d/gradient_norms")
    status, out, err = command("reproduce", *words, "--small")
    assert (status, out) == (2, "") and err == (
        "error: --redraw draws the numbers that are there, and those in 'd/gradient_norms' are of the full size. "
        "Received: --small=true beside it\n"
    )
    assert len(list((tmp_path / "d" / "gradient_norms").iterdir())) == 2
    for more in ((), ("--small=false",)):
        status, out, _ = command("reproduce", *words, *more)
        assert status == 0 and out.splitlines()[0] == "decades: not finite (at most 1) DOES NOT HOLD"

    # of all figures none is drawn where the numbers of one are not there
    (tmp_path / "d" / "gradient_norms" / "gradient_norms.png").unlink()
    status, out, err = command("reproduce", "--figure=all", "--redraw", "--out=d")
    assert (status, out) == (2, "") and "--redraw expects the numbers of figure 'weight_histograms'" in err
    assert not list(tmp_path.glob("d/*/*.png")) and err.count("\n") == 1


def test_all_figures_say_what_is_left(command, monkeypatch):
    monkeypatch.setattr("wgangp_tf.commands.reproduce._make", lambda *figure: None)
    monkeypatch.setattr("wgangp_tf.figures.page.write", lambda *page: None)
    _, out, err = command("reproduce", "--figure=all", "--small", "--out=d")
    minutes, names = [row.minutes for row in registry.FIGURES.values()], list(registry.FIGURES)
    for number, name in enumerate(names):
        line = f"figure {number + 1} of {len(names)}: {name} (0 minutes so far, about {sum(minutes[number:])} to go)"
        assert line in out + err
