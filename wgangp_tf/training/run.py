"""A run, opened once: whether it is new, to be continued or finished, and everything it was begun with."""

import dataclasses
import json
import os
import uuid

from wgangp_tf import config as configs
from wgangp_tf import config_file, files, settings
from wgangp_tf.errors import UserError
from wgangp_tf.metrics import features
from wgangp_tf.networks import registry as networks
from wgangp_tf.training import resolve, run_directory
from wgangp_tf.training.run_directory import RunDirectory

_DATA_PATHS = ("data_dir", "data_file", "manual_dir", "inception_weights")
_PATHS = {  # fields of the config
    field.name
    for section in configs.SECTIONS.values()
    for field in dataclasses.fields(section)
    if field.metadata.get("path")
}
_OF_THE_PROCESS = ("max_minutes", "local_workers")  # settings that are not of the run


@dataclasses.dataclass
class Run:
    """A run and its place.

    Attributes:
      config: `config.Config`, whole.
      directory: `RunDirectory`; None until a new run without a place of its own has begun.
      execution, cadence, storage: see `settings`.
      export_dir: where the user wants the SavedModel, or None for saved_models/<name of the run directory>.
      name: of a new run's directory, or None.
    """

    config: configs.Config
    directory: RunDirectory | None
    execution: settings.Execution
    cadence: settings.Cadence
    storage: settings.Storage
    export_dir: str | None = None
    name: str | None = None

    @property
    def continued(self):
        return self.directory is not None and self.directory.exists

    @property
    def export_path(self):
        """Where the SavedModel goes, or None as long as the run has no place."""
        if self.export_dir is not None or self.directory is None:
            return self.export_dir
        return run_directory.default_export(self.directory.path)

    @property
    def untrained(self):
        """Whether nothing is saved of it yet."""
        return self.directory is None or self.directory.last_step() is None

    def begin(self, source, environment, say, replicas=1, apart=False, init_from=None):
        """Makes this process the run's only writer, and writes what the run directory says of the run.

        Args:
          source: `data.source.Source` that it trains on.
          environment: dict, what `environment.json` says of this process.
          say: callable of one line.
          replicas: int, that a batch is cut over.
          init_from: dict, what was taken from another run; None for nothing, or for what the directory says.
          apart: whether a network sees the samples of each replica by themselves, so that their number matters.

        Raises:
          UserError: another process has the directory, or the data is not what the run began with.
        """
        if self.directory is None:
            name = self.name or f"{self.config.data.dataset.replace('/', '_')}-{self.config.model.method}"
            self.directory = run_directory.new(name, self.export_dir)
        self.directory.claim()
        if self.directory.exists:
            _agree(self.directory, configs.to_values(self.config))  # again, now that nobody else can write it
        before = self.directory.environment()
        _check_same_data(before, source)
        _check_replicas(before.get("replicas", replicas), replicas, apart, say)
        self.config = dataclasses.replace(self.config, samples=source.spec)
        may_change = dataclasses.asdict(self.execution) | dataclasses.asdict(self.cadence)
        for name in _OF_THE_PROCESS:
            del may_change[name]
        for name, value in may_change.items():
            old = before.get("settings", {}).get(name, value)
            if old != value and (name, old) != ("jit_compile", "auto"):  # what it meant is kept since
                say(f"{name} is {value} from here on, it was {old}")
        written = _environment(self, before, environment, may_change, source) | {"replicas": replicas}
        taken = init_from or before.get("init_from")
        self.directory.prepare(self.config, written | ({"init_from": taken} if taken else {}))
        if source.report is not None:
            files.replace(self.directory.report_file, json.dumps(source.report, indent=2) + "\n")

    def end(self, where, step):
        """Writes where the run was exported, the last thing a run writes."""
        run_directory.record_export(self.directory.path, where, step)

    def told(self):
        """What the chief tells the other processes of a run that goes on, for `followed`; None of a new one."""
        if not self.continued:
            return None
        settings_ = dataclasses.asdict(self.execution) | dataclasses.asdict(self.cadence)
        return {
            "config": configs.to_values(self.config),
            "settings": {name: value for name, value in settings_.items() if name not in _OF_THE_PROCESS},
            "storage": _with_paths(dataclasses.asdict(self.storage), os.path.abspath),
        }


def open_run(given):
    """The run that a command line means; makes and writes nothing.

    A run directory that is named is continued: its own config, settings and places hold, and what is given beside it
    must agree. So is the newest unfinished run that agrees, with `resume` and no directory. Otherwise it is a new run.

    Args:
      given: {flag: value} of `train`.

    Returns:
      `Run`.

    Raises:
      UserError: the values cannot be used, or do not agree with the run's.
    """
    directory = _directory(given)
    if directory is None or not directory.exists:
        storage = _settings(settings.Storage, _storage_of_config(given) | given)
        return Run(
            resolve.resolve(given, storage),
            directory,
            *(_settings(kind, given) for kind in (settings.Execution, settings.Cadence)),
            storage,
            export_dir=given.get("export_dir"),
            name=given.get("name"),
        )
    if "name" in given:
        raise UserError(f"--name is for a new run. Received: name={given['name']} and the run {str(directory.path)!r}")
    asked = resolve.asked_values(given)
    config = _agree(directory, asked)
    networks.check_no_code(config.model.network, asked.get("network"), str(directory.config_file))
    before = directory.environment()
    return Run(
        config,
        directory,
        _settings(settings.Execution, before.get("settings", {}) | given),
        _settings(settings.Cadence, before.get("settings", {}) | given),
        _settings(settings.Storage, _storage(directory, before) | given),
        export_dir=given.get("export_dir") or run_directory.found_path(before.get("export_dir"), directory.path),
    )


def followed(given, told):
    """The run of a process that is not the chief, which needs no run directory of its own.

    Args:
      given: {flag: value} of `train`.
      told: what `Run.told` of the chief's says.

    Returns:
      `Run`.

    Raises:
      UserError: the values cannot be used, or do not agree with the chief's run.
    """
    if told is None:
        return open_run(given)
    asked = resolve.asked_values(given)
    config = _agreed(configs.from_values(told["config"]), asked, "the chief continues")
    networks.check_no_code(config.model.network, asked.get("network"), "config.json of the chief")
    return Run(
        config,
        None,
        _settings(settings.Execution, told["settings"] | given),
        _settings(settings.Cadence, told["settings"] | given),
        _settings(settings.Storage, told["storage"] | given),
    )


def _directory(given):
    """The run directory to continue or to make at a given path, or None for a new numbered one."""
    if "run_dir" not in given:
        return _newest_unfinished(given) if given.get("resume") else None
    directory = RunDirectory(given["run_dir"])
    if directory.path.exists() and not directory.path.is_dir():
        raise UserError(f"--run_dir expects a directory. Received: {given['run_dir']!r}, a file")
    if given.get("resume") and not directory.exists:
        raise UserError(f"--resume expects a run in --run_dir. Received: {given['run_dir']!r}, which holds none")
    if not directory.exists:
        directory.check_empty()
    return directory


def _newest_unfinished(given):
    """The newest unfinished run that agrees with what is asked.

    Raises:
      UserError: there is none.
    """
    asked = resolve.asked_values(given)
    found = []
    for directory in run_directory.all_runs():
        try:
            config = _agree(directory, asked, may_grow=False)
        except UserError:
            continue
        if not (directory.trained(config) and directory.exported().get("step") == directory.last_step()):
            found.append((directory.config_file.stat().st_mtime, directory.path.name, directory))
    if not found:
        of = " of this config" if asked else ""
        raise UserError(
            f"--resume found no unfinished run{of} in {str(run_directory.ROOT)!r}; leave it out to begin one"
        )
    return max(found, key=lambda entry: entry[:2])[2]


def _agree(directory, asked, may_grow=True):
    """The config of a run, with what is asked of it where that may change.

    More steps are allowed where no schedule depends on their number.

    Raises:
      UserError: it was begun with other values, which are named, or cannot be continued.
    """
    return _agreed(directory.read_config(), asked, f"run directory {str(directory.path)!r} holds", may_grow)


def _agreed(config, asked, whose, may_grow=True):
    """See `_agree`; `whose` says in words where the config is from."""
    theirs = configs.to_values(config)
    # what "auto" was at the run's first start holds
    asked = {name: value for name, value in asked.items() if (name, value) != ("precision", "auto")}
    different = [name for name, value in asked.items() if _meant(name, value) != _meant(name, theirs[name])]
    longer = different == ["steps"] and asked["steps"] > theirs["steps"]
    if longer and may_grow and theirs["learning_rate_decay"] == "none":
        return configs.with_steps(config, asked["steps"])
    if different:
        fields = ", ".join(f"{name} {theirs[name]!r} (now {asked[name]!r})" for name in different)
        hint = ""
        if "steps" in different and theirs["learning_rate_decay"] != "none":
            hint = "; steps cannot change where the learning rate decays over them"
        elif "steps" in different and asked["steps"] < theirs["steps"]:
            hint = "; steps may only grow when a run is continued"
        raise UserError(f"{whose} a run of another config: {fields}{hint}")
    return config


def _meant(name, value):
    """A value of the config as it is compared: a path by where it leads from here."""
    return os.path.abspath(value) if name in _PATHS and value is not None else value


def _settings(kind, values):
    """A settings dataclass from the values that it has fields for."""
    return kind(**{name: values[name] for name in kind.__dataclass_fields__ if name in values})


def _storage_of_config(given):
    """Where the data lies of a run whose config.json a new one begins with; {} for another file, or other data."""
    directory = run_of_config(given)
    if directory is None:
        return {}
    dataset = config_file.read_values(given["config"]).get("dataset")
    return _storage(directory, directory.environment()) if given.get("dataset", dataset) == dataset else {}


def run_of_config(given):
    """The `RunDirectory` of the run whose own config.json --config names, or None."""
    return run_directory.of_config(given.get("config", ""))


def storage_of(directory):
    """Where the data of a run lies: `settings.Storage`."""
    return _settings(settings.Storage, _storage(directory, directory.environment()))


def _storage(directory, before):
    """Where a run's data lies: {field of `settings.Storage`: value}."""
    return _with_paths(before.get("storage", {}), lambda kept: run_directory.found_path(kept, directory.path))


def _with_paths(storage, change):
    """Values of `settings.Storage` with each path changed by a function."""
    changed = dict(storage)
    for name in _DATA_PATHS:
        if changed.get(name) is not None and (name, changed[name]) != ("inception_weights", features.DOWNLOAD):
            changed[name] = change(changed[name])
    return changed


def _environment(run, before, environment, may_change, source):
    """The content of environment.json: of the first process that trained, and of those since."""
    storage = {name: value for name, value in dataclasses.asdict(run.storage).items() if value is not None}
    storage = _with_paths(storage, lambda path: run_directory.kept_path(path, run.directory.path))
    export_dir = run.export_dir and run_directory.kept_path(run.export_dir, run.directory.path)
    data = {
        "name": source.name,
        "training_samples": len(source.train),
        "held_out_samples": len(source.validation),
        "licence": source.licence,
        "fingerprint": source.fingerprint,
    }
    return (
        environment
        | {"format": 2, "run_id": before.get("run_id") or uuid.uuid4().hex}
        | {"command_line": before.get("command_line", environment["command_line"])}
        | {"settings": may_change, "storage": storage, "export_dir": export_dir, "data": data}
        | {"sessions": [*before.get("sessions", []), environment]}
    )


def _check_replicas(then, now, apart, say):
    """Says that a run goes on over another number of replicas; raises a UserError where its numbers would differ."""
    if then == now:
        return
    if apart:
        raise UserError(
            f"this run was begun over {then} replicas, and its batch normalization sees each one's samples by "
            f"themselves: over {now} it would train otherwise. Received: {now} replicas; runs with --sync_batch_norm, "
            "or without batch normalization, may change it"
        )
    say(f"over {now} replica{'s' if now != 1 else ''} from here on, it was {then}: the same training but for rounding")


def _check_same_data(before, source):
    then = before.get("data", {}).get("fingerprint", source.fingerprint)
    if then != source.fingerprint:
        raise UserError(
            f"the samples of data set {source.name!r} are not those the run began with (fingerprint {then}). "
            f"Received: {source.fingerprint}; begin a new run"
        )
