"""From the flags that were given to a whole `Config`: every value that shapes the weights, none of them left open."""

import dataclasses

from wgangp_tf import config as configs
from wgangp_tf import config_file, presets, settings
from wgangp_tf.data import registry as data_sets
from wgangp_tf.errors import UserError
from wgangp_tf.gan import methods
from wgangp_tf.networks import registry as networks
from wgangp_tf.training import run_directory

# rates above these are not known to train a GAN with the optimizer
_HIGH_RATES = {"adam": 0.02, "rmsprop": 0.02, "sgd": 1.0}
_NOT_OF_ALL = methods.OF_PENALTY | {"clip_value", "generator_batch_size"}  # fields that not every method has a use for
# what is chosen for a method, and says little for another one
_OF_METHOD = {
    "optimizer",
    "learning_rate",
    "critic_learning_rate",
    "beta_1",
    "beta_2",
    "n_critic",
    "clip_value",
    "generator_batch_size",
} | methods.OF_PENALTY


def asked_values(given):
    """What a user asks of the config: from the command line, else the --config file, else the --preset.

    Args:
      given: {flag: value}, without those left out.

    Returns:
      {field: value}, of the right types and within their ranges.

    Raises:
      UserError: a name is in no table, or a value is out of range.
    """
    known = configs.to_values(configs.Config())
    values = {name: value for name, value in given.items() if name in known}
    if "config" in given:
        from_file = config_file.read_values(given["config"])
        networks.check_no_code(from_file.get("network"), given.get("network"), given["config"])
        if run_directory.of_config(given["config"]) is not None:
            from_file.pop("init_from", None)  # what that run began with: a new one does where it is asked to
        values = from_file | values
    if "preset" in given:
        own = presets.find(given["preset"])
        if _means(own, values.get("dataset", own.get("dataset"))):
            by_itself = data_sets.find(own["dataset"]).defaults
            own = {name: value for name, value in own.items() if name == "dataset" or name not in by_itself}
        if not values.get("conditional", True):
            own = {name: value for name, value in own.items() if name != "critic_condition"}
        values = _over(_for_method(own, values.get("method")), values)
    typed = configs.to_values(configs.from_values(values))
    return {name: typed[name] for name in values if typed[name] is not None}  # None leaves a field open


def resolve(given, storage=None):
    """The Config of the flags that were given.

    A value comes from the first that has one: command line, --config file, --preset or else what was measured of the
    method on this data set, the method's own defaults, the data set's where no preset is named, `Config`'s; what is
    still open then is what the network and the data have by themselves. Of a preset or a data set that names a method,
    the rates are for that method alone. A preset that is what its data set means by itself is another name of that, and
    with more besides it is that data set with what it adds.

    Args:
      given: {flag: value}, without those left out.
      storage: `settings.Storage`, where the data lie; None for what the flags say.

    Returns:
      `config.Config`.

    Raises:
      UserError: a name is in no table, or a value is out of range.
    """
    values, storage = asked_values(given), storage or settings.Storage(data_file=given.get("data_file"))
    data = configs.from_values(values).data
    row = data_sets.find(data.dataset)
    of_preset = "preset" in given and not _means(presets.find(given["preset"]), values.get("dataset"))
    own = _for_method(data_sets.defaults(data, storage), values.get("method"))
    if of_preset:  # which says all but the size of pictures that are not its own
        own = {name: value for name, value in own.items() if name == "image_size"}
    named = configs.from_values({**own, **values})
    method = methods.find(named.model.method)
    if "method" in own:  # its rates are the data set's
        defaults = own
    else:
        measured = {} if of_preset else method.measured.get(named.data.dataset, {})
        defaults = _over(_over(own, method.defaults), measured)
    config = _labelled(configs.from_values(_over(defaults, values)), given)
    spec = data_sets.spec(config.data, storage)
    networks.check(config.model, spec)
    if config.optimization.augmentations and spec.kind != "images":
        raise UserError(
            f"augment changes pictures, and data set {config.data.dataset!r} holds none. "
            f"Received: augment={config.optimization.augment}"
        )
    _check_effect(config, method, given)
    if row.size is not None and config.optimization.batch_size > row.size:
        raise UserError(
            f"batch_size must be at most the {row.size} training samples of data set {config.data.dataset!r}. "
            f"Received: batch_size={config.optimization.batch_size}"
        )
    interval, n_critic = config.optimization.gp_interval, config.optimization.n_critic
    if n_critic % interval and interval % n_critic:
        raise UserError(
            "gp_interval must divide n_critic or be a multiple of it. "
            f"Received: gp_interval={interval}, n_critic={n_critic}"
        )
    return complete(config, spec)


def _labelled(config, given):
    """A Config whose samples have labels where its networks take classes."""
    if not config.model.conditional or config.data.labels != "none":
        return config
    if given.get("labels") == "none":
        raise UserError("conditional networks need the labels of the samples. Received: labels=none, conditional=True")
    if data_sets.find(config.data.dataset).own_labels:
        raise UserError(
            f"conditional expects --labels=<name of the labels in the file> for data set {config.data.dataset!r}. "
            "Received: no labels"
        )
    return dataclasses.replace(config, data=dataclasses.replace(config.data, labels="auto"))


def _means(preset, data_set):
    """Whether the values of a preset are what this data set means where no preset is named, or these and more."""
    if data_set is None or preset.get("dataset") != data_set:
        return False
    by_itself = data_sets.find(data_set).defaults
    return bool(by_itself) and by_itself.items() <= preset.items()


def _for_method(values, method):
    """{field: value} without what was chosen for another method than the one asked for, or None for none."""
    if method in (None, values.get("method")):
        return values
    useless = _NOT_OF_ALL - methods.find(method).fields
    if "method" in values:
        useless = _OF_METHOD | {"method"}
    return {name: value for name, value in values.items() if name not in useless}


def _over(values, others):
    """{field: value} of both, the second before the first; the critic's rate goes with the generator's it was for."""
    merged = {**values, **others}
    if "learning_rate" in others and "critic_learning_rate" not in others:
        merged.pop("critic_learning_rate", None)
    return merged


def complete(config, spec):
    """A Config with what network and data have by themselves written out."""
    data, optimization = data_sets.complete(config.data, spec), config.optimization
    model = networks.complete(config.model)
    if optimization.critic_learning_rate is None:
        optimization = dataclasses.replace(optimization, critic_learning_rate=optimization.learning_rate)
    return dataclasses.replace(config, data=data, model=model, optimization=optimization, samples=spec)


def warnings(config):
    """What looks like a slip of the hand: lines, said before the training."""
    optimization = config.optimization
    highest = _HIGH_RATES[optimization.optimizer]
    rate = max(optimization.learning_rate, optimization.critic_learning_rate or 0.0)
    if rate > highest:
        yield (
            f"a learning rate of {rate:g} is far above what trains a GAN with {optimization.optimizer} "
            f"(at most about {highest:g}): expect the losses to grow"
        )
    if config.data.labels != "none" and not config.model.conditional:
        yield "the networks take no classes: labels are used by metrics alone; --conditional trains with them"


def _check_effect(config, method, given):
    """Raises a UserError for a flag that the method or the optimizer has no use for."""
    of_method, optimizer = f"method {config.model.method!r}", config.optimization.optimizer
    useless = {name: name not in method.fields and of_method for name in sorted(_NOT_OF_ALL)} | {
        "beta_1": optimizer != "adam" and f"optimizer {optimizer!r}",
        "beta_2": optimizer != "adam" and f"optimizer {optimizer!r}",
    }
    if not config.model.conditional:
        useless["critic_condition"] = "a pair of networks without --conditional"
    if config.data.scale == "none":
        useless["scale_axes"] = "scale 'none'"
    if networks.find(config.model.network) is not None:
        whole = networks.complete(config.model)
        if "batch" not in (whole.generator_normalization, whole.critic_normalization):
            useless["sync_batch_norm"] = f"network {whole.network!r} without batch normalization"
    else:  # of one's own
        fields = ("generator_normalization", "critic_normalization", "initializer", "critic_condition")
        useless |= dict.fromkeys(fields, f"network {config.model.network!r}")
    for name, owner in useless.items():
        if owner and given.get(name, False) is not False:
            raise UserError(f"{owner} has no {name}. Received: {name}={given[name]}")
    if method.penalties and config.model.critic_normalization == "batch":
        raise UserError(
            f"{of_method} penalises gradients of single samples, which batch normalization in the critic mixes. "
            "Received: critic_normalization=batch"
        )
