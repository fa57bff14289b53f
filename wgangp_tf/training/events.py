"""When something happens in a run: at steps and, where steps are slow, by time as well."""

_SHARE = 50  # what happens by time takes at most one part in so many of it


class Event:
    """Something that happens every so many steps, at the last step, and at the latest after so many seconds.

    What comes by time depends on the clock: a run that must repeat itself exactly has steps alone.
    """

    def __init__(self, every, patience, observers, also=None):
        """
        Args:
          every: int, steps.
          patience: float, seconds; None for steps alone.
          observers: `see(model, step, found) -> {name: value} or None` each, told in this order; `found` is what those
            before it gave.
          also: int, so many steps beside `every`; None for none.
        """
        self._cadences = [every] if also is None else [every, also]
        self._patience = patience
        self._observers = observers
        self._since = None
        self._happened = False

    def begin(self, now):
        """The run goes on from here: `now` in seconds of a steady clock."""
        self._since = now

    def wait(self, seconds):
        """Seconds that are no part of its waiting: graphs were traced."""
        self._since += seconds

    def next(self, step):
        """The next step after `step` at which it happens by count."""
        return min((step // every + 1) * every for every in self._cadences)

    def overdue(self, now):
        """Whether it has not happened for so long that it should now."""
        return self._patience is not None and self._since is not None and now - self._since >= self._patience

    def due(self, step, last, now):
        """Whether it happens at a step."""
        counted = any(step % every == 0 for every in self._cadences)
        return counted or step == last or self.overdue(now)

    def happen(self, model, step, clock):
        """Tells the observers; returns the seconds of it that are none of a training's pace.

        Those are an evaluation's, and all of the first time, which traces graphs.
        """
        began = clock()
        found = {}
        for observer in self._observers:
            found |= observer.see(model, step, found) or {}
        self._since = clock()
        evaluation = found.get("evaluation_seconds", 0.0)  # comes by steps alone, whatever its log takes
        took = self._since - began - evaluation
        first, self._happened = not self._happened, True
        if self._patience is not None and not first:
            self._patience = max(self._patience, _SHARE * took)
        return took + evaluation if first else evaluation
