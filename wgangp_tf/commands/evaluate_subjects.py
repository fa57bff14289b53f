"""What `evaluate` measures, and what against: from flags to samples."""

import dataclasses
import os
import pathlib
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from wgangp_tf import config as configs
from wgangp_tf import config_file, quiet, settings
from wgangp_tf.commands import generate
from wgangp_tf.commands.of_run import OfRun
from wgangp_tf.console import say
from wgangp_tf.data import registry as data_sets
from wgangp_tf.data.source import Split
from wgangp_tf.errors import UserError
from wgangp_tf.samples.spec import Spec, of_pictures
from wgangp_tf.training import evaluation, run_directory
from wgangp_tf.training.run import storage_of

_SUBJECTS = ("run_dir", "saved_model", "data_dir")
_OF_A_RUN = ("step", "network")
_BLOCK = 1024  # pictures of a folder read at a time


@dataclasses.dataclass(frozen=True)
class Subject:
    """Samples that are evaluated.

    Attributes:
      name: in words.
      spec: `samples.spec.Spec`.
      count: how many.
      blocks: callable (count, seed) -> iterable of arrays [n, *sample].
      step: of the checkpoint, or None.
      directory: of the run, or None.
      data: `config.Data` that it was trained on, or None where that is not known.
      storage: `settings.Storage`, where those data lie, or None.
    """

    name: str
    spec: Spec
    count: int
    blocks: Callable[[int, int], Iterable[np.ndarray]]
    step: int | None = None
    directory: run_directory.RunDirectory | None = None
    data: configs.Data | None = None
    storage: settings.Storage | None = None


@dataclasses.dataclass(frozen=True)
class Real:
    """Real samples.

    Attributes:
      name: in words.
      split: `data.source.Split`.
    """

    name: str
    split: Split


def find(values, given, storage):
    """The samples to evaluate.

    Args:
      values: {flag: value} of `evaluate`, defaults included.
      given: those on the command line alone.
      storage: `settings.Storage` of the flags.

    Raises:
      UserError: not one subject, or it cannot be read.
    """
    named = [flag for flag in _SUBJECTS if flag in given]
    if len(named) > 1:
        received = " ".join(f"--{flag}={given[flag]}" for flag in named)
        raise UserError(f"evaluate expects one of --run_dir, --saved_model and --data_dir. Received: {received}")
    for flag in _OF_A_RUN:
        if flag in given and named != ["run_dir"]:
            raise UserError(f"--{flag} is for --run_dir. Received: --{flag}={given[flag]} without it")
    if "image_size" in given and named != ["data_dir"]:
        raise UserError("--image_size is for the pictures of --data_dir. Received: --image_size without it")
    if named == ["run_dir"]:
        return _of_run(values)
    if named == ["data_dir"]:
        return _of_folder(values, given, storage)
    return _of_saved_model(values)


def _of_run(values):
    asked = OfRun(values["run_dir"], values["step"], values["network"])
    model = asked.model()

    from wgangp_tf.training import observers

    return Subject(
        name=f"run {asked.directory.path.name}, step {model.steps_done:,}",
        spec=asked.spec,
        count=values["num_images"],
        blocks=lambda count, seed: observers.generated_blocks(model, count, seed),
        step=model.steps_done,
        directory=asked.directory,
        data=asked.config.data,
        storage=storage_of(asked.directory),
    )


def _of_saved_model(values):
    directory, _ = generate.saved_model(values["saved_model"], None, who="evaluate")
    quiet.import_tensorflow()
    from wgangp_tf.serving.load import Generator

    generator = Generator(directory)
    card = generator.card
    return Subject(
        name=f"SavedModel {pathlib.Path(directory).name}",
        spec=generator.spec,
        count=values["num_images"],
        blocks=lambda count, seed: [generator.generate(count, seed)],
        step=card.get("step"),
        data=_data_of(card, directory),
    )


def _data_of(card, directory):
    """What a SavedModel was trained on, as its card says it."""
    config = card.get("config")
    return config_file.of_tree(config, f"the card of {directory}").data if isinstance(config, dict) else None


def _of_folder(values, given, storage):
    from wgangp_tf.data import native

    directory = values["data_dir"]
    if values["against"] is None:
        raise UserError("--data_dir expects --against=<data set or folder> beside it. Received: none")
    if values["repeats"] > 1 or "seed" in given:
        raise UserError("the pictures of a folder are those that there are. Received: --repeats or --seed beside them")
    what = _native(directory, values["image_size"])
    split, notes = native.everything(directory, what, dataclasses.replace(storage, cache="none"))
    for note in notes:
        say(note)
    count = given.get("num_images", len(split))
    if count > len(split):
        raise UserError(f"--num_images must be at most the {len(split):,} pictures of the folder. Received: {count:,}")
    rows = np.arange(len(split)) if count == len(split) else evaluation.some_rows(len(split), count)
    samples = split.samples
    return Subject(
        name=f"folder {os.fspath(directory)}",
        spec=of_pictures((*what.size, what.channels)),
        count=count,
        blocks=lambda count, _: (samples[part] for part in _parts(rows[:count])),
    )


def _parts(rows):
    return (rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK))


def _native(directory, size):
    """What the pictures of a folder are brought to: their own size where none is asked for."""
    from wgangp_tf.data import native

    return native.Native(size, 3) if size is not None else native.of_folder(directory)


def real(subject, values, storage):
    """The real samples for a subject.

    Args:
      subject: `Subject`.
      values: {flag: value} of `evaluate`.
      storage: `settings.Storage` of the flags.

    Raises:
      UserError: it is not known which, they cannot be had, or they are of another shape.
    """
    against = values["against"]
    if against is None:
        if subject.data is None:
            raise UserError(f"{subject.name} does not say what it was trained on; --against=<data set or folder> does")
        return _of_data(subject, subject.data, _merged(subject.storage, values) or storage)
    if os.path.isdir(os.path.expanduser(against)) or os.sep in against:
        return _of_other_folder(subject, os.path.expanduser(against), storage, values)
    row = data_sets.find(against)
    shaped: dict[str, Any] = {}
    if row.kind == "images" and not row.fixed_size:
        *size, channels = subject.spec.shape
        shaped = {"image_size": tuple(size), "channels": channels}
    return _of_data(subject, configs.Data(dataset=against, **shaped), storage)


def _merged(storage, values):
    """Where the data of a run lies, with what flags say of it; None where there is no run."""
    if storage is None:
        return None
    told = {field.name: values.get(field.name) for field in dataclasses.fields(storage) if field.name != "data_dir"}
    return dataclasses.replace(storage, **{name: value for name, value in told.items() if value})


def _of_data(subject, data, storage):
    if data.dataset == "folder" and storage.data_dir is None:
        raise UserError(f"{subject.name} was trained on a folder of pictures; --against=<that folder> says which")
    source = data_sets.load(data, storage)
    _check_shape(subject, source.spec, f"data set {source.name!r}")
    return Real(evaluation.in_words(source), evaluation.real_of(source))


def _of_other_folder(subject, directory, storage, values):
    from wgangp_tf.data import native

    what = _native(directory, values["image_size"])
    if what.size != subject.spec.shape[:2]:
        raise UserError(
            f"pictures of the same size are expected: {subject.name} has {_words(subject.spec.shape[:2])}. "
            f"Received: {_words(what.size)} in {directory!r}"
        )
    what = native.Native(what.size, subject.spec.shape[2])
    split, notes = native.everything(directory, what, storage)
    for note in notes:
        say(note)
    return Real(f"{len(split):,} pictures of folder {directory}", split)


def _check_shape(subject, spec, whose):
    if (spec.kind, spec.shape) != (subject.spec.kind, subject.spec.shape):
        raise UserError(
            f"samples of the same kind are expected: {subject.name} makes {subject.spec.kind} of "
            f"{_words(subject.spec.shape)}. Received: {whose} with {spec.kind} of {_words(spec.shape)}"
        )


def _words(shape):
    return "x".join(map(str, shape))
