"""Keras' callbacks beside a model of two losses and two optimizers: each works, or is refused before the training."""

import math
import string

import keras

_KERAS = keras.callbacks


class _Loss(_KERAS.Callback):
    """Tells the callback behind it of a `loss`: the critic's, or one that is not finite where either is not."""

    def on_train_batch_end(self, batch, logs=None):
        if logs:
            found = [float(logs[name]) for name in ("critic_loss", "generator_loss") if name in logs]
            logs["loss"] = next((value for value in found if not math.isfinite(value)), found[0]) if found else 0.0


def prepared(callbacks, model, held_out):
    """The callbacks of `fit`, as they work with a `GAN`.

    Args:
      callbacks: what `fit` took: None, one, some, or a `CallbackList`.
      model: compiled `GAN`.
      held_out: whether there are held-out samples to evaluate on.

    Returns:
      List of callbacks; a `CallbackList` where that was given.

    Raises:
      ValueError: one cannot work here; what to do instead.
    """
    given = checked(callbacks)
    for callback in given:
        for kind, check in _CHECKS.items():
            if isinstance(callback, kind):
                check(callback, model)
    _check_monitors(given, model, held_out)
    seen = []
    for callback in given:
        if isinstance(callback, _KERAS.TerminateOnNaN) and not (seen and isinstance(seen[-1], _Loss)):
            seen.append(_Loss())
        seen.append(callback)
    if isinstance(callbacks, _KERAS.CallbackList):
        callbacks.callbacks[:] = seen
        return callbacks
    return seen


def checked(callbacks):
    """The callbacks among what `fit`, `evaluate` or `predict` took; raises a ValueError for what is none."""
    if callbacks is None:
        return []
    if isinstance(callbacks, _KERAS.CallbackList):
        return callbacks.callbacks
    given = list(callbacks) if isinstance(callbacks, (list, tuple)) else [callbacks]
    for callback in given:
        if not isinstance(callback, _KERAS.Callback):
            kind = f"the class {callback.__name__}" if isinstance(callback, type) else type(callback).__name__
            raise ValueError(f"callbacks must be keras.callbacks.Callback, one or a list. Received: {kind}")
    return given


def _name(callback):
    return type(callback).__name__


def _sets_rates(callback, model):
    if model.optimizer.follows_schedule:
        raise ValueError(
            f"{_name(callback)} sets the learning rate, which an optimizer here takes from a schedule of its own: give "
            "compile optimizers with a number for a rate"
        )


def _averages(callback, model):
    raise ValueError(
        f"{_name(callback)} has no weights to swap: GAN(…, ema_decay=0.999) averages the generator's, and generate, "
        "predict and the export use the averages"
    )


def _no_state_tree(callback, model):
    raise ValueError(f"{_name(callback)} cannot save two optimizers: use keras.callbacks.ModelCheckpoint")


def _writes_model(callback, model):
    if not callback.save_weights_only:
        model.check_saved("ModelCheckpoint(…, save_weights_only=True)", callback.filepath)


# what is looked at before the training, by class; the others need nothing
_CHECKS = {
    _KERAS.LearningRateScheduler: _sets_rates,
    _KERAS.ReduceLROnPlateau: _sets_rates,
    _KERAS.SwapEMAWeights: _averages,
    _KERAS.OrbaxCheckpoint: _no_state_tree,
    _KERAS.ModelCheckpoint: _writes_model,
}


def _check_monitors(callbacks, model, held_out):
    """Raises a ValueError for a callback that would wait for a value that nobody logs, or not know which is better."""
    # one of the user's own, LambdaCallback included, may log what it likes
    own = any(not type(each).__module__.startswith("keras.") for each in callbacks)
    own = own or any(isinstance(each, _KERAS.LambdaCallback) for each in callbacks)
    known = [*model.log_names, *(f"val_{name}" for name in model.held_out_names if held_out)]
    for callback in callbacks:
        if isinstance(callback, _KERAS.ModelCheckpoint) and not own:
            _check_path(callback, known)
        monitor = getattr(callback, "monitor", None)
        if monitor is None or not _monitors(callback):
            continue
        if monitor not in known and not own:
            hint = "" if held_out else "; val_… with validation_data"
            raise ValueError(
                f"{_name(callback)} monitors {monitor!r}, which a GAN does not log. "
                f"monitor must be one of {', '.join(known)}{hint}"
            )
        if getattr(callback, "mode", None) == "auto" and getattr(callback, "monitor_op", None) is None:
            raise ValueError(
                f"{_name(callback)} cannot know whether {monitor!r} should fall or rise: give mode='min' or mode='max'"
            )


def _check_path(callback, known):
    """Raises a ValueError if the path of a checkpoint names a value that nobody logs."""
    named = [field for _, field, _, _ in string.Formatter().parse(str(callback.filepath)) if field]
    unknown = [field for field in named if field not in ("epoch", "batch", *known)]
    if unknown:
        raise ValueError(
            f"{_name(callback)} names its files by {unknown[0]!r}, which a GAN does not log. "
            f"Known: epoch, {', '.join(known)}"
        )


def _monitors(callback):
    return not isinstance(callback, _KERAS.ModelCheckpoint) or callback.save_best_only
