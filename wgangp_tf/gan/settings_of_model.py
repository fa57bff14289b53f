"""What may be set on a `GAN` after it was made: it holds from the next step on, in a fit too, or is refused."""

from wgangp_tf.gan import arguments, networks_check

CHANGED = ("gp_weight", "clip_value", "n_critic", "accumulate", "seed")
# that networks, averages or the parts of the model were made for
_FIXED = (
    "generator",
    "critic",
    "latent_dim",
    "method",
    "ema_decay",
    "generator_batch_size",
    "gp_interval",
    "gp_batch_fraction",
    "augment",
    "codec",
    "class_frequencies",
    "class_shares",
    "sample_shape",
    "objective",
    "averages",
    "dtype_policy",  # each network has its own
)
KNOWN = frozenset((*CHANGED, *_FIXED))


def change(model, name, value):
    """Gives a setting of a model another value; graphs that hold the old one are forgotten.

    Args:
      model: `GAN`.
      name: one of `KNOWN`.
      value: what is to hold from the next step on.

    Raises:
      AttributeError: it is fixed once the outermost constructor is done.
      ValueError: the value is out of range, or does not go with the others.
    """
    if name in _FIXED:
        if "_made" not in vars(model):  # the constructor of a subclass
            model.take_setting(name, value)
            return
        raise AttributeError(f"{name} is fixed when the model is made: make another {type(model).__name__}")
    values = {each: getattr(model, each) for each in CHANGED} | {name: value}
    values["seed"] = arguments.seed(values["seed"])
    values |= networks_check.check_numbers(
        values["n_critic"], values["gp_weight"], values["clip_value"], model.generator_batch_size, values["accumulate"]
    )
    if values[name] == getattr(model, name):
        return
    if name == "n_critic" and model.objective.gp_interval != 1:
        raise AttributeError("n_critic is fixed where gp_interval is not 1: make another model with it")
    model.take_setting(name, values[name])
    model.forget_graphs()
