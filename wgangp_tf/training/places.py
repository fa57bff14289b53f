"""Where a run, its export and its data may lie: in each other's way they would fail once all is trained."""

import os
import pathlib

from wgangp_tf import files, paths
from wgangp_tf.errors import UserError
from wgangp_tf.training import run_directory

_OF_DATA = ("data_dir", "data_file", "manual_dir", "cache_dir")  # fields of `settings.Storage`
_OF_ITS_OWN = "--export_dir expects a directory of its own"


def check_apart(run_path, export_path, storage=None, pictures=False):
    """Raises a UserError where a run or its export would be in the way of the other, or of the data.

    An export replaces its whole directory, so nothing else may lie in it. It may lie in a run directory, but not where
    the run itself writes. Neither may lie in a folder of pictures: they hold some, which a run that goes on would find
    among its samples.

    Args:
      run_path: of the run directory; None for a new one in `run_directory.ROOT`.
      export_path: of the SavedModel; None for a place of its own beside others.
      storage: `settings.Storage`; None for no data.
      pictures: whether `storage.data_dir` is a folder of pictures.
    """
    run = _real(run_directory.ROOT / "new" if run_path is None else run_path)
    export = _real(run_directory.default_export(run) if export_path is None else export_path)
    shown = os.fspath(export if export_path is None else export_path)
    _check_holds_nothing(export, shown, {"the run directory": run} | _of_data(storage))
    if run in export.parents:
        name = export.relative_to(run).parts[0]
        if name in run_directory.CONTENT:
            raise UserError(f"{_OF_ITS_OWN}. Received: {shown!r}, where the run writes its {name!r}")
    if pictures and storage.data_dir is not None:
        for flag, place in (("run_dir", run), ("export_dir", export)):
            if _holds(_real(storage.data_dir), place):
                raise UserError(
                    f"--{flag} expects a place outside of the folder of pictures, which would grow by those of the "
                    f"run. Received: {os.fspath(place)!r}, in --data_dir={storage.data_dir}"
                )


def check_run(run_path, export_path):
    """Raises a UserError where a run directory, or the export of one without a name, cannot be made or written.

    Nor may it lie in a SavedModel.

    Args:
      run_path, export_path: see `check_apart`.
    """
    path = run_directory.ROOT / "new" if run_path is None else pathlib.Path(run_path)
    around = paths.saved_model_around(path)
    if around is not None:
        raise UserError(
            "--run_dir expects a place outside of SavedModels, which are replaced whole. "
            f"Received: {os.fspath(path)!r}, in the SavedModel {around!r}"
        )
    _try(path, "run_dir", run_directory.ROOT if run_path is None else path)
    if run_path is None and export_path is None:
        default = run_directory.default_export(path)
        _try(default, "export_dir", default.parent)


def _try(path, flag, shown):
    try:
        files.check_place(path, inside=True)
    except OSError as error:
        raise UserError(
            f"--{flag} expects a directory that can be written. Received: {os.fspath(shown)!r} ({error.strerror})"
        ) from error


def _of_data(storage):
    """{flag and value: place} of what lies where the data does."""
    found = {} if storage is None else {name: getattr(storage, name) for name in _OF_DATA}
    return {f"--{name}={path}": _real(path) for name, path in found.items() if path is not None}


def _check_holds_nothing(export, shown, places):
    for name, place in places.items():
        if _holds(export, place):
            raise UserError(
                f"{_OF_ITS_OWN}: an export replaces all that is in it. Received: {shown!r}, which "
                f"{'is' if export == place else 'holds'} {name}"
            )


def _holds(directory, place):
    return directory in (place, *place.parents)


def _real(path):
    return pathlib.Path(os.path.realpath(os.path.expanduser(path)))
