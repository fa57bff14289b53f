"""A run: from its last checkpoint, or from step 0, to its last step."""

import contextlib
import re

import tensorflow as tf

from wgangp_tf.data import pipeline
from wgangp_tf.errors import Diverged, Interrupted, UserError
from wgangp_tf.training import callbacks, metrics_log, tensorboard
from wgangp_tf.training.checkpoints import Checkpoints
from wgangp_tf.training.progress import Progress
from wgangp_tf.training.quality import quick_metrics

_HELD_OUT_SAMPLES = 512  # at each log
_HELD_OUT_BATCH = 256


def train(model, source, config, run, cadence, stop, say, replicas=1):
    """Trains a model to the last step of its config, continuing where the run directory stands.

    Args:
      model: `GAN` as at step 0, from `build.build`.
      source: `data.source.Source`.
      config: `config.Config`.
      run: claimed and prepared `RunDirectory`.
      cadence: `settings.Cadence`.
      stop: `stopping.Stop` in force.
      say: callable of one line.
      replicas: number of replicas a batch is spread over.

    Raises:
      Diverged: a value is not finite; the last finite checkpoint is kept.
      Interrupted: a signal asked to stop; the step it met is saved.
    """
    checkpoints = Checkpoints(run.checkpoints, model)
    start = checkpoints.restore(say) or 0
    last = config.optimization.steps
    if start >= last:
        return
    if start:
        say(f"continuing at step {start} of {last}")
    event = _cut_back(run, start)
    log, events = metrics_log.MetricsLog(run.metrics_file), tensorboard.EventWriter(run.tensorboard)
    progress = Progress(start, last)
    try:
        if start == 0:
            events.begin(config.to_json())
        model.fit(
            _batches(source, config, start, replicas),
            epochs=1,
            steps_per_epoch=last - start,
            shuffle=False,
            verbose=0,
            callbacks=_callbacks(
                checkpoints, source, config, run, cadence, stop, start, event.get("seconds", 0.0), log, events, progress
            ),
        )
    except Diverged as error:
        raise Diverged(
            f"training diverged: {error}; {_kept(run)}. Try a lower --learning_rate, a higher --gp_weight or "
            "another --seed"
        ) from error
    except (tf.errors.ResourceExhaustedError, MemoryError) as error:
        raise UserError(
            f"out of memory or space: {_reason(error)}; {_kept(run)}. Try a smaller --batch_size or --width"
        ) from error
    except tf.errors.OpError as error:
        raise UserError(f"training stopped: {_reason(error)}; {_kept(run)}") from error
    except OSError as error:
        if run.path.is_dir():
            where = error.filename or str(run.path)
            raise UserError(f"cannot write {where!r} ({error.strerror}); {_kept(run)}") from error
        raise
    finally:
        progress.close()
        # what matters is on disk since the last checkpoint; a full disk has been told of already
        with contextlib.suppress(OSError, tf.errors.OpError):
            log.close()
        with contextlib.suppress(OSError, tf.errors.OpError):
            events.close()
    if stop.requested is not None and model.steps_done < last:
        raise Interrupted(stop.requested, f"stopped at step {model.steps_done} of {last}, which is saved")


def _kept(run):
    """Which checkpoint is left, in words."""
    step = run.last_step()
    return "no checkpoint was written yet" if step is None else f"the checkpoint of step {step} is kept"


def _reason(error):
    """What went wrong, without the graph it went wrong in, whose listing surrounds it."""
    text = str(getattr(error, "message", None) or error)
    ours = re.search(r"\bwgangp_tf\.[\w.]+: (.*)", text)  # raised while the pipeline read its data
    if ours:
        return ours.group(1)
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith(("[[", "Detected at node", "File ", "Stack trace"))]
    told = [line for line in lines if line != "Graph execution error:"]
    return told[-1] if told else type(error).__name__


def _batches(source, config, start, replicas):
    optimization = config.optimization
    return pipeline.training_batches(
        source.train,
        seed=config.seed,
        batch_size=optimization.batch_size,
        n_critic=optimization.n_critic,
        start_step=start,
        steps=optimization.steps,
        replicas=replicas,
        flip=config.data.flip,
        dequantize=config.data.dequantize,
    )


def _callbacks(checkpoints, source, config, run, cadence, stop, start, seconds, log, events, progress):
    optimization = config.optimization
    last = optimization.steps
    held_out = pipeline.complete_batches(
        source.validation, _HELD_OUT_BATCH, dequantize=config.data.dequantize, limit=_HELD_OUT_SAMPLES
    )
    return [
        callbacks.Finiteness(start),
        callbacks.Logs(
            cadence.log_every,
            start,
            last,
            metrics_log=log,
            events=events,
            progress=progress,
            held_out=list(held_out.as_numpy_iterator()),
            quality=lambda model: quick_metrics(model, source.train, config.seed, config.data.dequantize),
            images_per_step=optimization.n_critic * optimization.batch_size,
            seconds=seconds,
        ),
        callbacks.Samples(
            cadence.sample_every,
            start,
            last,
            directory=run.samples,
            events=events,
            seed=config.seed,
            source=source,
            dequantized=config.data.dequantize,
        ),
        callbacks.Saves(
            cadence.checkpoint_every,
            start,
            last,
            checkpoints=checkpoints,
            metrics_log=log,
            events=events,
            stop=stop,
        ),
    ]


def _cut_back(run, start):
    """Makes the logs and pictures as they were at a step; returns the last event kept."""
    step = start or -1  # from step 0 nothing is kept
    tensorboard.cut(run.tensorboard, step)
    for path in run.samples.glob("step-*.png"):
        if int(path.stem.removeprefix("step-")) > step:
            path.unlink()
    return metrics_log.cut(run.metrics_file, step)
