"""A run: from its last checkpoint, or from step 0, to its last step, in stretches from one event to the next."""

import contextlib
import time

import tensorflow as tf

from wgangp_tf import config as configs
from wgangp_tf.data import pipeline
from wgangp_tf.errors import Interrupted
from wgangp_tf.metrics import registry as metrics
from wgangp_tf.training import agreement, endings, evaluation, judging, metrics_log, observers, signs, tensorboard
from wgangp_tf.training.checkpoints import Checkpoints
from wgangp_tf.training.events import Event
from wgangp_tf.training.progress import Progress, shorter
from wgangp_tf.training.reasons import of_the_data
from wgangp_tf.training.stretches import Stretches
from wgangp_tf.training.summary import Summary

_HELD_OUT_SAMPLES = 512  # at each log
_HELD_OUT_BATCH = 256  # at most
_LOOK_EVERY = 1.0  # seconds between looks for a step that was not finite
# seconds after which a slow run logs, draws and saves although the next step for it is far
_LOG_PATIENCE, _PICTURE_PATIENCE, _SAVE_PATIENCE = 30.0, 120.0, 600.0


def train(model, source, run, cadence, stop, say, runtime, also=(), save_patience=None, advised=True):
    """Trains a model to the last step of its config, continuing where the run directory stands.

    Args:
      model: `GAN` as at step 0, from `build.build`.
      source: `data.source.Source`.
      run: begun `run.Run`.
      cadence: `settings.Cadence`.
      stop: `stopping.Stop` in force.
      say: callable of one line.
      runtime: `runtime.Runtime`.
      also: list of (steps, observer): who else looks at the run, every so many steps, before they are saved.
      save_patience: float, seconds after which it saves although the next step for it is far; None for ten minutes, or
        for none where the run is deterministic, whose checkpoints are then the same in every run.
      advised: whether the user chose the values: what takes less time, and what may help a run that is not well, is
        said to those who can.

    Returns:
      Whether the run came to its last step; not, where `cadence.max_minutes` were over.

    Raises:
      Diverged: a value is not finite; the last finite checkpoint is kept.
      Interrupted: a signal asked to stop; the step it met is saved.
      UserError: the data, the disk or the memory came to an end.
    """
    if not runtime.chief:
        return _follow(model, source, run, cadence, stop, runtime)
    directory, config = run.directory, run.config
    summary = Summary(model)
    checkpoints = Checkpoints(
        directory.checkpoints, model, cadence.keep_checkpoints, also={"since_last_log": summary.variables}
    )
    last = config.optimization.steps
    start = runtime.workers.of_chief(lambda: _restored(checkpoints, config, say))
    runtime.workers.share([*checkpoints.variables, *summary.variables])
    if start >= last:
        return True
    if start:
        say(f"continuing at step {start} of {last}")
    event = cut_back(directory, start, cadence, last, say)
    seconds = event.get("seconds", 0.0)
    training = _Training(
        model, summary, source, run, cadence, runtime, checkpoints, start, seconds, also, save_patience, advised
    )
    with endings.explained(directory), agreement.telling(runtime.workers):
        before = stop.say, stop.doing
        stop.say, stop.doing = training.say, "this step is finished and saved first"
        try:
            training.go(stop)
            agreement.agree(runtime.workers)  # that the last is logged and saved: what fails there ends all
        finally:
            stop.say, stop.doing = before
            training.close()
    if model.steps_done >= last:
        return True
    message = f"stopped at step {model.steps_done} of {last}, which is saved"
    if stop.requested is not None:
        raise Interrupted(stop.requested, message)
    say(message)
    return False


def _restored(checkpoints, config, say):
    """The step that a run goes on from; what it took from another run is saved first, and needed from there no more."""
    step = checkpoints.restore(say)
    if step is None and config.optimization.init_from is not None:
        checkpoints.save()
    return step or 0


def _follow(model, source, run, cadence, stop, runtime):
    """The part of a process that is not the chief: its replicas' share of each step, and nothing else."""
    summary, last = Summary(model), run.config.optimization.steps
    step = runtime.workers.of_chief(None)
    runtime.workers.share(
        [*(variable.value for part in model.state().values() for variable in part), *summary.variables]
    )
    if step >= last:
        return True
    stretches = _stretches(model, summary, source, run.config, step, runtime)
    deadline = _deadline(cadence)
    with agreement.telling(runtime.workers):
        begun = step
        while step < last:
            over = deadline is not None and time.monotonic() >= deadline
            if agreement.agree(runtime.workers, stop, over) and step > begun:
                break
            with runtime.workers.explained():
                step += stretches.run(1)
        agreement.agree(runtime.workers)  # as the chief does
    if stop.requested is not None and step < last:
        raise Interrupted(stop.requested, f"worker {runtime.workers.number} stopped at step {step} of {last}")
    return step >= last


def _deadline(cadence):
    return None if cadence.max_minutes is None else time.monotonic() + 60 * cadence.max_minutes


def _stretches(model, summary, source, config, start, runtime):
    here = runtime.replicas // runtime.workers.count
    first = here * runtime.workers.number
    optimization = config.optimization
    batches = pipeline.training_batches(
        source.train,
        seed=config.seed,
        batch_size=optimization.batch_size,
        n_critic=optimization.n_critic,
        start_step=start,
        steps=optimization.steps,
        replicas=runtime.replicas,
        local=range(first, first + here),
    )
    return Stretches(
        model,
        summary,
        batches,
        workers=runtime.workers.count,
        most=runtime.steps_per_execution,
        jit_compile=runtime.jit_compile,
    )


class _Training:
    """The parts of a training at work."""

    def __init__(
        self,
        model,
        summary,
        source,
        run,
        cadence,
        runtime,
        checkpoints,
        start,
        seconds,
        also,
        save_patience,
        advised,
    ):
        config, directory = run.config, run.directory
        optimization = config.optimization
        self._model, self._summary = model, summary
        self._start, self._last = start, optimization.steps
        self._deadline = _deadline(cadence)
        self._workers = runtime.workers
        self._metrics_log = metrics_log.MetricsLog(directory.metrics_file)
        self._events = tensorboard.EventWriter(directory.tensorboard)
        choice = shorter(source.spec.kind == "images") if advised else None
        self._progress = Progress(start, self._last, choice)
        self.say = self._progress.say
        histograms = {}
        self._log = observers.Log(
            metrics_log=self._metrics_log,
            events=self._events,
            progress=self._progress,
            images_per_step=optimization.n_critic * optimization.batch_size,
            step=start,
            seconds=seconds,
            histograms=histograms,
        )
        self._pictures = observers.Pictures(
            directory=directory.samples,
            events=self._events,
            seed=config.seed,
            source=source,
            conditional=config.model.conditional,
        )
        self._saves = observers.Saves(
            checkpoints=checkpoints, metrics_log=self._metrics_log, events=self._events, summary=summary
        )
        held_out = pipeline.complete_batches(
            source.validation, min(optimization.batch_size, _HELD_OUT_BATCH), limit=_HELD_OUT_SAMPLES
        )
        judged, best = self._judged(cadence, source, run, checkpoints)
        self._stretches = _stretches(model, summary, source, config, start, runtime)
        self._weights = signs.Weights()
        self._health = signs.Health(
            config=config,
            lines=metrics_log.read(directory.metrics_file),
            events=self._events,
            say=self.say if advised else _unsaid,
        )
        log = [
            observers.Gathered(summary),
            observers.HeldOut(held_out, min(optimization.batch_size, _HELD_OUT_BATCH), histograms),
            *judged,
            observers.Quality(source.train, config.seed),
            self._weights,
            signs.Samples(model, source.train, config.seed),
            signs.Waiting(self._stretches),
            self._log,
            self._health,
        ]

        def event(every, patience, told, also=None):
            return Event(every, None if runtime.deterministic else patience, told, also)

        self._logs = event(cadence.log_every, _LOG_PATIENCE, log, cadence.evaluate_every)
        self._happenings = [
            self._logs,
            event(cadence.sample_every, _PICTURE_PATIENCE, [self._pictures]),
            *(Event(every, None, [observer]) for every, observer in [*also, *best]),
            event(cadence.checkpoint_every, _SAVE_PATIENCE, [self._saves])
            if save_patience is None
            else Event(cadence.checkpoint_every, save_patience, [self._saves]),
        ]
        if start == 0:
            of_held_out = [f"validation_{name}" for name in model.log_names]
            measured = metrics.METRICS if cadence.evaluate_every else metrics.quick(source.train)
            quality = [value for name in measured for value in metrics.METRICS[name].values]
            logged = [*model.log_names, "images_per_second", *of_held_out, *quality, *signs.NAMES]
            name = directory.path.resolve().name
            self._events.begin(name, config.to_json(), configs.to_values(config), logged)
            self._pictures.begin(model)

    def _judged(self, cadence, source, run, checkpoints):
        """What evaluates the run where that is asked for: ([observers at a log], [(steps, observer that saves)])."""
        every = cadence.evaluate_every
        if every is None:
            return [], []
        judge = judging.Judge(
            every=every, last=self._last, source=source, run=run, checkpoints=checkpoints, say=self.say
        )
        return [judge], [(every, judging.BestSaves(self._saves, checkpoints))]

    def go(self, stop):
        """Trains to the last step, or to where it is stopped: by a signal, or because its time is over."""
        step = self._model.steps_done
        traced = stopped = False
        told = step
        while step < self._last and not stopped:
            target = min(self._last, *(happening.next(step) for happening in self._happenings))
            looked = time.monotonic()
            while step < target:
                stopped = self._wanted(stop) and traced
                if stopped:
                    break
                done = self._run(step, target)
                step += done
                if not traced:
                    traced = True
                    self._log.traced(step)
                    for happening in self._happenings:
                        happening.begin(time.monotonic())
                self._progress.advance(done)
                now = time.monotonic()
                if any(h.overdue(now) for h in self._happenings):
                    break
                if now - looked > _LOOK_EVERY:
                    looked = now
                    observers.check(self._summary)
            if step > told:
                self._tell(step)
                told = step
        if stopped:
            self._stop(step)
        if step >= self._last:
            self._health.end()

    def _run(self, step, target):
        """Some steps towards a target; one that a log may come after goes by itself, its update measured."""
        # where a log is overdue, the call before it must be known to be the last
        alone = target - step == 1 or self._logs.overdue(time.monotonic() + self._stretches.seconds)
        if alone:
            self._weights.before(self._model, step)
        most = 1 if alone else target - step - 1
        try:
            with self._workers.explained():
                return self._stretches.run(most)
        except tf.errors.OpError as error:
            # several processes would have to agree on a checkpoint, and the others wait in the middle of a step
            if of_the_data(error) and self._workers.count == 1:
                self._keep()
            raise

    def _keep(self):
        """Saves what was trained before a batch did not come, so that nothing is lost to whoever mends the data."""
        done = self._model.steps_done  # a step begins when its batch is there: none is half done
        if done > self._start:
            self._stop(done)

    def _wanted(self, stop):
        """Whether this process, or another that trains with it, is to stop; asked once before each call."""
        over = self._deadline is not None and time.monotonic() >= self._deadline
        return agreement.agree(self._workers, stop, over)

    def _tell(self, step):
        now = time.monotonic()
        for happening in self._happenings:
            if happening.due(step, self._last, now):
                tracing = happening.happen(self._model, step, time.monotonic)
                self._progress.leave_out(tracing)
                for other in self._happenings:
                    if other is not happening:
                        other.wait(tracing)

    def _stop(self, step):
        """A last picture, and everything needed to continue."""
        self._pictures.leave(self._model, step)
        self._saves.see(self._model, step, {})

    def close(self):
        self._progress.close()
        # what matters is on disk since the last checkpoint; a full disk has been told of already
        for part in (self._metrics_log, self._events):
            with contextlib.suppress(OSError, tf.errors.OpError):
                part.close()


def _unsaid(line):
    """Of a run whose values nobody chose: what may help it stands in its files alone."""


def cut_back(directory, start, cadence, last, say=None):
    """Makes the logs and pictures as they were at a step; returns the last event kept.

    The picture that a stop left goes too, where the run would have drawn none. `say` is told what cannot be read.
    """
    step = start or -1  # from step 0 nothing is kept
    tensorboard.cut(directory.tensorboard, step)
    for path in directory.samples.glob("step-*.png"):
        number = int(path.stem.removeprefix("step-"))
        if number > step or (number == step and step % cadence.sample_every and step != last):
            path.unlink()
    evaluation.cut(directory.evaluations_file, step, say)
    return metrics_log.cut(directory.metrics_file, step)
