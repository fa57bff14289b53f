"""The directory of a run: what is in it, who writes it, and whether a run may be continued."""

import json
import os
import pathlib
import re
import shutil
import socket
import time

from wgangp_tf import config as configs
from wgangp_tf import config_file, files
from wgangp_tf.console import say
from wgangp_tf.errors import UserError

ROOT = pathlib.Path("runs")
_EXPORTS = pathlib.Path("saved_models")
_CARD = pathlib.Path("assets.extra") / "card.json"  # in an export
# what a run that was killed before its config was written leaves
_OWN = {".lock", "environment.json", "tensorboard", "checkpoints", "samples"}
CONTENT = _OWN | {  # what a run, and the commands that look at it, write
    *("config.json", "metrics.jsonl", "evaluations.jsonl", "export.json"),
    *("data_report.json", "nearest.png", "report.html"),
}


class RunDirectory:
    """Paths of a run directory, and the lock of the one process that writes it.

    Attributes:
      path: the directory.
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self._lock = None

    config_file = property(lambda self: self.path / "config.json")
    environment_file = property(lambda self: self.path / "environment.json")
    metrics_file = property(lambda self: self.path / "metrics.jsonl")
    nearest_file = property(lambda self: self.path / "nearest.png")
    evaluations_file = property(lambda self: self.path / "evaluations.jsonl")
    export_file = property(lambda self: self.path / "export.json")
    report_file = property(lambda self: self.path / "data_report.json")
    tensorboard = property(lambda self: self.path / "tensorboard")
    checkpoints = property(lambda self: self.path / "checkpoints")
    samples = property(lambda self: self.path / "samples")

    @property
    def exists(self):
        return self.config_file.exists()

    def check_empty(self):
        """Raises a UserError if a directory that holds no run holds something else."""
        if self.path.exists():
            foreign = sorted(name for name in os.listdir(self.path) if name not in _OWN and not _is_part(name))
            if foreign:
                raise UserError(
                    f"--run_dir expects a run directory or a new one. Received: {str(self.path)!r}, which holds "
                    f"something else ({foreign[0]!r})"
                )

    def read_config(self, to_continue=True):
        """The config of the run.

        Args:
          to_continue: whether it is to be trained on; a run of an earlier format can only be looked at.

        Raises:
          UserError: there is none, it cannot be read, or not be continued.
        """
        config = config_file.read(str(self.config_file), what="the config of a run")
        if to_continue and config.randomness != configs.RANDOMNESS:
            age = "an earlier" if config.randomness < configs.RANDOMNESS else "a later"
            raise UserError(
                f"run {str(self.path)!r} was made by {age} wgangp_tf, whose random numbers this one does not "
                f"draw; continue it with that version, or begin a new run with --config={self.config_file}"
            )
        return config

    def claim(self):
        """Makes this process the only writer of the directory, which is made where it is missing.

        The lock is the kernel's: it ends with the process, however that ends. A claim that is held stays. Where the
        file system has no locks, that is said, and the directory is written all the same.

        Raises:
          UserError: another process holds it, or the directory cannot be written.
        """
        if self._lock is not None:
            return
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = files.Lock(self.path / ".lock")
        except OSError as error:
            raise UserError(
                f"--run_dir expects a directory that can be written. Received: {str(self.path)!r} ({error.strerror})"
            ) from error
        try:
            missing = lock.take()
        except BlockingIOError as error:
            holder = os.pread(lock.descriptor, 1000, 0).decode(errors="replace").strip() or "another process"
            lock.close()
            raise UserError(f"run directory {str(self.path)!r} is in use by {holder}") from error
        self._lock = lock
        if missing:
            say(
                f"run directory {str(self.path)!r} is on a file system without locks ({missing}): nothing keeps a "
                "second process from writing it"
            )
            return
        since = time.strftime("%Y-%m-%d %H:%M:%S")
        os.ftruncate(lock.descriptor, 0)
        os.pwrite(lock.descriptor, f"process {os.getpid()} on {socket.gethostname()} since {since}\n".encode(), 0)
        self._remove_parts()

    def _remove_parts(self):
        """Removes what a killed writer has half written; there is no other writer."""
        for folder in (self.path, self.samples):
            for path in folder.glob(".*.part"):
                path.unlink(missing_ok=True)
        for path in self.checkpoints.glob(".*.part"):
            shutil.rmtree(path)

    def release(self):
        """Lets another process write."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def prepare(self, config, environment):
        """Makes what is missing of the directory's content; the claim must be held.

        Args:
          config: `config.Config` of the run.
          environment: dict for environment.json.
        """
        for folder in (self.tensorboard, self.checkpoints, self.samples):
            if folder.exists() and not folder.is_dir():
                raise self._damaged(f"{folder.name!r} is expected to be a folder")
            folder.mkdir(parents=True, exist_ok=True)
        if self.metrics_file.is_dir():
            raise self._damaged(f"{self.metrics_file.name!r} is expected to be a file")
        files.replace(self.environment_file, json.dumps(environment, indent=2) + "\n")
        # last, and what makes the directory a run's
        files.replace(self.config_file, config.to_json())

    def environment(self):
        """What environment.json says, {} where there is none.

        Raises:
          UserError: it is no JSON object.
        """
        found = _read_json(self.environment_file)
        if not found and self.environment_file.exists():
            name = self.environment_file.name
            raise self._damaged(f"{name!r} cannot be read; without the file the run goes on and forgets what it said")
        return found

    def _damaged(self, what):
        return UserError(f"run directory {str(self.path)!r} is damaged: {what}")

    def exported(self):
        """{"export_dir", "step"} of the last export, {} where there is none."""
        return _read_json(self.export_file)

    def last_step(self):
        """Step of the newest checkpoint by its name, or None."""
        return max(checkpoint_steps(self.checkpoints), default=None)

    def trained(self, config):
        """Whether all steps of the config are done."""
        return (self.last_step() or 0) >= config.optimization.steps


def keeps(path, place):
    """Whether a directory is that of a run, and a place is the directory itself or lies among what the run goes on by.

    What commands add to a run is not: its report, its evaluations, its picture of nearest neighbours.
    """
    run = RunDirectory(path)
    if not (run.exists and run.environment_file.is_file()):
        return False
    below = pathlib.Path(place).relative_to(path).parts
    kept = (run.config_file, run.metrics_file, run.export_file, run.report_file)
    return not below or below[0] in _OWN or below[0] in [file.name for file in kept]


def checkpoint_steps(directory):
    """Steps of the checkpoints in a directory, ascending; an OSError where it may not be read, which is not empty."""
    try:
        names = os.listdir(directory)
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(int(name.removeprefix("step-")) for name in names if re.fullmatch(r"step-\d+", name))


def new(name, export_dir=None):
    """A new directory runs/NNNN-<name>, made and claimed.

    Args:
      name: str, without slashes.
      export_dir: where the run is exported, which is no place for the run; None for the default, which must be free.

    Raises:
      UserError: it cannot be made.
    """
    try:
        ROOT.mkdir(exist_ok=True)
    except OSError as error:
        raise _cannot_make(ROOT, error) from error
    number = max((int(path.name[:4]) for path in ROOT.glob("[0-9][0-9][0-9][0-9]-*")), default=0)
    while True:
        number += 1
        path = ROOT / f"{number:04d}-{name}"
        if default_export(path).exists() if export_dir is None else _same(path, export_dir):
            continue
        try:
            path.mkdir()
        except FileExistsError:
            continue  # another process was faster
        except OSError as error:
            raise _cannot_make(path, error) from error
        run = RunDirectory(path)
        run.claim()
        return run


def _same(path, other):
    """Whether two paths lead to one place."""
    return os.path.realpath(path) == os.path.realpath(other)


def _cannot_make(path, error):
    return UserError(f"cannot make the run directory {str(path)!r} ({error.strerror}); see --run_dir")


def all_runs():
    """The runs under `ROOT`, in no order."""
    return [run for run in map(RunDirectory, ROOT.glob("*")) if run.exists]


def of_config(path):
    """The `RunDirectory` of the run whose own config.json is at a path, or None."""
    path = pathlib.Path(path)
    directory = RunDirectory(path.parent)
    return directory if path == directory.config_file and directory.environment_file.is_file() else None


def default_export(path):
    """saved_models/<name of the run directory>."""
    return _EXPORTS / pathlib.Path(path).resolve().name


def kept_path(path, run_path):
    """A path as a run directory keeps it, so that it is found after either of the two was moved.

    Returns:
      {"given", "absolute", "relative"}: as it was given, absolute, and relative to the run directory.
    """
    absolute = os.path.abspath(os.fspath(path))
    relative = os.path.relpath(absolute, os.path.abspath(run_path))
    return {"given": os.fspath(path), "absolute": absolute, "relative": relative}


def found_path(kept, run_path):
    """The path that `kept_path` kept, None for None: the first of its three ways that exists, else beside the run."""
    if kept is None or isinstance(kept, str):
        return kept
    beside = os.path.normpath(os.path.join(run_path, kept["relative"]))
    return next((path for path in (beside, kept["absolute"], kept["given"]) if os.path.exists(path)), beside)


def record_export(run_path, where, step):
    """Writes into a run directory where the run was exported, and of which step."""
    exported = {"format": 2, "export_dir": str(where), **kept_path(where, run_path), "step": step}
    files.replace(RunDirectory(run_path).export_file, json.dumps(exported) + "\n")


def exported_to(run_path):
    """Where the last export of a run is, also after the run directory, or both, were moved.

    Args:
      run_path: path of the run directory.

    Returns:
      `pathlib.Path` of a directory that holds the run's SavedModel, or None.
    """
    run = RunDirectory(run_path)
    exported, run_id = run.exported(), run.environment().get("run_id")
    kept = [exported.get(name) for name in ("relative", "absolute", "export_dir")]  # files of format 1 have the last
    if kept[0] is not None:
        kept[0] = os.path.normpath(run.path / kept[0])
    for path in map(pathlib.Path, filter(None, kept)):
        if (path / "saved_model.pb").is_file():
            made_by = _read_json(path / _CARD).get("run_id")
            if None in (made_by, run_id) or made_by == run_id:  # another run's may be there by now
                return path
    return None


def _is_part(name):
    """Whether a name is that of a file that was being written beside its place."""
    return name.startswith(".") and name.endswith(".part")


def _read_json(path):
    try:
        tree = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return tree if isinstance(tree, dict) else {}
