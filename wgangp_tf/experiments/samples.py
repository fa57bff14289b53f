"""What a generator makes: samples, the way from one to the next, and how they came to be."""

import pathlib
import re

import numpy as np

from wgangp_tf.errors import Diverged, UserError
from wgangp_tf.experiments import subject, trainings
from wgangp_tf.experiments.place import Numbers
from wgangp_tf.samples import drawing

_SEED = 0
_ROWS, _COLUMNS = 5, 14  # of the strip
_FRAMES = 40  # of the animation at most
_FRAME_SIDE = 400  # pixels at most
_STEPS, _FULL_STEPS = 2000, 3000  # of a training of its own


def measure(place):
    """The numbers of the figure: of the run or the SavedModel that the user named, else of a training of its own."""
    of = _subject(place)
    if not of.spec.drawable:
        shape = "x".join(map(str, of.spec.shape))
        raise UserError(
            "figure 'samples' expects points of the plane, pictures of 1 or 3 channels, or arrays of up to four axes. "
            f"Received: samples of shape {shape}"
        )
    columns = drawing.columns_of(of.spec, of.shares is not None)
    count = of.spec.drawn if columns is None else columns.count
    latents, labels = _inputs(of, max(count, 2 * _ROWS), columns)
    strip = np.stack([between(*latents[2 * row : 2 * row + 2], _COLUMNS) for row in range(_ROWS)])
    strip_labels = _of_rows(of)
    of_strip = None if strip_labels is None else np.repeat(strip_labels, _COLUMNS)
    made = _made(of, strip.reshape(-1, of.latent_dim), of_strip)
    latents, labels = latents[:count], None if labels is None else labels[:count]
    arrays = {
        "latents": latents,
        "samples": _made(of, latents, labels),
        "strip_latents": strip,
        "strip": made.reshape(_ROWS, _COLUMNS, *made.shape[1:]),
        "labels": labels,
        "strip_labels": strip_labels,
        "real_samples": of.real,
    }
    steps = []
    if of.pictures is not None:
        found, steps = _training(of.pictures)
        arrays |= found
    names = [] if strip_labels is None else [of.spec.classes[label] for label in strip_labels]
    return Numbers(
        values={
            "name": of.name,
            "spec": of.spec.to_values(),
            "seed": _SEED,
            "frame_steps": steps,
            "columns": [] if columns is None else list(columns.names),
            "strip_classes": names,
        },
        arrays={name: array for name, array in arrays.items() if array is not None},
        checks=(),
        caption=_caption(of, steps),
        lines=(f"samples of {of.name}", _of_animation(of, steps)),
    )


def _inputs(of, count, columns):
    """Latents of the first `count` samples of the seed or more, float32 [n, latent_dim]; their labels, int32, or None.

    Classes are those of the columns where there are some, and else as frequent as in the data.
    """
    from wgangp_tf.gan import sampling

    latents, labels = [], []
    for chunk in range(-(-count // sampling.CHUNK)):
        found = sampling.inputs_of_chunk(_SEED, chunk, of.latent_dim, of.shares)
        latents.append(found[0])
        labels += found[1:]
    if not labels:
        return np.concatenate(latents), None
    return np.concatenate(latents), np.concatenate(labels) if columns is None else columns.of_samples


def _of_rows(of):
    """The class of each row of the strip, int32 [rows], evenly spread over all; None where it takes none."""
    if of.shares is None:
        return None
    return np.arange(_ROWS, dtype=np.int32) * len(of.shares) // _ROWS


def _made(of, latents, labels):
    """Samples of latents and labels, or None, a part at a time, so that large ones fit into memory."""
    from wgangp_tf.gan import sampling

    rows = sampling.rows_at_once(of.spec.shape)
    inputs = (latents,) if labels is None else (latents, labels)
    parts = range(0, len(latents), rows)
    return np.concatenate([of.make(*(given[k : k + rows] for given in inputs)) for k in parts])


def between(some, other, count):
    """Latents on the great circle from one to another, both ends included: float32 [count, latent_dim].

    Latents lie close to a sphere, and the straight line leaves it: its middle is a latent that hardly ever occurs
    (White 2016, section 2.1).

    Args:
      some, other: float [latent_dim].
      count: int.
    """
    shares = np.linspace(0.0, 1.0, count)[:, None]
    norms = np.linalg.norm(some) * np.linalg.norm(other)
    angle = np.arccos(np.clip(np.dot(some, other) / max(norms, 1e-30), -1.0, 1.0))
    if np.sin(angle) < 1e-6:  # they have one direction, or opposite ones
        return ((1.0 - shares) * some + shares * other).astype(np.float32)
    found = (np.sin((1.0 - shares) * angle) * some + np.sin(shares * angle) * other) / np.sin(angle)
    return found.astype(np.float32)


def frames(pictures, count=_FRAMES, side=_FRAME_SIDE):
    """The pictures of a training, as many as an animation holds.

    Args:
      pictures: directory with step-NNNNNNNN.png.
      count: int, at most so many, evenly spread, the first and the last among them.
      side: int, pixels of the longer side at most.

    Returns:
      (uint8 [n, height, width, 1 or 3], list of n steps); pictures of another size than the last are left out.

    Raises:
      UserError: a picture cannot be read.
    """
    found = sorted(
        (int(match[1]), path)
        for path in pathlib.Path(pictures).glob("*.png")
        if (match := re.fullmatch(r"step-(\d+)\.png", path.name))
    )
    if len(found) > count:
        found = [found[round(k)] for k in np.linspace(0, len(found) - 1, count)]
    read = [(_read(path, side), step) for step, path in found]
    kept = [(pixels, step) for pixels, step in read if pixels.shape == read[-1][0].shape]
    return np.array([pixels for pixels, _ in kept], np.uint8), [step for _, step in kept]


def _read(path, side=None):
    """The pixels of a picture, uint8 [height, width, 1 or 3], made smaller by a whole factor."""
    from PIL import Image

    try:
        with Image.open(path) as picture:
            picture = picture.convert("L" if picture.mode == "L" else "RGB")
    except (OSError, SyntaxError) as error:  # as Pillow says of a PNG file that breaks off
        raise UserError(f"picture {str(path)!r} cannot be read ({error}); remove it to leave it out") from error
    if side is not None:
        picture = picture.reduce(max(1, -(-max(picture.size) // side)))
    pixels = np.asarray(picture)
    return pixels if pixels.ndim == 3 else pixels[..., None]


def _training(pictures):
    """What there is to show of a training: ({name: array}, steps of the frames)."""
    arrays = {}
    if (pictures / "real.png").is_file():
        arrays["real"] = _read(pictures / "real.png")
    found, steps = frames(pictures)
    return (arrays | {"frames": found} if steps else arrays), steps


def _subject(place):
    if "saved_model" in place.of:
        return subject.of_saved_model(place.of["saved_model"])
    if "run_dir" in place.of:
        return subject.of_run(place.of["run_dir"], place.say)
    place.say("a training of its own; for one of yours: reproduce --figure=samples --run_dir=<its run directory>")
    steps = _STEPS if place.small else _FULL_STEPS
    given = {"dataset": "digits", "steps": steps, "sample_every": max(1, steps // _FRAMES), "log_every": 100}
    model, _, directory = trainings.trained(place, "digits", given)
    if model is None:
        raise Diverged("the training of figure 'samples' diverged; there is nothing to draw")
    return subject.of_model(model, "a training of its own (digits, wgan-gp)", directory.samples)


def _of_animation(of, steps):
    """Whether there is an animation, in words."""
    if len(steps) > 1:
        return f"animation: {len(steps)} pictures of the training, from step {steps[0]:,} to {steps[-1]:,}"
    if of.pictures is None:
        return "no animation: a SavedModel has no pictures of its training; --run_dir=<its run> has"
    return f"no animation: fewer than two pictures of the training in {str(of.pictures)!r}; see --sample_every"


def _caption(of, steps):
    shown = f"Samples of {of.name}, of the first latents of seed {_SEED}"
    classes = ""
    if of.shares is not None and of.spec.kind == "images":
        shown += ", a column for each class that was asked for"
    elif of.shares is not None:
        shown += ", classes as frequent as in the data"
    if of.shares is not None:
        classes = ", its class held fixed"
    rows = "Each line is" if of.spec.kind == "points" else "Each row of the strip is"
    if of.spec.kind == "arrays":
        rows = "Each panel of the ways is" if len(of.spec.shape) < 3 else rows
    animation = ""
    if len(steps) > 1:
        animation = f" The animation samples.gif shows one set of latents from step {steps[0]:,} to {steps[-1]:,}."
    return (
        f"{shown}. {rows} the way from one latent to another along the great circle between them, in equal angles"
        f"{classes} (after White 2016).{animation}"
    )
