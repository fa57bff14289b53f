"""`--init_from`: a new run that starts from the networks of a trained one."""

import collections
import re

from wgangp_tf.errors import UserError
from wgangp_tf.networks import registry as networks
from wgangp_tf.training import run_directory, trained

_ROLES = ("generator", "critic")


class TrainedPair:
    """The networks of another run, at its best checkpoint where they were evaluated, else at its newest."""

    def __init__(self, path, network=None):
        """
        Args:
          path: of the run's directory; only read.
          network: of the new run; only by being the same "module:function" does it let the other run's be run.

        Raises:
          UserError: it is no run, has no checkpoint, or names code that the user did not.
        """
        self.path = path
        self.directory = run_directory.RunDirectory(path)
        try:
            if not self.directory.exists:
                raise UserError(f"init_from expects the directory of a run. Received: {path!r}")
            self.config = self.directory.read_config(to_continue=False)
        except OSError as error:
            raise UserError(
                f"init_from expects the directory of a run that can be read. Received: {path!r} "
                f"({error.strerror}: {error.filename!r})"
            ) from error
        theirs = self.config.model.network
        networks.check_no_code(theirs, network if network == theirs else None, str(self.directory.config_file))
        if self.directory.last_step() is None:
            raise UserError(f"init_from expects a run with a checkpoint. Received: {path!r}, which has none")

    def give(self, model, network, say):
        """Copies every weight whose name and shape fit into a model.

        The generator gets the averaged weights where there are some: what the other run's samples are drawn with. The
        optimizers, the step and the averages of the new run begin anew.

        Args:
          model: `GAN` as at step 0.
          network: name of its networks.
          say: callable of one line.

        Returns:
          dict for environment.json: run_id, step, and the names of the weights of each network.

        Raises:
          UserError: no weight of one of the networks fits, or the other run cannot be read; `model` is as it was.
        """
        spec = trained.spec_of(self.directory, self.config)
        best = trained.best(self.directory, spec, say)
        other = trained.model_at(self.directory, self.config, spec, say, None if best is None else best[0])
        sampled = {id(variable): weight for variable, weight in other.sampling_weights()}
        fitting = {role: Fitting(getattr(other, role), getattr(model, role)) for role in _ROLES}
        for role, fit in fitting.items():
            if not fit.pairs:
                raise UserError(
                    f"init_from expects a run whose weights fit. Received: {self.path!r}, of network "
                    f"{self.config.model.network!r}: no weight of its {role} has the name and shape of one of "
                    f"{network!r} here"
                )
        for fit in fitting.values():
            for old, new in fit.pairs.values():
                new.assign(sampled.get(id(old), old).numpy())
        if model.averages is not None:
            model.averages.begin()
        say(f"begins with the networks of {self.path} at step {other.steps_done}{_why(best)}")
        for role, fit in fitting.items():
            say(f"{role}: {fit.in_words()}")
        return {
            "run_id": self.directory.environment().get("run_id"),
            "step": other.steps_done,
            "weights": {role: fit.names() for role, fit in fitting.items()},
        }


def _why(best):
    return "" if best is None else f", its best by {best[1]} ({best[2]:.4g})"


class Fitting:
    """Which weights of a network have a namesake of the same shape in another one.

    Attributes:
      pairs: {name: (old variable, new variable)}.
    """

    def __init__(self, old, new):
        """
        Args:
          old, new: built Keras models.
        """
        old, self._new = _named(old), _named(new)
        self.pairs = {
            name: (old[name], weight)
            for name, weight in self._new.items()
            if name in old and tuple(old[name].shape) == tuple(weight.shape)
        }
        self._unused = [name for name in old if name not in self.pairs]

    def names(self):
        """{"taken", "begun_anew", "left_behind"}: lists of names, of weights of the new network and of the old one."""
        anew = [name for name in self._new if name not in self.pairs]
        return {"taken": list(self.pairs), "begun_anew": anew, "left_behind": self._unused}

    def in_words(self):
        anew = len(self._new) - len(self.pairs)
        if not anew:
            return f"all {len(self._new)} weights fit"
        return f"{len(self.pairs)} of {len(self._new)} weights fit, {anew} begin anew (environment.json names them)"


def _named(network):
    """{name: weight} of a network, in its order.

    A layer or a weight without a name of its own gets one from Keras, with a number that depends on what was built
    before. It is numbered by its place among those of its kind in this network instead.
    """
    counts, names, weights = collections.Counter(), {}, {}
    for layer in network._flatten_layers():
        stem = _stem(layer.name)
        if stem.replace("_", "") == type(layer).__name__.lower().replace("_", ""):
            counts[stem] += 1
            names[layer.name] = f"{stem}_{counts[stem]}"
    for weight in network.weights:
        *above, name = weight.path.split("/")
        above = "/".join(names.get(part, part) for part in above)
        if _stem(name) == "variable":
            counts[above] += 1
            name = f"variable_{counts[above]}"
        weights[f"{above}/{name}" if above else name] = weight
    return weights


def _stem(name):
    """A name without the number at its end."""
    return re.sub(r"_\d+$", "", name)
