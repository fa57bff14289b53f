"""The critic updates of a step: what each sees, which of them have a penalty, and what they log."""

import functools

import tensorflow as tf

from wgangp_tf.gan import in_parts, logs, own_losses, replicas
from wgangp_tf.gan.batches import Batch
from wgangp_tf.gan.draws import Draws
from wgangp_tf.gan.updates import minimise, minimise_either


class CriticUpdates:
    """Updates the critic of a `GAN`.

    The penalty is part of every `gp_interval`-th update of the run, the first one included: of some updates of each
    step, or of the first update of every so many steps. What it says is logged in each step: of those updates, or of
    the last one there was.
    """

    def __init__(self, model):
        """
        Args:
          model: `GAN`; `gp_interval` divides its n_critic or is a multiple of it.
        """
        self._model = model
        self._objective = model.objective
        interval = model.objective.gp_interval
        self._updates_between = min(interval, model.n_critic)
        self._steps_between = max(1, interval // model.n_critic)
        self._last = {}
        if self._steps_between > 1:
            names = logs.of_penalty(self._objective)
            self._last = {name: model.scalar(f"last_{name}", "float32") for name in names}

    def check_replicas(self):
        """Raises a ValueError for penalties that several replicas cannot take in some steps alone."""
        places = {penalty.place for penalty in self._objective.method.penalties}
        if self._steps_between > 1 and "around_real" in places:
            raise ValueError(
                "gp_interval must be at most n_critic over several replicas where the penalty needs all their samples. "
                f"Received: gp_interval={self._objective.gp_interval}, n_critic={self._model.n_critic}"
            )

    @property
    def variables(self):
        """Keras variables with what the last penalty said, where there is not one in every step."""
        return list(self._last.values())

    def run(self, updates):
        """Updates the critic.

        Args:
          updates: list of the `Batch`es of each update: the parts of its real samples.

        Returns:
          {name: float32 []}, what a step logs of them.
        """
        found = [self._update(parts, update) for update, parts in enumerate(updates)]
        values = logs.of_critic(found)
        for name, last in self._last.items():
            value = tf.where(self._due(), replicas.mean(values[name]), last)
            last.assign(value)
            values[name] = value
        return values

    def _due(self):
        """Whether this step has a penalty, where not every step has one."""
        return tf.equal(self._model.step % self._steps_between, 0)

    def _update(self, parts, update):
        """An update of a step, on the parts of its real samples; returns what `logs.of_critic` takes, of each part."""
        model, looped = self._model, self._model.looped
        draws = functools.partial(Draws, model.seed, model.step, update, parts=len(parts))
        if model.augment:
            _, parts = in_parts.each(parts, lambda number, part: ([], self._shown(part, draws(part=number))), looped)
        if len(parts) > 1:
            draws = functools.partial(draws, whole=tf.concat([part.samples for part in parts], axis=0))
        _, seen = in_parts.each(parts, lambda number, part: ([], self._pair(part, draws(part=number))), looped)

        def of(loss):
            return lambda number, pair: loss((*pair, draws(part=number)))

        how = model.critic_optimizer, model.critic.trainable_variables, seen
        if update % self._updates_between:
            found = minimise(*how, of(self._plain), looped)
        elif self._steps_between == 1:
            found = minimise(*how, of(self._penalised), looped)
        else:
            found = minimise_either(self._due(), *how, of(self._penalised), of(self._plain_with_names), looped)
        model.clip()
        if update == 0:
            finite = [tf.reduce_all(tf.math.is_finite(tf.cast(fake.samples, tf.float32))) for _, fake in seen]
            model.fakes_finite.assign(tf.cast(tf.reduce_all(finite), tf.int64))
        if update == model.n_critic - 1:
            # not part of the loss: measured once a step, of the critic the generator will see
            def watched(number, pair):
                return [], self._objective.watched(model.frozen_critic, *pair, draws(part=number))

            _, norms = in_parts.each(seen, watched, looped)
            for values, more in zip(found, norms, strict=True):
                values["norms"] |= more
        return found

    def _shown(self, part, draws):
        """The real samples of a part of an update, as the critic is shown them."""
        return self._model.augmented(part, "augment_real", draws)

    def _pair(self, real, draws):
        """(real, fake) `Batch` of a part of an update."""
        model = self._model
        latents = draws.normal("latents", real.count, [model.latent_dim])
        # without the generator's state: it learns nothing here, its moving statistics included
        fake = model.frozen(model.generator, model.with_labels(latents, real.labels))
        fake = Batch(tf.stop_gradient(fake), real.labels)
        return real, model.augmented(fake, "augment_fake", draws)

    def _penalised(self, part):
        """(loss, what it logs) of a part: (real, fake, draws)."""
        loss, terms = self._loss(part, self._count(part))
        return loss, logs.of_part(loss, terms)

    def _count(self, part):
        """Of how many samples of a part the penalty is taken."""
        return self._objective.penalised(part[0], self._model.accumulate * replicas.position()[1])

    def _loss(self, part, count):
        """(loss, `objective.CriticTerms`) with a penalty of so many samples."""
        model = self._model
        critic = own_losses.Collected(model.training_critic, model.critic, self._objective.passes)
        terms = self._objective.critic_terms(critic, *part, penalised=count)
        return critic.added_to(self._objective.critic_loss(terms)), terms

    def _plain(self, part):
        """The same without a penalty, of which nothing is logged."""
        loss, terms = self._loss(part, 0)
        found = logs.of_part(loss, terms)
        return loss, {name: value for name, value in found.items() if name != "gradient_penalty"}

    def _plain_with_names(self, part):
        """The same with zeros for what a penalty logs: both sides of a choice in a graph give the same names."""
        loss, found = self._plain(part)
        norms = tf.zeros([self._count(part)])
        places = {penalty.place for penalty in self._objective.method.penalties}
        return loss, found | {"gradient_penalty": tf.zeros([]), "norms": dict.fromkeys(places, norms)}
