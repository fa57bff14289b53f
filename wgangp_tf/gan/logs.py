"""What a step and held-out samples say of themselves: names and means of the values that are logged."""

import tensorflow as tf

from wgangp_tf.gan import replicas
from wgangp_tf.gan.objective import WATCHED

_GUESSES = "classification_loss"


def names(objective):
    """Names of what a training step with this `Objective` logs."""
    norms = [f"{norm_name(place)}{end}" for place in objective.places for end in ("", "_min", "_max")]
    return (*_of_critic(objective), *norms, "generator_loss", "learning_rate")


def of_penalty(objective):
    """Those of `names` that a penalty says, so that an update without one does not."""
    places = dict.fromkeys(penalty.place for penalty in objective.method.penalties)
    return ("gradient_penalty", *(f"{norm_name(place)}{end}" for place in places for end in ("", "_min", "_max")))


def held_out_names(objective):
    """Names of what is measured on held-out samples."""
    return (*_of_critic(objective), *(norm_name(place) for place in objective.places))


def _of_critic(objective):
    guesses = [_GUESSES] if objective.guesses else []
    return ("critic_loss", "wasserstein_estimate", "gradient_penalty", *guesses)


def of_guesses(values):
    """{name: values} of the cross-entropy of guessed classes, {} where it is None."""
    return {} if values is None else {_GUESSES: values}


def norm_name(place):
    """The name under which gradient norms at a place are logged."""
    return "gradient_norm" if place == WATCHED else f"gradient_norm_{place}"


def of_part(loss, terms):
    """What a part of a critic update logs, of its loss and `objective.CriticTerms`.

    Returns:
      {name: float32 []} and {"norms": {place: float32 [batch]}}.
    """
    return {
        "critic_loss": loss,
        "wasserstein_estimate": tf.reduce_mean(terms.estimates),
        "gradient_penalty": tf.zeros([]) if terms.penalties is None else tf.reduce_mean(terms.penalties),
        "norms": dict(terms.norms),
        **of_guesses(None if terms.guesses is None else tf.reduce_mean(terms.guesses)),
    }


def of_critic(updates):
    """Means over the critic updates of a step and their parts; the norms also over replicas, where they were measured.

    Args:
      updates: list of lists of what `of_part` gives; "gradient_penalty" and norms may be those of some of them.

    Returns:
      {name: float32 []}.
    """
    parts = [part for update in updates for part in update]
    names = dict.fromkeys(name for part in parts for name in part if name != "norms")
    values = {name: _mean([part[name] for part in parts if name in part]) for name in names}
    places = list(dict.fromkeys(place for part in parts for place in part["norms"]))
    here = [tf.concat([part["norms"][place] for part in parts if place in part["norms"]], axis=0) for place in places]
    for place, norms in zip(places, replicas.gathered(here), strict=True):
        name = norm_name(place)
        values |= {
            name: tf.reduce_mean(norms),
            f"{name}_min": tf.reduce_min(norms),
            f"{name}_max": tf.reduce_max(norms),
        }
    return values


def _mean(values):
    return tf.add_n(values) / len(values)
