"""What a generator makes: samples, the way from one to the next, and how they came to be."""

import dataclasses
import pathlib
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from wgangp_tf import quiet
from wgangp_tf.errors import Diverged, UserError
from wgangp_tf.experiments import trainings
from wgangp_tf.experiments.place import Numbers
from wgangp_tf.samples.spec import Spec
from wgangp_tf.training import run_directory

_SEED = 0
_ROWS, _COLUMNS = 5, 14  # of the strip
_FRAMES = 40  # of the animation at most
_FRAME_SIDE = 400  # pixels at most
_STEPS, _FULL_STEPS = 2000, 3000  # of a training of its own


@dataclasses.dataclass(frozen=True)
class _Subject:
    """A generator to look at.

    Attributes:
      name: whose it is, for the caption.
      spec: of its samples.
      latent_dim: length of a latent vector.
      make: callable, latents float32 [n, latent_dim] -> samples in the user's units.
      pictures: directory with the pictures of its training, or None.
    """

    name: str
    spec: Spec
    latent_dim: int
    make: Callable[[Any], np.ndarray]
    pictures: pathlib.Path | None


def measure(place):
    """The numbers of the figure: of the run or the SavedModel that the user named, else of a training of its own."""
    subject = _subject(place)
    if subject.spec.kind == "arrays" or not subject.spec.drawable:
        shape = "x".join(map(str, subject.spec.shape))
        raise UserError(f"figure 'samples' expects pictures or points of the plane. Received: samples of shape {shape}")
    from wgangp_tf.gan import sampling

    chunks = range(-(-subject.spec.drawn // sampling.CHUNK))
    latents = np.concatenate([sampling.latents_of_chunk(_SEED, chunk, subject.latent_dim) for chunk in chunks])
    strip = np.stack([between(*latents[2 * row : 2 * row + 2], _COLUMNS) for row in range(_ROWS)])
    made = _made(subject, strip.reshape(-1, subject.latent_dim))
    arrays = {
        "latents": latents,
        "samples": _made(subject, latents),
        "strip_latents": strip,
        "strip": made.reshape(_ROWS, _COLUMNS, *made.shape[1:]),
    }
    steps = []
    if subject.pictures is not None:
        found, steps = _training(subject.pictures)
        arrays |= found
    return Numbers(
        values={"name": subject.name, "spec": subject.spec.to_values(), "seed": _SEED, "frame_steps": steps},
        arrays=arrays,
        checks=(),
        caption=_caption(subject, steps),
        lines=(f"samples of {subject.name}", _of_animation(subject, steps)),
    )


def _made(subject, latents):
    """Samples of latents, a part at a time, so that large pictures fit into memory."""
    from wgangp_tf.gan import sampling

    rows = sampling.rows_at_once(subject.spec.shape)
    return np.concatenate([subject.make(latents[k : k + rows]) for k in range(0, len(latents), rows)])


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
        return _of_saved_model(place.of["saved_model"])
    if "run_dir" in place.of:
        return _of_run(place.of["run_dir"], place.say)
    place.say("a training of its own; for one of yours: reproduce --figure=samples --run_dir=<its run directory>")
    steps = _STEPS if place.small else _FULL_STEPS
    given = {"dataset": "digits", "steps": steps, "sample_every": max(1, steps // _FRAMES), "log_every": 100}
    model, _, directory = trainings.trained(place, "digits", given)
    if model is None:
        raise Diverged("the training of figure 'samples' diverged; there is nothing to draw")
    return _of_model(model, "a training of its own (digits, wgan-gp)", directory.samples)


def _of_run(run_dir, say):
    """The generator of a run at its newest checkpoint, by its averaged weights."""
    directory = run_directory.RunDirectory(run_dir)
    if not directory.exists:
        raise UserError(f"--run_dir expects the directory of a run. Received: {run_dir!r}")
    config = directory.read_config(to_continue=False)
    if ":" in config.model.network:  # reading a file must run no code of its choice
        raise UserError(
            f"figure 'samples' runs no code that a run names. Received: run {run_dir!r} with network="
            f"{config.model.network!r}; give its export as --saved_model"
        )
    if config.model.conditional:
        raise UserError(f"figure 'samples' is of networks without classes. Received: run {run_dir!r}, conditional")
    if config.samples is None:
        raise UserError(f"{str(directory.config_file)!r} expected to say what a sample is; it does not")
    quiet.start()
    from wgangp_tf.training import build
    from wgangp_tf.training.checkpoints import Checkpoints

    model = build.build(config, config.samples)
    if Checkpoints(directory.checkpoints, model).restore(say, writer=False) is None:
        raise UserError(f"run {run_dir!r} has no checkpoint yet")
    name = f"run {directory.path.resolve().name} ({config.data.dataset}, {config.model.method})"
    return _of_model(model, name, directory.samples)


def _of_model(model, name, pictures):
    def make(latents):
        return np.asarray(model.codec.encode(model(latents)))

    return _Subject(f"{name}, step {model.steps_done:,}", model.codec.spec, model.latent_dim, make, pictures)


def _of_saved_model(directory):
    quiet.start()
    from wgangp_tf.serving.load import Generator

    generator = Generator(directory)
    name = f"SavedModel {pathlib.Path(directory).resolve().name}"
    return _Subject(name, generator.spec, generator.latent_dim, generator.from_latents, None)


def _of_animation(subject, steps):
    """Whether there is an animation, in words."""
    if len(steps) > 1:
        return f"animation: {len(steps)} pictures of the training, from step {steps[0]:,} to {steps[-1]:,}"
    if subject.pictures is None:
        return "no animation: a SavedModel has no pictures of its training; --run_dir=<its run> has"
    return f"no animation: fewer than two pictures of the training in {str(subject.pictures)!r}; see --sample_every"


def _caption(subject, steps):
    rows = "Each line is" if subject.spec.kind == "points" else "Each row of the strip is"
    animation = ""
    if len(steps) > 1:
        animation = f" The animation samples.gif shows one set of latents from step {steps[0]:,} to {steps[-1]:,}."
    return (
        f"Samples of {subject.name}, of the first latents of seed {_SEED}. {rows} the way from one latent to another "
        f"along the great circle between them, in equal angles (after White 2016).{animation}"
    )
