"""Trainings of the product's own kind, as a figure needs them: begun, continued or found finished."""

import dataclasses

import numpy as np

from wgangp_tf import quiet
from wgangp_tf.data import registry as data_sets
from wgangp_tf.errors import Diverged, Interrupted, UserError
from wgangp_tf.experiments.place import digest
from wgangp_tf.figures import number_files
from wgangp_tf.training import resolve
from wgangp_tf.training.run import open_run

_ENVIRONMENT = {"command_line": "reproduce"}
_SEED = 1  # of the samples that are looked at
_SAVE_PATIENCE = 45.0  # seconds: a SIGKILL costs a figure at most a minute


@dataclasses.dataclass(frozen=True)
class Look:
    """What a training made on its way.

    Attributes:
      step: it was at.
      seconds: it had taken, everything that a run does included.
      samples: the first of one seed, array [count, *sample] in the units of the real ones.
    """

    step: int
    seconds: float
    samples: np.ndarray


def settings(given, **also):
    """All that decides what is found of a training, as JSON holds it: what is kept of it is kept for these alone.

    Args:
      given: {flag: value}, see `trained`. A preset, a method's defaults: their content counts, not their name.
      **also: numbers that are not flags.

    Returns:
      {"given", "config", "seed" of the samples that are looked at, **also}.

    Raises:
      UserError: the values cannot be used.
    """
    return {"given": given, "config": resolve.resolve(given).to_tree(), "seed": _SEED, **also}


def looks(place, name, given, every, count):
    """A training of a figure, and what it made on its way.

    Args:
      place, name, given: see `trained`.
      every: int, steps from look to look.
      count: int, samples of each.

    Returns:
      (source, list of `Look`, first to last, at least one): the `data.source.Source`; where the training diverged, up
      to there.

    Raises:
      Diverged: it did before the first look.
      UserError: it is finished, and no look is left.
      See `trained` too.
    """
    given = given | {"log_every": every}  # which tells the time of each look
    path = _path(place, name, settings(given, count=count))
    folder = path / _LOOKS
    model, source, directory = _trained(place, path, name, given, also=[(every, _Looks(folder, count))])
    from wgangp_tf.training import metrics_log

    seconds = {event["step"]: event["seconds"] for event in metrics_log.read(directory.metrics_file)}
    found = []
    for file in sorted(folder.glob("step-*.npz")):
        step = int(file.stem.removeprefix("step-"))
        arrays = number_files.read_arrays(file)
        if step in seconds and arrays is not None:
            found.append(Look(step, seconds[step], arrays["samples"]))
    if not found:
        if model is not None:
            raise UserError(f"{str(folder)!r} expected to hold what training {name!r} made; remove {str(path)!r}")
        raise Diverged(f"training {name!r} diverged before step {every:,}, the first that is looked at")
    return source, found


def generated(model, count):
    """The first samples of one seed, array [count, *sample] in the units of the real ones."""
    from wgangp_tf.training import observers

    return observers.generated(model, count, _SEED)


_LOOKS = "looks"  # in a run directory


class _Looks:
    """Keeps samples of a training as it goes, each look in a file of its own."""

    def __init__(self, folder, count):
        self._folder, self._count = folder, count

    def see(self, model, step, found):
        self._folder.mkdir(exist_ok=True)
        number_files.write_arrays(self._folder / f"step-{step:08d}.npz", {"samples": generated(model, self._count)})


def trained(place, name, given, only=None):
    """A training of a figure, at its last step.

    It is deterministic, on one device, and saves itself as any run does: one that was stopped continues where it was,
    and comes to the same numbers. One of other values is another training, in a directory of its own.

    Args:
      place: `place.Place`.
      name: of the training, which its directory's name begins with.
      given: {flag: value}, as the command line of `train` has them.
      only: int, how many training samples there are, drawn once from the data set's; None for all.

    Returns:
      (model, source, directory): the `GAN` as it is at the last step, its `data.source.Source` and the
      `RunDirectory`; the model is None where the training diverged.

    Raises:
      Interrupted: a signal came; what was done is saved.
      UserError: the values cannot be used, or another process is at this training.
    """
    return _trained(place, _path(place, name, settings(given, only=only)), name, given, only=only)


def with_pictures(place, given):
    """Flags of a training, of the folder that stands for LSUN's bedrooms where it is on these."""
    if place.bedrooms is None or not on_bedrooms(given):
        return given
    return given | {"dataset": "folder", "data_dir": place.bedrooms, "channels": 3}


def on_bedrooms(given):
    """Whether a training is on LSUN's bedrooms, of which tensorflow-datasets' own are hard to prepare."""
    return resolve.resolve(given).data.dataset == "lsun/bedroom"


def prepare(place, given):
    """Prepares the data set of a training, so that one that is not there is known before any training.

    Raises:
      UserError: it cannot be had.
    """
    _loaded(_opened(place, with_pictures(place, given)))


def _opened(place, given):
    """The run of a training; its data lies where the user said, as far as the data set has a use for that."""
    uses = (*data_sets.find(resolve.resolve(given).data.dataset).places, "cache_dir")
    storage = {name: value for name, value in place.storage.items() if name in uses}
    return open_run({"deterministic": True, "strategy": "one", **storage, **given})


def _loaded(run):
    """(`training.runtime.Runtime`, `data.source.Source`) of a run."""
    quiet.start()
    from wgangp_tf.training import runtime

    started = runtime.start(run.execution, run.config.seed)
    return started, data_sets.load(run.config.data, run.storage)


def _path(place, name, values):
    """Directory of a training with these settings."""
    return place.training(f"{name}-{digest(values)}")


def _trained(place, path, name, given, also=(), only=None):
    """`trained` in a directory, with observers; see `training.loop.train` for those."""
    run = _opened(place, given | {"run_dir": str(path)})
    started, source = _loaded(run)
    import tensorflow as tf

    from wgangp_tf.training import build, loop

    if only is not None:
        source = _with_few(source, only)
    with place.stop.deferred():
        tf.keras.backend.clear_session()
        model = build.build(run.config, source.spec)
        try:
            run.begin(source, _ENVIRONMENT, place.say)
            how = {"save_patience": _SAVE_PATIENCE, "advised": False}  # a figure's values are its own
            loop.train(model, source, run, run.cadence, place.stop, place.say, started, also, **how)
        except Diverged as error:
            place.say(f"{name}: {error}")
            return None, source, run.directory
        except Interrupted as interrupted:
            raise Interrupted(interrupted.signal_number, f"{interrupted}\nthe same command goes on") from None
        finally:
            run.directory.release()
    return model, source, run.directory


def _with_few(source, count):
    """A `data.source.Source` with so many training samples, drawn once; what is held out stays."""
    from wgangp_tf.data.arrays import Subset
    from wgangp_tf.data.source import Split

    rows = np.sort(np.random.default_rng(0).permutation(len(source.train))[:count])
    labels = source.train.labels
    train = Split(Subset(source.train.samples, rows), None if labels is None else labels[rows], source.train.modes)
    return dataclasses.replace(source, train=train, fingerprint=f"{source.fingerprint}-{count}")
