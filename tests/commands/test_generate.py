"""`generate`: which generator it draws from, and what it writes over."""

import csv
import json
import os
import pathlib
import shutil
import types

import numpy as np
import pytest
from PIL import Image

from wgangp_tf.commands import generate, generate_files
from wgangp_tf.errors import UserError
from wgangp_tf.samples.columns import Columns
from wgangp_tf.samples.spec import Spec, of_shape
from wgangp_tf.serving import load

_ROOT = pathlib.Path(__file__).resolve().parents[2]


class _Generator:
    """Stands for a SavedModel: sample k is a picture of grey level 10 · k."""

    shape, dtype = (8, 8, 1), np.uint8
    card = {}
    conditional = False
    drawn = []

    def __init__(self, directory):
        self.drawn.append(str(directory))

    @property
    def spec(self):
        return of_shape(self.shape)

    def generate(self, count, seed):
        del seed
        return np.full([count, *self.shape], 10, self.dtype) * np.arange(count, dtype=self.dtype).reshape(
            [-1] + [1] * len(self.shape)
        )


@pytest.fixture
def drawn(monkeypatch):
    """Directories of the SavedModels that samples were drawn from."""
    monkeypatch.setattr(load, "Generator", _Generator)
    monkeypatch.setattr(_Generator, "drawn", [])
    return _Generator.drawn


@pytest.fixture
def draw(command, drawn, tmp_path):
    """Draws from a SavedModel: draw("--out=x") -> (status, output, errors)."""
    _saved_model(tmp_path / "model")
    return lambda *words: command("generate", "--saved_model=model", "--num_images=3", *words)


def _saved_model(path):
    path.mkdir(parents=True)
    (path / "saved_model.pb").touch()


def _run(path, exported=None, seconds=0):
    """A run directory, exported `seconds` after the beginning of time."""
    path.mkdir(parents=True)
    (path / "config.json").write_text("{}")
    if exported is not None:
        (path / "export.json").write_text(json.dumps({"export_dir": exported, "step": 1}))
        os.utime(path / "export.json", (seconds, seconds))


def test_samples_are_of_the_newest_run_that_has_an_export(command, drawn, tmp_path):
    _saved_model(tmp_path / "saved_models" / "digits")
    for number, seconds in enumerate((30, 50, 40)):
        _saved_model(tmp_path / f"model{number}")
        _run(tmp_path / "runs" / f"000{number}-x", f"model{number}", seconds)
    _run(tmp_path / "runs" / "0009-removed", "removed", 60)
    _run(tmp_path / "runs" / "0010-unfinished")
    status, out, err = command("generate")
    assert (status, out) == (0, "generated.png\n")
    assert err == "drawn from model1, the export of runs/0001-x, the newest run that has one\n"
    assert drawn == ["model1"]


def test_samples_are_of_the_run_that_is_named(command, drawn, tmp_path):
    for number in range(2):
        _saved_model(tmp_path / f"model{number}")
        _run(tmp_path / "runs" / f"000{number}-x", f"model{number}", number)
    status, _, err = command("generate", "--run_dir=runs/0000-x")
    assert status == 0
    assert err == "drawn from model0, the export of runs/0000-x\n"
    assert drawn == ["model0"]


def test_samples_are_of_the_published_generator_where_there_is_no_run(command, drawn, tmp_path):
    _saved_model(tmp_path / "saved_models" / "digits")
    _run(tmp_path / "runs" / "0001-x", "removed")
    status, _, err = command("generate")
    assert status == 0
    assert err == "drawn from saved_models/digits, which comes with the repository\n"
    assert drawn == ["saved_models/digits"]


def test_of_a_saved_model_that_is_named_nothing_is_said(draw, drawn):
    assert draw() == (0, "generated.png\n", "")
    assert drawn == ["model"]


def test_a_run_that_cannot_be_drawn_from_is_refused(command, drawn, tmp_path):
    _saved_model(tmp_path / "saved_models" / "digits")
    _run(tmp_path / "r")
    _run(tmp_path / "s", "removed")
    for words, said in {
        ("--run_dir=nowhere",): "--run_dir expects the directory of a run. Received: 'nowhere'",
        ("--run_dir=r",): "run 'r' has no export; `export --run_dir=r` makes one",
        ("--run_dir=s",): "run 's' has no export; `export --run_dir=s` makes one",
        ("--run_dir=r", "--saved_model=m"): "generate expects --saved_model or --run_dir, not both. Received: "
        "--run_dir=r beside --saved_model=m",
    }.items():
        assert command("generate", *words) == (2, "", f"error: {said}\n")
    assert drawn == []


def test_pictures_of_ours_are_replaced(draw, tmp_path):
    assert draw("--out=a.png") == draw("--out=a.png") == (0, "a.png\n", "")
    assert draw("--out=many")[0] == draw("--out=many")[0] == 0
    assert sorted(path.name for path in (tmp_path / "many").iterdir()) == ["000000.png", "000001.png", "000002.png"]


@pytest.mark.parametrize("out, place", [("a.png", "a.png"), ("b.PNG", "b.PNG"), ("many", "many/000001.png")])
def test_pictures_of_others_are_not_replaced(draw, drawn, tmp_path, out, place):
    picture = tmp_path / place
    picture.parent.mkdir(exist_ok=True)
    Image.fromarray(np.zeros([4, 4], np.uint8)).save(picture, "PNG")
    before = picture.read_bytes()
    said = f"--out expects a new file, one that generate made, or --overwrite. Received: '{place}', which another"
    status, _, err = draw(f"--out={out}")
    assert status == 2 and said in err
    assert drawn == [] and picture.read_bytes() == before
    assert draw(f"--out={out}", "--overwrite")[0] == 0
    assert picture.read_bytes() != before
    assert draw(f"--out={out}")[0] == 0  # and then it is ours


def test_files_that_are_no_pictures_are_not_replaced(draw, tmp_path):
    for content in (b"", b"notes", b"tEXtSoftware\0wgangp_tf"):
        (tmp_path / "a.png").write_bytes(content)
        status, _, err = draw("--out=a.png")
        assert status == 2 and "Received: 'a.png', which another program made" in err
        assert (tmp_path / "a.png").read_bytes() == content


def test_other_files_in_a_directory_stay(draw, tmp_path):
    (tmp_path / "many").mkdir()
    for name in ("000003.png", "notes.txt"):  # three samples are 000000 to 000002
        (tmp_path / "many" / name).write_text("mine")
    assert draw("--out=many")[0] == 0
    assert (tmp_path / "many" / "000003.png").read_text() == (tmp_path / "many" / "notes.txt").read_text() == "mine"


def test_an_array_of_whomever_is_not_replaced(draw, drawn, tmp_path):
    assert draw("--out=x.npy")[0] == 0
    status, _, err = draw("--out=x.npy", "--num_images=5")
    assert (status, err) == (
        2,
        "error: --out expects a new .npy file, or --overwrite. Received: 'x.npy', which exists\n",
    )
    assert len(drawn) == 1
    assert draw("--out=x.npy", "--num_images=5", "--overwrite")[0] == 0
    assert np.load(tmp_path / "x.npy").shape == (5, 8, 8, 1)


@pytest.mark.parametrize("name", ["v1.0", "old.png", "a.npy"])
def test_a_directory_may_have_a_dot_in_its_name(draw, tmp_path, name):
    (tmp_path / name).mkdir()
    assert draw(f"--out={name}")[0] == 0
    assert draw(f"--out=new/{name}.d/")[0] == 0
    for directory in (tmp_path / name, tmp_path / "new" / f"{name}.d"):
        assert len(list(directory.glob("00000?.png"))) == 3


def test_a_grid_may_be_called_png_in_capitals(draw, tmp_path):
    assert draw("--out=GRID.PNG")[0] == draw("--out=X.NPY")[0] == 0
    with Image.open(tmp_path / "GRID.PNG") as picture:
        assert picture.format == "PNG"
    assert np.load(tmp_path / "X.NPY").shape == (3, 8, 8, 1)


def test_a_place_that_cannot_be_is_refused(draw, drawn, tmp_path):
    (tmp_path / "file").touch()
    for out, said in {
        "a/b.png": "--out expects a file in a directory that exists. Received: 'a/b.png'",
        "file/b.npy": "--out expects a file in a directory that exists. Received: 'file/b.npy'",
        "b.jpg": "--out expects a .png, .npy, .npz or .csv file, or a directory. Received: 'b.jpg'",
        "file": "--out expects a directory. Received: 'file', where 'file' is a file",
        "file/a/b": "--out expects a directory. Received: 'file/a/b', where 'file' is a file",
    }.items():
        assert draw(f"--out={out}") == (2, "", f"error: {said}\n")
    assert drawn == []


def test_points_and_arrays_have_the_forms_they_have(draw, monkeypatch, tmp_path):
    monkeypatch.setattr(_Generator, "dtype", np.float32)
    monkeypatch.setattr(_Generator, "shape", (2,))
    assert draw("--out=points.png")[0] == draw("--out=points.npy")[0] == 0
    said = "--out expects a .png, .npy, .npz or .csv file for points. Received: 'many'"
    assert draw("--out=many")[2] == f"error: {said}\n"
    monkeypatch.setattr(_Generator, "shape", (7,))
    assert draw("--out=waves.npy")[0] == 0
    assert draw("--out=waves.png")[0] == 0
    said = "--out expects a .png, .npy, .npz or .csv file for samples of shape (7,). Received: 'many'"
    assert draw("--out=many")[2] == f"error: {said}\n"
    monkeypatch.setattr(_Generator, "shape", (7, 3))
    assert "expects a .png, .npy or .npz file for samples of shape (7, 3). Rec" in draw("--out=waves.csv")[2]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "model",
        "points.npy",
        "points.png",
        "waves.npy",
        "waves.png",
    ]


@pytest.mark.parametrize(
    "samples, suffix",
    [
        ({}, ".png"),
        ({"kind": "images", "shape": [8, 8, 1]}, ".png"),
        ({"kind": "points", "shape": [2]}, ".png"),
        ({"kind": "arrays", "shape": [3]}, ".npy"),
        ({"kind": "arrays", "shape": [3], "features": ["a", "b", "c"]}, ".csv"),
        ({"kind": "arrays", "shape": [4, 3], "features": ["a", "b", "c"]}, ".npy"),
        ({"kind": "arrays", "shape": [3, 1], "channel_axis": False, "features": ["a", "b", "c"]}, ".csv"),
        ({"kind": "arrays", "shape": [4, 3, 1], "channel_axis": False, "features": ["a", "b", "c"]}, ".npy"),
    ],
)
def test_where_no_file_is_named_the_samples_say_which(draw, tmp_path, samples, suffix):
    card = tmp_path / "model" / "assets.extra" / "card.json"
    card.parent.mkdir()
    card.write_text(json.dumps({"samples": samples}))
    assert generate_files.usual({"samples": samples}) == suffix
    if suffix != ".csv":  # the stand-in draws pictures
        assert draw()[:2] == (0, f"generated{suffix}\n")


def test_tables_and_named_arrays(draw, monkeypatch, tmp_path):
    monkeypatch.setattr(_Generator, "dtype", np.float32)
    monkeypatch.setattr(_Generator, "shape", (2,))
    for name in ("x.csv", "x.npz"):
        assert draw(f"--out={name}")[:2] == (0, f"{name}\n")
        assert (
            f"--out expects a new {name[1:]} file, or --overwrite. Received: '{name}', which"
            in draw(f"--out={name}")[2]
        )
    assert (tmp_path / "x.csv").read_text() == "0.0,0.0\n10.0,10.0\n20.0,20.0\n"
    with np.load(tmp_path / "x.npz") as archive:
        np.testing.assert_array_equal(archive["points"], [[0, 0], [10, 10], [20, 20]])
    monkeypatch.setattr(_Generator, "card", {"config": {"data": {"array": "mine"}}})
    assert draw("--out=x.npz", "--overwrite")[0] == 0
    with np.load(tmp_path / "x.npz") as archive:
        assert archive.files == ["mine"]


@pytest.mark.parametrize(
    "features, data, header, name",
    [
        ((), {"dataset": "shapes", "labels": "auto"}, "0,1,label", "labels"),
        ((), {"dataset": "array", "labels": "2"}, "0,1,label", "2"),
        (("a", "b"), {"dataset": "array", "labels": "kind"}, "a,b,kind", "kind"),
        (("a", "b"), {"dataset": "array", "labels": "samples"}, "a,b,samples", "labels"),
    ],
)
@pytest.mark.parametrize("asked", [True, False])
def test_files_of_arrays_have_the_classes_of_their_samples(tmp_path, features, data, header, name, asked):
    generator = types.SimpleNamespace(
        spec=Spec("arrays", (2,), classes=("x", "y, z"), class_frequencies=(0.5, 0.5), features=features),
        card={"config": {"data": data}},
        conditional=True,
        labels_of=lambda count, seed: np.full(count, seed),
    )
    columns = Columns((1, 0), ("y, z", "x"), count=3) if asked else None
    labels = generate_files.labels(generator, 3, 1, columns)
    kinds = ["y, z", "x" if asked else "y, z", "y, z"]
    samples = np.float32([[0, 0.1], [1, 2], [3, 4]])
    for form in (".csv", ".npz"):
        generate_files.FORMS[form].write(samples, generator, tmp_path / f"x{form}", columns, labels)
    with open(tmp_path / "x.csv", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [header.split(","), ["0.0", "0.1", kinds[0]], ["1.0", "2.0", kinds[1]], ["3.0", "4.0", kinds[2]]]
    with np.load(tmp_path / "x.npz") as archive:
        assert archive.files == ["samples", name] and archive[name].tolist() == kinds
        np.testing.assert_array_equal(archive["samples"], samples)


def test_classes_that_are_not_known_are_left_out():
    generator = types.SimpleNamespace(spec=Spec("arrays", (2,)), conditional=False)
    assert generate_files.labels(generator, 3, 0, None) is None
    generator = types.SimpleNamespace(spec=Spec("arrays", (2,), classes=("x", "y")), conditional=True)
    assert generate_files.labels(generator, 3, 0, None) is None
    assert generate_files.labels(generator, 3, 0, Columns((1,), ("y",), count=3)).tolist() == ["y"] * 3


def test_the_published_generator_draws(command, tmp_path):
    shutil.copytree(_ROOT / "saved_models" / "digits", tmp_path / "saved_models" / "digits")
    assert command("generate", "--num_images=4", "--seed=5", "--out=four.npy")[0] == 0
    assert command("generate", "--num_images=4", "--seed=5", "--out=four")[0] == 0
    samples = np.load(tmp_path / "four.npy")
    assert samples.shape == (4, 8, 8, 1) and samples.dtype == np.uint8 and samples.std() > 20
    for number, sample in enumerate(samples):
        with Image.open(tmp_path / "four" / f"{number:06d}.png") as picture:
            assert picture.text == {"Software": "wgangp_tf", "Title": "generated"}
            np.testing.assert_array_equal(np.asarray(picture), sample[..., 0])


def test_the_flags_have_the_defaults_that_help_shows(draw, tmp_path):
    defaults = {flag.name: flag.default for flag in generate.FLAGS if flag.default is not None}
    assert defaults == {"num_images": 64, "seed": 0, "overwrite": False}


@pytest.mark.parametrize(
    "text, names, labels",
    [
        ("1", ("a", "b"), [1]),
        ("1", ("1", "2", "3"), [0]),
        ("b,a", ("a", "b"), [1, 0]),
        ("b,a", ("a", "b,a"), [1]),
        ("all", ("a", "b"), [0, 1]),
        ("all", ("a", "all"), [1]),
    ],
)
def test_classes_by_name(text, names, labels):
    found = generate._columns(types.SimpleNamespace(classes=names), text, len(labels))
    assert found.labels == tuple(labels) and found.of_samples.tolist() == labels


@pytest.mark.parametrize("names", [("1", "2", "3"), ("-1", "a", "b"), ("0.5", "a", "b")])
def test_a_number_is_no_place_where_a_class_is_called_by_one(names):
    with pytest.raises(UserError, match=r"Unknown class '0'.* Known: [^.]*(\.5[^.]*)?\.$"):
        generate.label_of("0", names)


def test_where_numbers_name_classes_too_an_unknown_one_is_told_so():
    with pytest.raises(UserError, match="Known: a, b, c. A number from 0 to 2 names one too.$"):
        generate.label_of("3", ("a", "b", "c"))
