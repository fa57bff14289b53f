"""What is measured: a training step by name, and what somebody else needs to know to write the same one."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from wgangp_tf import config as configs
from wgangp_tf import presets, settings
from wgangp_tf.data import registry as data_sets
from wgangp_tf.errors import unknown_name
from wgangp_tf.networks import registry as networks
from wgangp_tf.training import resolve

# steps that no preset is: {name: flags of `train`}
_OWN = {
    "digits": {},
    "zoo_dcgan64": {"preset": "zoo_celeb_a", "batch_size": 32},  # the zoo's own batch of 256 takes 20 GB and more
}
DEFAULT = ("digits", "toy_8gaussians_small", "shapes", "cifar10_resnet_small", "zoo_dcgan64")
# what the curves vary where several steps are measured: pictures, small enough for minutes on two cores
OF_CURVES = "zoo_celeb_a_small"
# networks that are written in benchmarks/ too: {module in `networks`: options that tell its kinds apart}
_WRITTEN_ELSEWHERE = {
    "mlp": {"depth": 3},
    "dcgan": {"kernel": 5, "bias": True, "nonlinearity": "relu", "constant": False},
    "cifar10_resnet": {},
}


@dataclasses.dataclass(frozen=True)
class Work:
    """A training step.

    Attributes:
      name: of a preset, or of `_OWN`.
      changed: {flag of `train`: value} where they are other than what the name means.
      config: the `config.Config` they mean.
    """

    name: str
    changed: Mapping[str, Any]
    config: configs.Config

    @property
    def images(self):
        """Real samples of a step."""
        return self.config.optimization.n_critic * self.config.optimization.batch_size

    def in_words(self):
        """What the step is: network, size, batch."""
        model, optimization = self.config.model, self.config.optimization
        size = "x".join(map(str, self.config.samples.shape))
        classes = f" of {len(self.config.samples.classes)} classes" if model.conditional else ""
        return (
            f"{model.network} of width {model.width}, samples {size}{classes}, {model.method}, "
            f"batch {optimization.batch_size}, n_critic {optimization.n_critic}"
        )


def find(name, **changed):
    """The `Work` of a name: of a preset, or of `_OWN`.

    Args:
      name: text.
      **changed: flags of `train` that are other than the preset's.

    Raises:
      UserError: no such name, or the values cannot be used.
    """
    known = [*_OWN, *presets.PRESETS, *presets.ALIASES]
    if name not in known:
        raise unknown_name("preset", name, known)
    config = resolve.resolve({**_OWN.get(name, {"preset": name}), **changed})
    if config.model.conditional:  # how many classes there are is part of the networks
        classes = data_sets.class_names(config.data, settings.Storage())
        config = dataclasses.replace(config, samples=dataclasses.replace(config.samples, classes=classes))
    return Work(name, changed, config)


def elsewhere(config):
    """What somebody needs to know who writes the same step with another library.

    Args:
      config: `config.Config`.

    Returns:
      (dict that JSON holds, ""), or (None, why there is nothing to compare with, in words).
    """
    model, optimization = config.model, config.optimization
    row = networks.find(model.network)
    if row is None or row.module not in _WRITTEN_ELSEWHERE:
        return None, f"no other has written the network {model.network!r}"
    if model.conditional:
        return None, "no other has written networks that take classes"
    if model.method != "wgan-gp":
        return None, f"no other has written the method {model.method!r}"
    options = _WRITTEN_ELSEWHERE[row.module] | dict(row.options)
    shape = list(config.samples.shape)
    if options.get("nonlinearity", "relu") != "relu" or options.get("constant"):
        return None, f"no other has written the network {model.network!r}"
    if row.ranks is not None and (len(shape) != 3 or any(side % 8 for side in shape[:2])):
        return None, f"no other takes samples of {'x'.join(map(str, shape))}"
    if optimization.accumulate > 1 or optimization.optimizer != "adam":
        return None, "no other has written this optimization"
    names = ("width", "latent_dim", "generator_normalization", "critic_normalization")
    numbers = ("n_critic", "gp_weight", "batch_size", "learning_rate", "critic_learning_rate", "beta_1", "beta_2")
    return {
        "network": row.module,
        "shape": shape,
        "pictures": config.samples.kind == "images",
        **options,
        **{name: getattr(model, name) for name in names},
        **{name: getattr(optimization, name) for name in numbers},
        "generator_batch_size": optimization.generator_batch_size or optimization.batch_size,
        "precision": optimization.precision,
    }, ""
