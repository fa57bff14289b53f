"""What `evaluate` measures, and what against, from flags alone; whole evaluations are in test_evaluate."""

import numpy as np
import pytest
from PIL import Image

from wgangp_tf import config as configs
from wgangp_tf.commands import evaluate_subjects as subjects
from wgangp_tf.errors import UserError
from wgangp_tf.samples.spec import of_pictures
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
