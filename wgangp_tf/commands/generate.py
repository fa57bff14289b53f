"""`generate`: a SavedModel → pictures, arrays or tables."""

import os
import pathlib
import re

from wgangp_tf import quiet
from wgangp_tf.commands import generate_files, outputs
from wgangp_tf.commands.flags import Flag
from wgangp_tf.config import check_range
from wgangp_tf.console import say
from wgangp_tf.errors import UserError, unknown_name
from wgangp_tf.serving import target
from wgangp_tf.training import run_directory

SUMMARY = "draw samples from a SavedModel"
FLAGS = (
    Flag("saved_model", str, "flags", "directory of the SavedModel", path=True),
    Flag(
        "run_dir",
        str,
        "flags",
        "a run, whose export is drawn from; where --saved_model is left out as well: the newest run in runs that has "
        "an export, else saved_models/digits",
        path=True,
    ),
    Flag("num_images", int, "flags", "how many; of classes that --label names 8 each where left out", 64),
    Flag("seed", int, "flags", "of the latents: sample k depends on (seed, k) alone", 0),
    Flag(
        "label",
        str,
        "flags",
        "of a conditional generator: a class by name, several with commas between, or all; a grid has a column for "
        "each. As often as in the data where left out",
    ),
    Flag(
        "out",
        str,
        "flags",
        "a .png file (a picture of all), a .npy or .npz file (the samples), a .csv file (vectors), or a directory (a "
        "PNG file each); generated.png where left out, of arrays generated.npy or, where columns have names, .csv",
        path=True,
    ),
    Flag("overwrite", bool, "flags", "replace files that generate did not make", False),
)
_PLACE = re.compile(r"[0-9]{1,100}")  # of a class
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?")  # what a class may be called
_PUBLISHED = pathlib.Path("saved_models") / "digits"


def run(given, stop):
    """Draws samples 0 … num_images − 1 of a seed, and prints where they are.

    Args:
      given: {flag: value}, without those left out.
      stop: `stopping.Stop` in force.

    Raises:
      UserError: a flag cannot be used.
    """
    del stop  # a signal ends it at once: what is half written has another name
    values = {flag.name: flag.default for flag in FLAGS} | given
    check_range("num_images", values["num_images"], 1, 100_000)
    check_range("seed", values["seed"], 0, 2**31 - 1)
    if values["out"] is not None:  # else it is known from what is drawn
        _check_out(values)
    directory, of = saved_model(values["saved_model"], values["run_dir"])
    if values["out"] is None:
        values["out"] = f"generated{generate_files.usual(target.read_card(directory))}"
        _check_out(values)
    out, form = pathlib.Path(values["out"]), _form(values["out"])

    quiet.start()
    from wgangp_tf.serving.load import Generator

    generator = Generator(directory)
    generate_files.check(generator.spec, out, form)
    columns = None
    if values["label"] is None:
        samples = generator.generate(values["num_images"], values["seed"])
    else:
        columns = _columns(generator, values["label"], given.get("num_images"))
        if not values["overwrite"]:
            _check_free(out, form, columns.count)
        samples = generator.generate(columns.count, values["seed"], columns.of_samples)
    labels = generate_files.labels(generator, len(samples), values["seed"], columns)
    generate_files.FORMS[form].write(samples, generator, out, columns, labels)
    if of is not None:
        say(f"drawn from {directory}, {of}")
    print(out)


def saved_model(named, run_dir, who="generate"):
    """The SavedModel that flags mean: the one they name, the export of the run they name, the newest export.

    Args:
      named, run_dir: what --saved_model and --run_dir say, or None.
      who: the command, for messages.

    Returns:
      (its directory, whose it is in words or None where the user named it).

    Raises:
      UserError: there is none.
    """
    if named is not None:
        if run_dir is not None:
            raise UserError(
                "generate expects --saved_model or --run_dir, not both. "
                f"Received: --run_dir={run_dir} beside --saved_model={named}"
            )
        if not (pathlib.Path(named) / "saved_model.pb").is_file():
            raise UserError(f"--saved_model expects the directory of a SavedModel. Received: {named!r}")
        return named, None
    if run_dir is not None:
        if not run_directory.RunDirectory(run_dir).exists:
            raise UserError(f"--run_dir expects the directory of a run. Received: {run_dir!r}")
        exported = run_directory.exported_to(run_dir)
        if exported is None:
            raise UserError(f"run {run_dir!r} has no export; `export --run_dir={run_dir}` makes one")
        return exported, f"the export of {run_dir}"
    newest = _newest_export()
    if newest is not None:
        return newest
    if (_PUBLISHED / "saved_model.pb").is_file():
        return _PUBLISHED, "which comes with the repository"
    raise UserError(
        f"{who} expects --saved_model or --run_dir: no run in {str(run_directory.ROOT)!r} has an export, and there "
        f"is no {str(_PUBLISHED)!r} in the current directory"
    )


def _columns(generator, text, count):
    """The `samples.columns.Columns` of the classes that --label names.

    Raises:
      UserError: the generator takes none, or has no such class.
    """
    from wgangp_tf.samples.columns import Columns

    names = generator.classes
    if not names:
        raise UserError(f"--label is for a generator that takes classes. Received: --label={text} for one without")
    wanted = [text] if text in names else names if text == "all" else [part.strip() for part in text.split(",")]
    labels = tuple(label_of(name, names) for name in wanted)
    return Columns(labels, tuple(names[label] for label in labels), count=count)


def label_of(name, names):
    """The label of a class that is called so or, where no class is called by a number, has that number.

    Raises:
      UserError: there is none.
    """
    if name in names:
        return names.index(name)
    by_number = not any(map(_NUMBER.fullmatch, names))
    if by_number and _PLACE.fullmatch(name) and int(name) < len(names):
        return int(name)
    error = unknown_name("class", name, names)
    raise UserError(f"{error} A number from 0 to {len(names) - 1} names one too.") if by_number else error


def _newest_export():
    """(directory, whose it is) of the run that was exported last, or None."""
    records = [(path.stat().st_mtime_ns, path) for path in run_directory.ROOT.glob("*/export.json")]
    for _, record in sorted(records, reverse=True):
        exported = run_directory.exported_to(record.parent)
        if exported is not None:
            return exported, f"the export of {record.parent}, the newest run that has one"
    return None


def _form(out):
    """What is to be written, a key of `generate_files.FORMS`."""
    suffix = pathlib.Path(out).suffix.lower()
    if os.path.isdir(out) or out.endswith(os.sep) or not suffix:
        return generate_files.DIRECTORY
    if suffix not in generate_files.FORMS:
        raise UserError(f"--out expects a {generate_files.suffixes()} file, or a directory. Received: {out!r}")
    return suffix


def _check_out(values):
    """Raises a UserError before any work if the output cannot go where the flags say, or would replace another's."""
    out, form = pathlib.Path(values["out"]), _form(values["out"])
    _check_place(out, form)
    if not values["overwrite"]:
        _check_free(out, form, values["num_images"])


def _check_place(out, form):
    """Raises a UserError before any work if the output cannot go there."""
    check = outputs.check_directory if form == generate_files.DIRECTORY else outputs.check_file
    check(out, "out")


def _check_free(out, form, count):
    """Raises a UserError if something that this program did not make would be replaced."""
    from wgangp_tf.samples import drawing

    pictures = [out] if form == ".png" else []
    if form == generate_files.DIRECTORY and out.is_dir():
        names = {generate_files.name(number) for number in range(count)}
        pictures = sorted(path for path in out.iterdir() if path.name in names)
    elif form not in (".png", generate_files.DIRECTORY) and out.exists():  # nothing in it tells whose it is
        raise UserError(f"--out expects a new {form} file, or --overwrite. Received: {str(out)!r}, which exists")
    for picture in pictures:
        if os.path.exists(picture) and not drawing.ours(picture, generate_files.TITLE):
            raise UserError(
                "--out expects a new file, one that generate made, or --overwrite. "
                f"Received: {str(picture)!r}, which another program made"
            )
