"""Where an export may go: never over what another run, or somebody else, made. Imports no TensorFlow."""

import json
import os
import pathlib

from wgangp_tf import files, paths
from wgangp_tf.errors import UserError

_CONTENT = {"assets", "assets.extra", "fingerprint.pb", "saved_model.pb", "variables"}
FORMAT = 2  # of the card: 1 said what a sample is by "kind" and "sample_shape" in its "data"
CARD = pathlib.Path("assets.extra") / "card.json"


def check(directory, run_id, overwrite, flags=True):
    """Raises a UserError if an export to `directory` would replace what it must not.

    Args:
      directory: of the SavedModel.
      run_id: of the run that writes it, or None.
      overwrite: whether a SavedModel of another run may be replaced.
      flags: whether it was asked for by flags, else by the arguments of `export_generator`.
    """
    where, replace = ("--export_dir", "--overwrite") if flags else ("directory", "overwrite=True")
    directory = pathlib.Path(directory)
    if os.path.lexists(directory) and not directory.exists():
        raise UserError(f"{where} expects a directory. Received: {str(directory)!r}, a link that leads nowhere")
    around = paths.saved_model_around(directory)
    if around is not None:
        raise UserError(
            f"{where} expects a place outside of other SavedModels, which are replaced whole. "
            f"Received: {str(directory)!r}, in the SavedModel {around!r}"
        )
    try:
        files.check_place(directory.absolute(), directory=True)  # it is written beside its place, and renamed
    except OSError as error:
        raise UserError(
            f"{where} expects a directory that can be written. Received: {str(directory)!r} ({error.strerror})"
        ) from error
    if not directory.exists():
        return
    if not directory.is_dir():
        raise UserError(f"{where} expects a directory. Received: {str(directory)!r}, a file")
    if not any(directory.iterdir()):
        return
    foreign = sorted({path.name for path in directory.iterdir()} - _CONTENT)
    if foreign or not (directory / "saved_model.pb").exists():
        raise UserError(
            f"{where} expects a new directory or a SavedModel to replace. Received: {str(directory)!r}, "
            f"which holds something else ({foreign[0] if foreign else 'no saved_model.pb'!r})"
        )
    if not overwrite and (run_id is None or read_card(directory).get("run_id") != run_id):
        raise UserError(f"{str(directory)!r} holds a SavedModel of another run; {replace} replaces it")


def read_card(directory):
    """What the card of a SavedModel says, {} where there is none."""
    try:
        card = json.loads((pathlib.Path(directory) / CARD).read_text())
    except (OSError, ValueError):
        return {}
    return card if isinstance(card, dict) else {}
