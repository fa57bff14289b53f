"""The directory of a run: what is in it, who writes it, and whether a run may be continued."""

import fcntl
import json
import os
import pathlib
import re
import socket
import time
import uuid

from wgangp_tf import config as configs
from wgangp_tf import files
from wgangp_tf.errors import UserError

ROOT = pathlib.Path("runs")
_CARD = pathlib.Path("assets.extra") / "card.json"  # in an export
# what a run that was killed before its config was written leaves
_OWN = {".lock", "environment.json", "tensorboard", "checkpoints", "samples"}


class RunDirectory:
    """Paths of a run directory, and the lock of the one process that writes it.

    Attributes:
      path: the directory.
      run_id: string that no other run has; in the card of what the run exports.
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.run_id = None
        self._lock = None

    config_file = property(lambda self: self.path / "config.json")
    environment_file = property(lambda self: self.path / "environment.json")
    metrics_file = property(lambda self: self.path / "metrics.jsonl")
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

    def read_config(self):
        """The config of the run.

        Raises:
          UserError: there is none, or it cannot be read.
        """
        return configs.from_values(configs.read_values(str(self.config_file)))

    def check_config(self, config):
        """Raises a UserError that names the differing fields if the run was made by another config.

        More steps are allowed where no schedule depends on their number.
        """
        mine, theirs = configs.to_values(config), configs.to_values(self.read_config())
        different = [name for name in mine if mine[name] != theirs[name]]
        if different == ["steps"] and mine["steps"] > theirs["steps"] and mine["learning_rate_decay"] == "none":
            return
        if different:
            fields = ", ".join(f"{name} {theirs[name]!r} (now {mine[name]!r})" for name in different)
            hint = ""
            if "steps" in different and mine["learning_rate_decay"] != "none":
                hint = "; steps cannot change where the learning rate decays over them"
            raise UserError(f"run directory {str(self.path)!r} holds a run of another config: {fields}{hint}")

    def claim(self):
        """Makes this process the only writer of the directory, which is made where it is missing.

        The lock is the kernel's: it ends with the process, however that ends. A claim that is held stays.

        Raises:
          UserError: another process holds it, or the directory cannot be written.
        """
        if self._lock is not None:
            return
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise UserError(
                f"--run_dir expects a directory that can be written. Received: {str(self.path)!r} ({error.strerror})"
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(descriptor, 1000, 0).decode(errors="replace").strip() or "another process"
            os.close(descriptor)
            raise UserError(f"run directory {str(self.path)!r} is in use by {holder}") from error
        since = time.strftime("%Y-%m-%d %H:%M:%S")
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"process {os.getpid()} on {socket.gethostname()} since {since}\n".encode(), 0)
        self._lock = descriptor
        self._remove_parts()

    def _remove_parts(self):
        """Removes what a killed writer has half written; there is no other writer."""
        for folder in (self.path, self.samples):
            for path in folder.glob(".*.part"):
                path.unlink(missing_ok=True)

    def release(self):
        """Lets another process write."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def prepare(self, config, environment):
        """Makes what is missing of the directory's content; the claim must be held.

        Args:
          config: `config.Config` of the run.
          environment: dict for environment.json; its "run_id" is kept from an earlier session of the run.
        """
        for folder in (self.tensorboard, self.checkpoints, self.samples):
            folder.mkdir(parents=True, exist_ok=True)
        self.run_id = self.environment().get("run_id") or uuid.uuid4().hex
        files.replace(self.environment_file, json.dumps(environment | {"run_id": self.run_id}, indent=2) + "\n")
        # last, and what makes the directory a run's
        files.replace(self.config_file, config.to_json())

    def environment(self):
        """What environment.json says, {} where there is none."""
        return _read_json(self.environment_file)

    def exported(self):
        """{"export_dir", "step"} of the last export, {} where there is none."""
        return _read_json(self.export_file)

    def last_step(self):
        """Step of the newest checkpoint by its name, or None."""
        return max(checkpoint_steps(self.checkpoints), default=None)

    def trained(self, config):
        """Whether all steps of the config are done."""
        return (self.last_step() or 0) >= config.optimization.steps


def checkpoint_steps(directory):
    """Steps of the checkpoints in a directory, ascending."""
    names = (path.name for path in pathlib.Path(directory).glob("step-*"))
    return sorted(int(name.removeprefix("step-")) for name in names if re.fullmatch(r"step-\d+", name))


def new(config, taken):
    """A new directory runs/NNNN-<dataset>-<method>, made and claimed.

    Args:
      config: `config.Config`.
      taken: callable, path -> whether its export would meet something.

    Raises:
      UserError: it cannot be made.
    """
    name = f"{config.data.dataset.replace('/', '_')}-{config.model.method}"
    number = max((int(path.name[:4]) for path in ROOT.glob("[0-9][0-9][0-9][0-9]-*")), default=0)
    while True:
        number += 1
        path = ROOT / f"{number:04d}-{name}"
        if taken(path):
            continue
        try:
            ROOT.mkdir(exist_ok=True)
            path.mkdir()
        except FileExistsError:
            continue  # another process was faster
        except OSError as error:
            raise UserError(f"cannot make the run directory {str(path)!r} ({error.strerror}); see --run_dir") from error
        run = RunDirectory(path)
        run.claim()
        return run


def newest_unfinished(config):
    """The newest unfinished run of the same config under `ROOT`.

    Raises:
      UserError: there is none.
    """
    found = []
    for path in ROOT.glob("*"):
        run = RunDirectory(path)
        try:
            same = run.exists and run.read_config() == config
        except UserError:
            continue
        if same and not (run.trained(config) and run.exported().get("step") == run.last_step()):
            found.append((run.config_file.stat().st_mtime, path.name, run))
    if not found:
        raise UserError(f"--resume found no unfinished run of this config in {str(ROOT)!r}; leave it out to begin one")
    return max(found, key=lambda entry: entry[:2])[2]


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
