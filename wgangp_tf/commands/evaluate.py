"""`evaluate`: how good samples are, by every metric that fits: a table, and a line in a file."""

import math
import os
import pathlib
import time

import numpy as np

from wgangp_tf import quiet, settings
from wgangp_tf.commands import environment, outputs
from wgangp_tf.commands import evaluate_subjects as subjects
from wgangp_tf.commands.flags import Flag, of
from wgangp_tf.config import check_range, parse_size
from wgangp_tf.console import say, show
from wgangp_tf.errors import UserError
from wgangp_tf.metrics import titles
from wgangp_tf.training import evaluation

SUMMARY = "measure how good the samples of a run, a SavedModel or a folder are"
_STORAGE = ("manual_dir", "download", "cache_dir", "max_bad_files", "inception_weights")
FLAGS = (
    Flag("run_dir", str, "flags", "a run, whose newest checkpoint is evaluated", path=True),
    Flag("step", str, "flags", "step of the run's checkpoint, or best; the newest where left out"),
    Flag("network", str, "flags", "the run's own module:function, needed where it has one"),
    Flag(
        "saved_model",
        str,
        "flags",
        "directory of a SavedModel; where nothing is named: the newest export of the runs in runs, else "
        "saved_models/digits",
        path=True,
    ),
    Flag("data_dir", str, "flags", "a folder of pictures, which are evaluated as they are", path=True, any_bytes=True),
    Flag(
        "against",
        str,
        "flags",
        "the real samples: a data set (see `list`), a folder of pictures, or a file as --data_file takes it; what the "
        "run or the SavedModel was trained on where left out",
        path=True,
        any_bytes=True,
    ),
    Flag("image_size", str, "flags", "64 or 48x80, that the pictures of folders are brought to; their own if left out"),
    Flag("metrics", str, "flags", "names with commas between (see `list`); all that fit where left out"),
    Flag("features", str, "flags", "what samples are compared by (see `list`); each metric's own where left out"),
    Flag("num_images", int, "flags", "generated samples; of a folder as many as it has", 10_000),
    Flag("seed", int, "flags", "of the generated samples", 1),
    Flag("repeats", int, "flags", "with so many seeds, from --seed on: mean and standard deviation", 1),
    Flag(
        "out",
        str,
        "flags",
        "a .jsonl file that the evaluation is added to; evaluations.jsonl of the run, or none, where left out",
        path=True,
    ),
    Flag(
        "nearest",
        str,
        "flags",
        "a .png file: generated pictures, each beside the training pictures nearest to it; nearest.png of the run, or "
        "none, where left out",
        path=True,
    ),
    *(flag for flag in of(settings.Storage) if flag.name in _STORAGE),
)
_SHOWN = 10  # generated pictures beside their neighbours
_TITLE = "nearest"  # of the picture
_USUAL = "nearest_training_distance_held_out"
_FEW_VALUES = 2**28  # of real samples: seconds to look through


def run(given, stop):
    """Evaluates samples and prints a table.

    Args:
      given: {flag: value}, without those left out.
      stop: `stopping.Stop` in force.

    Raises:
      UserError: a flag cannot be used, or there are too few samples.
    """
    del stop  # a signal ends it at once: a line is written whole or not at all
    values = _checked(given)
    storage = settings.Storage(**{name: given[name] for name in _STORAGE if name in given})
    subjects.check(given)
    other = subjects.against(values)
    subject = subjects.find(values, given, storage, other)
    if values["nearest"] is not None and subject.spec.kind != "images":
        raise UserError(f"--nearest is for pictures. Received: --nearest={given['nearest']} for {subject.spec.kind}")
    if subject.directory is not None and "out" not in given:
        _check_own_file(subject.directory.evaluations_file)
    real = subjects.real(subject, given, storage, other)
    quiet.start()
    from wgangp_tf.metrics import features

    options = features.options_of(storage)
    kept = _evaluated(subject, real, values, options)
    of_run = subject.directory
    out = values["out"] or (of_run and of_run.evaluations_file)
    if out is not None:
        evaluation.append(pathlib.Path(out), kept)
        print(out)
    nearest = values["nearest"] or (of_run and of_run.nearest_file)
    if nearest is not None and (values["metrics"] is None or values["nearest"] is not None):
        by = features.named(values["features"] or "plain", real.split, options)
        _draw_nearest(subject, real, by, kept, pathlib.Path(nearest), values["nearest"] is not None)


def _check_own_file(path):
    """Raises a UserError where the lines of a run's evaluations cannot be added to."""
    try:
        outputs.check_file(path, "out", added_to=True)
    except UserError as error:
        raise UserError(f"{str(path)!r} cannot be added to: --out=<a .jsonl file> puts the line elsewhere") from error


def _checked(given):
    """{flag: value} of all flags; raises a UserError for what can be refused before anything is loaded."""
    values = {flag.name: flag.default for flag in FLAGS} | given
    check_range("num_images", values["num_images"], 1, 1_000_000)
    check_range("seed", values["seed"], 0, 2**31 - 1)
    check_range("repeats", values["repeats"], 1, 1000)
    if values["image_size"] is not None:
        values["image_size"] = parse_size("image_size", values["image_size"])
    if values["out"] is not None:
        _check_out(pathlib.Path(values["out"]))
    if values["nearest"] is not None:
        _check_nearest(pathlib.Path(values["nearest"]), values)
    values["metrics"] = _names(values["metrics"])
    _check_features(given, values["metrics"])
    return values


def _evaluated(subject, real, values, options):
    """Measures the subject and prints its table; returns the evaluation as it is kept."""
    from wgangp_tf.metrics import features

    began = time.monotonic()
    judged = evaluation.Evaluation(
        real.split, samples=subject.count, names=values["metrics"], features=values["features"], options=options
    )
    _check_inception(judged, real, values, options)
    without = features.without_inception(real.split, options)
    by_features = any(used not in (None, "pixels") for used in judged.features.values())
    if values["features"] is None and by_features and without is not None:
        say(without)
    say(f"measuring {subject.count:,} samples of {subject.name} against {real.name}")
    means, deviations = judged.repeated(subject.blocks, values["seed"], values["repeats"], subject.labels)
    kept = evaluation.line(
        judged,
        means,
        deviations,
        by=evaluation.COMMAND,
        of=subject.name,
        step=subject.step,
        against=real.name,
        seed=values["seed"] if subject.drawn else None,
        repeats=values["repeats"],
        versions=environment.versions(),
        seconds=time.monotonic() - began,
    )
    for line in table(kept, judged.left_out, judged.few):
        show(line)
    return kept


def _check_inception(judged, real, values, options):
    """Raises a UserError for weights of Inception that nothing is measured or drawn by."""
    from wgangp_tf.metrics import features

    used = list(judged.features.values())
    if values["nearest"] is not None:
        used.append(features.chosen(values["features"] or "plain", real.split, options))
    if options.inception_weights is None or any(name and name.startswith("inception") for name in used):
        return
    raise UserError(
        "--inception_weights is for pictures, and metrics that compare them by the features of Inception, and nothing "
        f"here does. Received: --inception_weights={options.inception_weights}"
    )


def _names(text):
    """The metrics that are asked for, or None for all that fit."""
    from wgangp_tf.metrics import registry

    if text is None:
        return None
    names = [name.strip() for name in text.split(",")]
    for name in names:
        registry.find(name)
    return list(dict.fromkeys(names))


def _check_features(given, names):
    """Raises a UserError for features that there are not, or that nothing uses, before anything is loaded.

    Args:
      given: {flag: value} of the command line alone.
      names: of the metrics that are asked for; None for all that fit.
    """
    from wgangp_tf.metrics import features, registry

    if "features" in given:
        features.check_name(given["features"])
        if names and "nearest" not in given and all(registry.find(name).features is None for name in names):
            raise UserError(
                "--features is for metrics that compare samples by features, and none of these does: "
                f"{', '.join(names)}. Received: --features={given['features']}"
            )
    features.check_weights(given.get("inception_weights"), given.get("download", False))


def _check_out(out):
    """Raises a UserError where a line cannot be added to the file."""
    if out.suffix.lower() != ".jsonl":
        raise UserError(f"--out expects a .jsonl file in a directory that exists. Received: {str(out)!r}")
    outputs.check_file(out, "out", "a .jsonl file", added_to=True)
    if not out.exists():
        return
    damaged = []
    ours = out.is_file() and (out.stat().st_size == 0 or evaluation.read(out, damaged.append))
    for line in damaged if ours else ():
        say(line)
    if not ours:
        raise UserError(
            f"--out expects a new file, or one with evaluations. Received: {str(out)!r}, which holds something else"
        )


def _check_nearest(path, values):
    """Raises a UserError where the picture cannot go there."""
    from wgangp_tf.samples import drawing

    if path.suffix.lower() != ".png":
        raise UserError(f"--nearest expects a .png file in a directory that exists. Received: {str(path)!r}")
    outputs.check_file(path, "nearest", "a .png file")
    if path.exists() and not drawing.ours(path, _TITLE):
        raise UserError(
            f"--nearest expects a new file, or a picture that this program made. Received: {str(path)!r}, which is none"
        )
    for flag in ("data_dir", "against"):
        if values[flag] is not None and os.path.isdir(values[flag]):
            outputs.check_outside(path, "nearest", values[flag], f"the pictures of --{flag}")


def _draw_nearest(subject, real, by, kept, path, asked):
    """Draws generated pictures beside their nearest training ones, by features; `kept` is the evaluation's line.

    Where it was not asked for: not of what is no picture, nor of so many real ones that it takes long.

    Raises:
      UserError: it was asked for, and there are no pictures.
    """
    from wgangp_tf.figures import nearest
    from wgangp_tf.metrics import memorising
    from wgangp_tf.samples import drawing

    drawable = subject.spec.kind == "images" and len(real.split) * math.prod(subject.spec.shape) <= _FEW_VALUES
    if not asked and (not drawable or (os.path.lexists(path) and not drawing.ours(path, _TITLE))):
        return
    first = np.concatenate(list(subject.blocks(min(_SHOWN, subject.count), kept["seed"])))[:_SHOWN]
    near, distances = memorising.nearest_pictures(real.split, first, features=by)
    usual = kept.get(_USUAL) if kept["features"].get(_USUAL) == by.name else None
    drawing.write(path, nearest.draw(first, near, distances, features=by.name, usual=usual), _TITLE)
    say("a row is a generated picture, and right of it the real ones that it is nearest to:")
    print(path)


def table(kept, left_out, few):
    """An evaluation as lines of text.

    Args:
      kept: see `evaluation.line`.
      left_out: {metric: why it was not measured}.
      few: {metric: how many samples it should have}, of those that had fewer.
    """
    deviations = kept["std"]
    rows = [
        (
            _name(name, kept["features"][name]),
            f"{value:.4g}",
            _deviation(deviations, name),
            kept["features"][name] or "",
        )
        for name, value in evaluation.values(kept).items()
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)] if rows else [0, 0, 0]
    seeds = "" if kept["seed"] is None else f", seed {kept['seed']}"
    if kept["repeats"] > 1:
        seeds = f", seeds {kept['seed']} to {kept['seed'] + kept['repeats'] - 1}, mean ± standard deviation"
    yield f"{kept['of']}: {kept['samples']:,} samples{seeds}, against {kept['against']}"
    for name, value, deviation, features in rows:
        yield f"{name:<{widths[0]}}  {value:>{widths[1]}}  {deviation:<{widths[2]}}  {features}".rstrip()
    for name, enough in few.items():
        yield f"few samples: {name} says mostly how many there are, below {enough:,}"
    for name, reason in left_out.items():
        yield f"not measured: {name}; {reason}"


def _name(value, features):
    """The name of a value in files, and a well-known one where it has earned it."""
    plain, called = titles.title(value, None), titles.title(value, features)
    return value if called == plain else f"{value} ({called})"


def _deviation(deviations, name):
    return f"± {deviations[name]:.2g}" if name in deviations else ""
