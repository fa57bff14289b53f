"""What `evaluate` measures, and what against, from flags alone; whole evaluations are in test_evaluate."""

import numpy as np
import pytest
from PIL import Image

from wgangp_tf import config as configs
from wgangp_tf.commands import evaluate_subjects as subjects
from wgangp_tf.errors import UserError
from wgangp_tf.samples.spec import Spec, of_pictures
from wgangp_tf.settings import Storage
from wgangp_tf.training import evaluation


def _subject(**more):
    return subjects.Subject("SavedModel a", of_pictures((8, 6, 1)), 10, blocks=None, **more)


def test_some_pictures_of_a_folder_are_spread_over_it_and_not_kept(tmp_path):
    folder, cache = tmp_path / "a", tmp_path / "cache"
    folder.mkdir()
    pictures = np.random.default_rng(0).integers(0, 256, (30, 4, 5, 3)).astype(np.uint8)
    for number, picture in enumerate(pictures):
        Image.fromarray(picture).save(folder / f"{number:02}.png")
    values = {"data_dir": str(folder), "against": "digits", "image_size": None, "repeats": 1}
    drawn = {}
    for count in (30, 5):
        given = {"data_dir": str(folder), "against": "digits", "num_images": count}
        found = subjects.find(values, given, Storage(cache_dir=str(cache)), subjects.Against(data_set="digits"))
        assert (found.count, found.spec.shape, found.drawn) == (count, (4, 5, 3), False)
        drawn[count] = np.concatenate(list(found.blocks(count, 1)))
    assert sorted(map(bytes, drawn[30])) == sorted(map(bytes, pictures))
    np.testing.assert_array_equal(drawn[5], drawn[30][evaluation.some_rows(30, 5)])
    assert not cache.exists()


def test_what_is_not_known_of_the_real_samples_is_asked_for():
    with pytest.raises(UserError, match="SavedModel a does not say what it was trained on; --against=<data set or f"):
        subjects.real(_subject(), {}, Storage(), None)
    data = configs.Data(dataset="folder", image_size=(8, 6))
    with pytest.raises(UserError, match="SavedModel a was trained on a folder of pictures; --against=<that folder"):
        subjects.real(_subject(data=data), {}, Storage(), None)


def test_a_data_set_of_any_size_is_brought_to_that_of_the_samples(monkeypatch):
    class LoadedError(Exception):
        pass

    def load(data, storage):
        raise LoadedError(data.dataset, data.image_size, data.channels)

    monkeypatch.setattr(subjects.data_sets, "load", load)
    with pytest.raises(LoadedError) as caught:
        subjects.real(_subject(), {}, Storage(), subjects.Against(data_set="shapes"))
    assert caught.value.args == ("shapes", (8, 6), 1)


def test_the_data_of_a_run_lies_where_the_run_says_but_for_the_flags_that_are_given(monkeypatch):
    used = []

    def load(data, storage):
        used.append(storage)
        raise UserError("enough")

    monkeypatch.setattr(subjects.data_sets, "load", load)
    of_run = Storage(data_dir="d", cache_dir="c", max_bad_files=0.5, download=True)
    subject = _subject(data=configs.Data(dataset="digits"), storage=of_run)
    for given in ({}, {"max_bad_files": 0.0, "download": False, "cache_dir": "mine", "data_dir": "other"}):
        with pytest.raises(UserError, match="enough"):
            subjects.real(subject, given, Storage(), None)
    assert used == [of_run, Storage(data_dir="d", cache_dir="mine", max_bad_files=0.0)]


def _against_table(path, labels="none"):
    data = configs.Data(dataset="array", labels=labels, scale="standard", scale_axes="feature", channels_last=True)
    spec = Spec("arrays", (2,), ("a", "b") if labels != "none" else (), features=("width", "height"))
    subject = subjects.Subject("run a", spec, 10, blocks=None, data=data, labels=lambda count, seed: None)
    return subjects.real(subject, {}, Storage(), subjects.Against(file=str(path))).split


def test_a_table_of_other_columns_or_in_another_order_is_not_compared(tmp_path):
    for header, other in (("height,width", "height"), ("width,weight", "weight")):
        (tmp_path / "t.csv").write_text(header + "\n" + "1,2\n3,5\n" * 5)
        with pytest.raises(UserError) as error:
            _against_table(tmp_path / "t.csv")
        number, ours = (1, "width") if other == "height" else (2, "height")
        assert str(error.value) == (
            f"a table with the columns of run a is expected, in their order: feature {number} is {ours!r}. "
            f"Received: {other!r} in its place"
        )
    (tmp_path / "t.csv").write_text("1,2\n3,5\n" * 5)  # without names
    assert len(_against_table(tmp_path / "t.csv")) == 9


def test_a_table_needs_no_labels_and_no_scale(tmp_path):
    (tmp_path / "t.csv").write_text("width,height\n" + "1,7\n3,7\n" * 5)  # whose second feature does not change
    split = _against_table(tmp_path / "t.csv", labels="kind")
    assert split.labels is None and not split.conditional
    (tmp_path / "t.csv").write_text("width,kind,height\n" + "1,a,7\n3,b,7\n" * 5)
    split = _against_table(tmp_path / "t.csv", labels="kind")
    np.testing.assert_array_equal(split.labels, split.samples[:][:, 0] == 3)
    assert split.conditional
