"""`generate`: a SavedModel → pictures."""

import io
import pathlib

import numpy as np

from wgangp_tf import files, quiet
from wgangp_tf.config import check_range
from wgangp_tf.errors import UserError

_PUBLISHED = pathlib.Path("saved_models") / "digits"


def run(saved_model=None, *, num_images=64, seed=0, out="generated.png"):
    """Draws samples 0 … num_images − 1 of a seed.

    Args:
      saved_model: directory of the SavedModel; None for the one that comes with the repository.
      num_images: int, how many.
      seed: int.
      out: a .png file (a grid), a .npy file (the samples), or a directory (one PNG file each).

    Raises:
      UserError: an argument cannot be used.
    """
    check_range("num_images", num_images, 1, 100_000)
    check_range("seed", seed, 0, 2**31 - 1)
    out = pathlib.Path(out)
    _check_out(out)
    if saved_model is None:
        saved_model = _PUBLISHED
        if not _PUBLISHED.is_dir():
            raise UserError(f"generate expects --saved_model: there is no {str(_PUBLISHED)!r} in the current directory")
    if not (pathlib.Path(saved_model) / "saved_model.pb").is_file():
        raise UserError(f"--saved_model expects the directory of a SavedModel. Received: {str(saved_model)!r}")

    quiet.import_tensorflow()
    from wgangp_tf.samples import drawing
    from wgangp_tf.samples import spec as specs
    from wgangp_tf.serving.load import Generator

    samples = Generator(saved_model).generate(num_images, seed)
    drawable = samples.dtype == np.uint8 or samples.shape[1:] == (2,)
    if out.suffix != ".npy" and not drawable:
        raise UserError(f"--out expects a .npy file for samples of shape {samples.shape[1:]}. Received: {str(out)!r}")
    if out.suffix == ".npy":
        buffer = io.BytesIO()
        np.save(buffer, samples)
        files.replace(out, buffer.getvalue())
    elif out.suffix == ".png":
        drawing.write(out, drawing.picture(specs.of_shape(samples.shape[1:]), samples))
    elif samples.dtype == np.uint8:
        out.mkdir(parents=True, exist_ok=True)
        for number, image in enumerate(samples):
            drawing.write(out / f"{number:06d}.png", image)
    else:
        raise UserError(f"--out expects a .png or .npy file for points. Received: {str(out)!r}")
    print(out)


def _check_out(out):
    """Raises a UserError before any work if the output cannot go there."""
    if out.suffix in (".png", ".npy"):
        if out.is_dir() or not out.parent.is_dir():
            raise UserError(f"--out expects a file in a directory that exists. Received: {str(out)!r}")
    elif out.suffix:
        raise UserError(f"--out expects a .png file, a .npy file or a directory. Received: {str(out)!r}")
    elif out.exists() and not out.is_dir():
        raise UserError(f"--out expects a directory. Received: {str(out)!r}, a file")
