"""A data set of CelebA's shape, made by tensorflow-datasets' own builder from originals that are made here."""

import contextlib
import io
import pathlib
import zipfile
from unittest import mock

import numpy as np
from PIL import Image

COUNT, TRAIN, VALIDATION = 64, 48, 8


def write_originals(folder, seed=0):
    """The five original files, with 64 pictures: picture k is 3k grey, but red above and below the centred square."""
    from tensorflow_datasets.datasets.celeb_a import celeb_a_dataset_builder as celeb_a

    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"{k:06}.jpg" for k in range(1, COUNT + 1)]
    with zipfile.ZipFile(folder / "img_align_celeba.zip", "w") as archive:
        for k, name in enumerate(names):
            picture = np.zeros((218, 178, 3), np.uint8)
            picture[:, :] = (255, 0, 0)
            picture[20:198] = 3 * k + seed
            buffer = io.BytesIO()
            Image.fromarray(picture).save(buffer, "JPEG", quality=95)
            archive.writestr(f"img_align_celeba/{name}", buffer.getvalue())

    def table(file, headings, row):
        head = f"{COUNT}\n{' '.join(headings)}\n" if headings else ""
        (folder / file).write_text(head + "".join(f"{name} {row(k)}\n" for k, name in enumerate(names)))

    table("list_eval_partition.txt", None, lambda k: 0 if k < TRAIN else 1 if k < TRAIN + VALIDATION else 2)
    table("identity_CelebA.txt", None, lambda k: k + 1)
    table("list_attr_celeba.txt", celeb_a.ATTR_HEADINGS, lambda k: " ".join(["-1"] * 40))
    table("list_landmarks_align_celeba.txt", celeb_a.LANDMARK_HEADINGS, lambda k: " ".join(["1"] * 10))
    return folder


@contextlib.contextmanager
def accepted(folder):
    """Makes tfds take the files of a folder for the originals."""
    import tensorflow_datasets as tfds
    from tensorflow_datasets.core.download.checksums import compute_url_info

    builder = tfds.builder_cls("celeb_a")
    infos = {url: compute_url_info(pathlib.Path(folder) / info.filename) for url, info in builder.url_infos.items()}
    with mock.patch.object(builder, "url_infos", infos):
        yield
