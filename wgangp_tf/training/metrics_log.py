"""metrics.jsonl: one JSON object a log event."""

import json
import os

from wgangp_tf import files


class MetricsLog:
    """Appends to the metrics file of a run."""

    def __init__(self, path):
        self._file = open(path, "a", encoding="utf-8")  # noqa: SIM115

    def write(self, values):
        """One event: {name: int or finite float}."""
        self._file.write(json.dumps(values, allow_nan=False) + "\n")
        self._file.flush()

    def sync(self):
        files.flush(self._file)

    def close(self):
        self._file.close()


def read(path, say=None):
    """The events of a metrics file, oldest first, up to the first line that is none.

    Args:
      path: of the file.
      say: callable of one line, told of a damaged line; or None. The half-written last line of a process that was
        killed, or writes still, is none.
    """
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    except FileNotFoundError:
        return []
    events = []
    for number, line in enumerate(lines, start=1):
        event = _parsed(line)
        if event is None:
            if say is not None and line.endswith("\n"):
                say(
                    f"line {number} of {os.fspath(path)!r} is no log line that can be read; the lines from there on "
                    "are left out"
                )
            break
        events.append(event)
    return events


def _parsed(line):
    """The event in a line, or None."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and type(event.get("step")) is int else None


def cut(path, step):
    """Drops all events after `step`; returns the last one kept, or {}."""
    kept = [event for event in read(path) if event["step"] <= step]
    files.replace(path, "".join(json.dumps(event) + "\n" for event in kept))
    return kept[-1] if kept else {}
