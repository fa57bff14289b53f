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
from wgangp_tf.data import array_files
from wgangp_tf.data import registry as data_sets
from wgangp_tf.data.source import Split
from wgangp_tf.errors import UserError
from wgangp_tf.samples.spec import Spec, of_pictures
from wgangp_tf.training import evaluation, run_directory
from wgangp_tf.training.run import storage_of

_SUBJECTS = ("run_dir", "saved_model", "data_dir")
_OF_A_RUN = ("step", "network")
_AGAINST = "--against"
# fields of `settings.Storage` that only their owner knows: (data set, what it was trained on)
_OWN = {"data_dir": ("folder", "folder of pictures"), "data_file": ("array", "file of arrays")}
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
      drawn: whether its samples depend on the seed; those of a folder are there.
      labels: callable (count, seed) -> int32 [count], the classes that `blocks` makes; None where it takes none.
    """

    name: str
    spec: Spec
    count: int
    blocks: Callable[[int, int], Iterable[np.ndarray]]
    step: int | None = None
    directory: run_directory.RunDirectory | None = None
    data: configs.Data | None = None
    storage: settings.Storage | None = None
    drawn: bool = True
    labels: Callable[[int, int], np.ndarray] | None = None


@dataclasses.dataclass(frozen=True)
class Real:
    """Real samples.

    Attributes:
      name: in words.
      split: `data.source.Split`.
    """

    name: str
    split: Split


@dataclasses.dataclass(frozen=True)
class Against:
    """What `--against` names, as far as it is known without TensorFlow.

    Attributes:
      data_set: name of a data set, or None.
      folder: path of a folder, or None.
      file: path of a file as --data_file takes it, or None.
      size: (height, width) that its pictures have or are brought to, or None.
    """

    data_set: str | None = None
    folder: str | None = None
    file: str | None = None
    size: tuple[int, int] | None = None

    def check(self, name, shape):
        """Raises a UserError where samples of a shape do not compare with the pictures of the folder."""
        if self.folder is not None and self.size != tuple(shape[:2]):
            raise UserError(
                f"--against expects pictures of the same size: {name} has {_words(shape[:2])}. "
                f"Received: {_words(self.size)} in {self.folder!r}"
            )


def against(values):
    """The `Against` of the flags, or None where there is none; takes no seconds.

    Args:
      values: {flag: value} of `evaluate`, defaults included.

    Raises:
      UserError: no such data set, or no folder with pictures of one size.
    """
    from wgangp_tf.data import listing, native

    named = values["against"]
    if named is None:
        return None
    if pathlib.Path(named).suffix.lower() in array_files.FORMATS and not os.path.isdir(named):
        return Against(file=named)
    if os.path.isdir(named) or os.sep in named:
        if values["image_size"] is not None:
            listing.list_pictures(named, _AGAINST)
            return Against(folder=named, size=values["image_size"])
        hint = "the generated ones have one" if values["data_dir"] is None else native.BROUGHT
        return Against(folder=named, size=native.of_folder(named, _AGAINST, hint).size)
    own = dict(_OWN.values())
    if named in own:
        raise UserError(f"{_AGAINST} expects the path of a {own[named]}. Received: {named!r}")
    try:
        data_sets.find(named)
    except UserError as error:
        raise UserError(
            f"{_AGAINST} expects a data set, or a folder of pictures or a file that is there. {error}"
        ) from error
    return Against(data_set=named)


def find(values, given, storage, other):
    """The samples to evaluate.

    Args:
      values: {flag: value} of `evaluate`, defaults included.
      given: those on the command line alone.
      storage: `settings.Storage` of the flags.
      other: `Against`, or None.

    Raises:
      UserError: not one subject, or it cannot be read.
    """
    named = check(given)
    if named == ["run_dir"]:
        return _of_run(values, other)
    if named == ["data_dir"]:
        return _of_folder(values, given, storage, other)
    return _of_saved_model(values, other)


def check(given):
    """The flags that name what to evaluate, a list of one or none; raises a UserError for flags that do not go with it.

    Args:
      given: {flag: value} of the command line alone.
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
    if named == ["data_dir"] and "against" not in given:
        raise UserError("--data_dir expects --against=<data set or folder> beside it. Received: none")
    return named


def _of_run(values, other):
    asked = OfRun(values["run_dir"], values["step"], values["network"])
    if other is not None:
        other.check(f"run {asked.directory.path.name}", asked.spec.shape)
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
        labels=observers.labels_of(model),
    )


def _of_saved_model(values, other):
    directory, _ = generate.saved_model(values["saved_model"], None, who="evaluate")
    quiet.start()
    from wgangp_tf.serving.load import Generator

    generator = Generator(directory)
    card, name = generator.card, f"SavedModel {pathlib.Path(directory).name}"
    if other is not None:
        other.check(name, generator.spec.shape)
    return Subject(
        name=name,
        spec=generator.spec,
        count=values["num_images"],
        blocks=lambda count, seed: [generator.generate(count, seed)],
        step=card.get("step"),
        data=_data_of(card, directory),
        labels=generator.labels_of if generator.conditional else None,
    )


def _data_of(card, directory):
    """What a SavedModel was trained on, as its card says it."""
    config = card.get("config")
    return config_file.of_tree(config, f"the card of {directory}").data if isinstance(config, dict) else None


def _of_folder(values, given, storage, other):
    from wgangp_tf.data import listing, native

    directory = values["data_dir"]
    if values["repeats"] > 1 or "seed" in given:
        raise UserError("the pictures of a folder are those that there are. Received: --repeats or --seed beside them")
    if values["image_size"] is None:
        what = native.of_folder(directory, "--data_dir")
    else:
        listing.list_pictures(directory, "--data_dir")
        what = native.Native(values["image_size"], 3)
    name = f"folder {os.fspath(directory)}"
    other.check(name, what.size)
    split, notes = native.everything(directory, what, dataclasses.replace(storage, cache="none"))
    for note in notes:
        say(note)
    count = given.get("num_images", len(split))
    if count > len(split):
        raise UserError(f"--num_images must be at most the {len(split):,} pictures of the folder. Received: {count:,}")
    rows = np.arange(len(split)) if count == len(split) else evaluation.some_rows(len(split), count)
    return Subject(
        name=name,
        spec=of_pictures((*what.size, what.channels)),
        count=count,
        blocks=lambda count, _: (split.samples[part] for part in _parts(rows[:count])),
        drawn=False,
    )


def _parts(rows):
    return (rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK))


def real(subject, given, storage, other):
    """The real samples for a subject.

    Args:
      subject: `Subject`.
      given: {flag: value} of the command line alone.
      storage: `settings.Storage` of the flags.
      other: `Against`, or None for what the subject was trained on.

    Raises:
      UserError: it is not known which, they cannot be had, or they are of another shape.
    """
    if other is None:
        if subject.data is None:
            raise UserError(f"{subject.name} does not say what it was trained on; --against=<data set or folder> does")
        _check_bad_files(subject.data, given)
        return _of_data(subject, subject.data, _merged(subject.storage, given) or storage)
    if other.folder is not None:
        _check_useless(("manual_dir", *([] if "inception_weights" in given else ["download"])), given, "a folder")
        return _of_other_folder(subject, other, storage)
    if other.file is not None:
        data = _of_file(subject, other.file)
        _check_bad_files(data, given)
        return _of_data(subject, data, dataclasses.replace(storage, data_file=other.file))
    row = data_sets.find(other.data_set)
    shaped: dict[str, Any] = {}
    if row.kind == "images" and not row.fixed_size:
        *size, channels = subject.spec.shape
        shaped = {"image_size": tuple(size), "channels": channels}
    data = configs.Data(dataset=other.data_set, **shaped)
    _check_bad_files(data, given)
    return _of_data(subject, data, storage)


def _check_bad_files(data, given):
    """Raises a UserError for --max_bad_files where no file is read that may be bad, on either side."""
    if "data_dir" not in given:
        named = {"max_bad_files": given["max_bad_files"]} if "max_bad_files" in given else {}
        data_sets.check_given(data, named)


def _check_useless(flags, given, what):
    """Raises a UserError for flags of other real samples than these."""
    for flag in flags:
        if given.get(flag):
            raise UserError(f"--{flag} is for data sets. Received: --{flag}={given[flag]} and {what} as --against")


def _of_file(subject, path):
    """The `config.Data` by which a file is read for a subject: its own, where it was trained on such a file.

    Samples are compared in the units of the data, so that no scale is asked of the file; labels are where it has them.
    """
    if subject.data is None or "data_file" not in data_sets.find(subject.data.dataset).places:
        return configs.Data(dataset="array", scale="none", channels_last=subject.spec.channel_axis)
    data = dataclasses.replace(subject.data, scale="none")
    try:
        array_files.look(path, data)
    except UserError:  # for its labels, else it is told when the file is read
        return dataclasses.replace(data, labels="none")
    return data


def _merged(storage, given):
    """Where the data of a run lies, with what flags say of it; None where there is no run."""
    if storage is None:
        return None
    names = {field.name for field in dataclasses.fields(storage)} - {"data_dir"}  # that flag is of the generated ones
    return dataclasses.replace(storage, **{name: given[name] for name in names if name in given})


def _of_data(subject, data, storage):
    for place, (data_set, words) in _OWN.items():
        if data.dataset == data_set and getattr(storage, place) is None:
            raise UserError(f"{subject.name} was trained on a {words}; --against=<that {words}> says which")
    source = data_sets.load(data, storage)
    _check_shape(subject, source.spec, f"data set {source.name!r}")
    _check_columns(subject, source.spec)
    conditional = subject.labels is not None and source.spec.classes == subject.spec.classes
    return Real(evaluation.in_words(source), evaluation.real_of(source, conditional))


def _of_other_folder(subject, other, storage):
    from wgangp_tf.data import native

    split, notes = native.everything(other.folder, native.Native(other.size, subject.spec.shape[2]), storage)
    for note in notes:
        say(note)
    return Real(f"{len(split):,} pictures of folder {other.folder}", split)


def _check_shape(subject, spec, whose):
    if (spec.kind, spec.shape) != (subject.spec.kind, subject.spec.shape):
        raise UserError(
            f"samples of the same kind are expected: {subject.name} makes {subject.spec.kind} of "
            f"{_words(subject.spec.shape)}. Received: {whose} with {spec.kind} of {_words(spec.shape)}"
        )


def _check_columns(subject, spec):
    """Raises a UserError for a table of other columns, or in another order, where both have names."""
    if not (subject.spec.features and spec.features):
        return
    for number, (ours, theirs) in enumerate(zip(subject.spec.features, spec.features, strict=True), start=1):
        if ours != theirs:
            raise UserError(
                f"a table with the columns of {subject.name} is expected, in their order: feature {number} is {ours!r}."
                f" Received: {theirs!r} in its place"
            )


def _words(shape):
    return "x".join(map(str, shape))
