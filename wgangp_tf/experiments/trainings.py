"""Trainings of the product's own kind, as a figure needs them: begun, continued or found finished."""

from wgangp_tf import quiet
from wgangp_tf.errors import Diverged, Interrupted
from wgangp_tf.training.run import open_run

_ENVIRONMENT = {"command_line": "reproduce"}


def trained(place, name, given):
    """A training of a figure, at its last step.

    It is deterministic and saves itself as any run does: one that was stopped continues where it was, and comes to the
    same numbers.

    Args:
      place: `place.Place`.
      name: of the training, a directory name.
      given: {flag: value}, as the command line of `train` has them.

    Returns:
      (model, source, directory): the `GAN` as it is at the last step, its `data.source.Source` and the
      `RunDirectory`; the model is None where the training diverged.

    Raises:
      Interrupted: a signal came; what was done is saved.
      UserError: the values cannot be used, or do not agree with those that the training was begun with.
    """
    run = open_run({"deterministic": True, **given, "run_dir": str(place.training(name))})
    quiet.import_tensorflow()
    import tensorflow as tf

    from wgangp_tf.data import registry as data_sets
    from wgangp_tf.training import build, loop, runtime

    started = runtime.start(run.execution, run.config.seed)
    source = data_sets.load(run.config.data, run.storage)
    with place.stop.deferred():
        tf.keras.backend.clear_session()
        model = build.build(run.config, source.spec)
        try:
            run.begin(source, _ENVIRONMENT, place.say)
            loop.train(model, source, run, run.cadence, place.stop, place.say, started)
        except Diverged as error:
            place.say(f"{name}: {error}")
            return None, source, run.directory
        except Interrupted as interrupted:
            raise Interrupted(interrupted.signal_number, f"{interrupted}\nthe same command goes on") from None
        finally:
            run.directory.release()
    return model, source, run.directory
