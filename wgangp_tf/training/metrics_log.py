"""metrics.jsonl: one JSON object a log event."""

import json

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


def read(path):
    """The events of a metrics file, oldest first; a half-written last line of a killed process is left out."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    events = []
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            break
        if not isinstance(event, dict) or "step" not in event:
            break
        events.append(event)
    return events


def cut(path, step):
    """Drops all events after `step`; returns the last one kept, or {}."""
    kept = [event for event in read(path) if event["step"] <= step]
    files.replace(path, "".join(json.dumps(event) + "\n" for event in kept))
    return kept[-1] if kept else {}
