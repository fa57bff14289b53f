"""Tiny runs of the command line, and what they leave."""

import functools
import json
import pathlib
import sys

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from wgangp_tf import cli, settings
from wgangp_tf import config as configs
from wgangp_tf.data import registry

_random = np.random.default_rng(0)
DARK, BRIGHT = (_random.integers(low, low + 100, [12, 16, 3]).astype(np.uint8) for low in (20, 140))
POWERS, GREY = [2**k for k in range(8)], 200  # of a sum of the powers it is known which they are

# of networks known in advance
SMALL = {
    "network": "tests.wiring.networks:constant",
    "latent_dim": 2,
    "optimizer": "sgd",
    "learning_rate": 0.02,
    "n_critic": 2,
    "batch_size": 4,
    "steps": 3,
    "learning_rate_decay": "none",
    "ema_decay": 0.0,
}
STILL = SMALL | {"learning_rate": 1e-12}  # which moves no weight of float32
# of the package's own networks
DENSE = STILL | {
    "dataset": "digits",
    "network": "mlp",
    "width": 6,
    "latent_dim": 5,
    "n_critic": 1,
    "generator_normalization": "none",
    "critic_normalization": "none",
    "sample_every": 1,
}


class Lab:
    """A place for runs; the same flags twice are one run."""

    def __init__(self, place):
        self.place = place
        self._runs = {}

    def run(self, **flags):
        """The run of some flags, trained to its end: {name: value}, where True is a flag without a value."""
        key = json.dumps(flags, sort_keys=True)
        if key not in self._runs:
            name = f"{len(self._runs):03}"
            run = Run(self.place / "runs" / name, self.place / "models" / name)
            if flags.get("dataset") == "folder":
                flags["cache_dir"] = self.place / "cache"
            run.words = self.command("train", **{"log_every": 1} | flags, run_dir=run.path, export_dir=run.saved_model)
            self._runs[key] = run
        return self._runs[key]

    def command(self, word, **flags):
        """One command, as if typed, which must end well; returns its words."""
        words = [f"--{name}" if value is True else f"--{name}={value}" for name, value in flags.items()]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["main.py", word, *words])
            assert cli.main(sys.argv) == 0
        return [word, *words]

    @functools.cached_property
    def photos(self):
        """Flags of eleven training pictures that are all `DARK`, and a held-out one, `BRIGHT`: 12x16, colour."""
        return self.folder("photos", [DARK] * 11, [BRIGHT], image_size="6")

    @functools.cached_property
    def greys(self):
        """Flags of eight training pictures of `POWERS` and a held-out one of `GREY`: 4x4, grey."""
        train, held_out = ([np.full([4, 4], level, np.uint8) for level in levels] for levels in (POWERS, [GREY]))
        return self.folder("greys", train, held_out, image_size="4", channels=1)

    def folder(self, name, train, held_out, **flags):
        """A folder of pictures, written so that the data set trains on the first and holds out the others.

        Args:
          name: of the folder.
          train, held_out: lists of uint8 [height, width] or [height, width, 3].
          **flags: to go with it.

        Returns:
          {flag: value}.
        """
        place = self.place / name
        place.mkdir()
        # what is held out is decided by the names: first each picture says its number, then it shows what it should
        numbers = range(len(train) + len(held_out))
        _write(place, {number: np.full([4, 4], number, np.uint8) for number in numbers})
        source = load(dataset="folder", data_dir=place, image_size=(4, 4), channels=1)
        trained, left = (split.samples[:][:, 0, 0, 0].tolist() for split in (source.train, source.validation))
        _write(place, dict(zip(trained, train, strict=True)) | dict(zip(left, held_out, strict=True)))
        return {"dataset": "folder", "data_dir": str(place), **flags}


def _write(place, pictures):
    for number, picture in pictures.items():
        Image.fromarray(picture).save(place / f"{number:03}.png")


def load(data_dir=None, **values):
    """The data set as the package reads it."""
    storage = settings.Storage(data_dir=data_dir and str(data_dir), cache="memory")
    return registry.load(configs.Data(**values), storage)


class Run:
    """What a run left."""

    def __init__(self, path, saved_model):
        self.path, self.saved_model = pathlib.Path(path), pathlib.Path(saved_model)

    @functools.cached_property
    def lines(self):
        """The events of metrics.jsonl."""
        return [json.loads(line) for line in (self.path / "metrics.jsonl").read_text().splitlines()]

    def logged(self, name):
        """One number over the steps, float64 [steps]."""
        return np.array([line[name] for line in self.lines])

    def read(self, name):
        """The content of a JSON file."""
        return json.loads((self.path / name).read_text())

    def picture(self, name):
        """The pixels of a picture in samples/."""
        return np.asarray(Image.open(self.path / "samples" / f"{name}.png"))

    def parameters(self, network):
        """How many numbers the "generator" or the "critic" has in the newest checkpoint, moving statistics included."""
        return len(self.weights(network))

    def weights(self, network):
        """Those numbers, [count]."""
        newest = max((self.path / "checkpoints").glob("step-*"))
        (index,) = newest.glob("*.index")
        saved = tf.train.load_checkpoint(str(index.with_suffix("")))
        names = sorted(name for name in saved.get_variable_to_shape_map() if name.startswith(f"{network}/"))
        return np.concatenate([saved.get_tensor(name).ravel() for name in names])

    @functools.cached_property
    def signatures(self):
        self._model = tf.saved_model.load(str(self.saved_model))  # which must outlive its signatures
        return self._model.signatures

    def served(self, signature, **inputs):
        """What a signature of the SavedModel answers."""
        (output,) = self.signatures[signature](**{name: tf.constant(value) for name, value in inputs.items()}).values()
        return output.numpy()
