"""From the flags that were given to a `Config`."""

from wgangp_tf import config as configs
from wgangp_tf.data import registry as data_sets
from wgangp_tf.errors import UserError, unknown_name
from wgangp_tf.gan import methods
from wgangp_tf.networks import registry as networks
from wgangp_tf.presets import PRESETS


def resolve(given):
    """The Config of the flags that were given.

    A value comes from the first that has one: command line, --config file, --preset, the method's own defaults, the
    data set's, `Config`'s.

    Args:
      given: {flag: value}, without those left out.

    Returns:
      `config.Config`.

    Raises:
      UserError: a name is in no table, or a value is out of range.
    """
    known = configs.to_values(configs.Config())
    values = {name: value for name, value in given.items() if name in known}
    if "config" in given:
        from_file = configs.read_values(given["config"])
        networks.check_no_code(from_file.get("network"), given.get("network"), given["config"])
        values = from_file | values
    if "preset" in given:
        if given["preset"] not in PRESETS:
            raise unknown_name("preset", given["preset"], PRESETS)
        values = PRESETS[given["preset"]][1] | values
    asked = configs.from_values(values)  # of the right types, before anything is looked up
    method, row = methods.find(asked.model.method), data_sets.find(asked.data.dataset)
    config = configs.from_values({**row.defaults, **method.defaults, **values})
    networks.check(config.model, data_sets.sample_shape(config.data))
    _check_effect(config, method, given)
    if row.size is not None and config.optimization.batch_size > row.size:
        raise UserError(
            f"batch_size must be at most the {row.size} training samples of data set {config.data.dataset!r}. "
            f"Received: batch_size={config.optimization.batch_size}"
        )
    return config


def _check_effect(config, method, given):
    """Raises a UserError for a flag that the method or the optimizer has no use for."""
    of_method, optimizer = f"method {config.model.method!r}", config.optimization.optimizer
    useless = {
        "gp_weight": method.penalty is None and of_method,
        "clip_value": not method.clips and of_method,
        "beta_1": optimizer != "adam" and f"optimizer {optimizer!r}",
        "beta_2": optimizer != "adam" and f"optimizer {optimizer!r}",
    }
    for name, owner in useless.items():
        if owner and name in given:
            raise UserError(f"{owner} has no {name}. Received: {name}={given[name]}")
    if method.penalty is not None and config.model.critic_normalization == "batch":
        raise UserError(
            f"{of_method} penalises gradients of single samples, which batch normalization in the critic mixes. "
            "Received: critic_normalization=batch"
        )
