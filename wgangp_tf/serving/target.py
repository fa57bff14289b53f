"""Where an export may go: never over what another run, or somebody else, made. Imports no TensorFlow."""

import json
import os
import pathlib

from wgangp_tf.errors import UserError

CARD = pathlib.Path("assets.extra") / "card.json"


def check(directory, run_id, overwrite):
    """Raises a UserError if an export to `directory` would replace what it must not."""
    directory = pathlib.Path(directory)
    if not directory.exists():
        above = next(path for path in directory.absolute().parents if path.exists())
        if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
            raise UserError(f"--export_dir expects a directory that can be written. Received: {str(directory)!r}")
        return
    if not directory.is_dir():
        raise UserError(f"--export_dir expects a directory. Received: {str(directory)!r}, a file")
    if not any(directory.iterdir()):
        return
    if not (directory / "saved_model.pb").exists():
        raise UserError(
            f"--export_dir expects a new directory or a SavedModel to replace. Received: {str(directory)!r}, "
            "which holds something else"
        )
    try:
        owner = json.loads((directory / CARD).read_text()).get("run_id")
    except (OSError, ValueError, AttributeError):
        owner = None
    if not overwrite and (run_id is None or owner != run_id):
        raise UserError(f"{str(directory)!r} holds a SavedModel of another run; --overwrite replaces it")
