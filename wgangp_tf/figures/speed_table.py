"""The numbers of `benchmark` in words: a table for the terminal, and the page docs/speed.md."""

import statistics

_LIMITS = {
    "products_float32": ("products of large matrices, float32", 1e9, "GFLOP/s"),
    "products_bfloat16": ("products of large matrices, bfloat16", 1e9, "GFLOP/s"),
    "products_float16": ("products of large matrices, float16", 1e9, "GFLOP/s"),
    "memory": ("memory, adding one large array to another", 1e9, "GB/s"),
}
_COLUMNS = ("step", "precision", "who", "ms a step", "images/s", "GFLOP/s", "of the limit", "against ours", "peak MB")
_AXES = {
    "batch_size": "batch",
    "image_size": "image size",
    "n_critic": "n_critic",
    "replicas": "replicas (logical devices of one machine)",
}


def rows(lines):
    """The table of steps: list of lists of text, the head first."""
    found = [list(_COLUMNS)]
    for line in lines:
        head = [line["work"], line["precision"], line["label"]]
        if "seconds" not in line:
            found.append([*head, f"not measured: {line['reason'] or 'no time was left'}", *[""] * 5])
            continue
        spread = f"{_ms(line['seconds'])} ({_ms(line['least'])} to {_ms(line['greatest'])})"
        found.append(
            [
                *head,
                spread,
                f"{line['images_per_second']:,.0f}",
                f"{line['operations_per_second'] / 1e9:,.1f}" if "operations_per_second" in line else "",
                f"{100 * line['share_of_limit']:.0f} %" if "share_of_limit" in line else "",
                f"{line['against_ours']:.2f} x" if "against_ours" in line else "",
                peak(line),
            ]
        )
    return found


def peak(line):
    """The peak of memory in MB: of the device where there is one, else of the process."""
    found = line.get("device_peak") or line.get("peak")
    return "" if found is None else f"{found / 1e6:,.0f}"


def limits(numbers):
    """The machine's limits: list of (what, median and spread)."""
    found = []
    for name, rates in numbers["limits"].items():
        what, unit, word = _LIMITS[name]
        values = [rate / unit for rate in rates]
        found.append((what, f"{statistics.median(values):,.0f} {word} ({min(values):,.0f} to {max(values):,.0f})"))
    return found


def start_up(numbers):
    """The time to the first step, in words; "" where it was not measured."""
    found = numbers["start_up"]
    if "seconds" not in found:
        return f"not measured: {found['reason']}" if found else ""
    parts = ", ".join(f"{name} {seconds:.1f}" for name, seconds in found["seconds"].items())
    return f"{found['work']}: {sum(found['seconds'].values()):.1f} s to the end of the first step ({parts})"


def curve(axis, of):
    """A curve as a table: list of lists of text, the head first."""
    found = [[_AXES[axis], "ms a step", "images/s", "peak MB"]]
    for line in of["lines"]:
        value = value_of(axis, line)
        if "seconds" not in line:
            found.append([value, f"not measured: {line['reason'] or 'no time was left'}", "", ""])
            continue
        found.append([value, _ms(line["seconds"]), f"{line['images_per_second']:,.0f}", peak(line)])
    return found


def value_of(axis, line):
    """Where on its axis a line stands, as text."""
    value = line[axis] if axis in line else line["changed"][axis]
    return "x".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def plain(table):
    """A table for a terminal: columns of one width."""
    widths = [max(len(row[column]) for row in table if not _told(row)) for column in range(len(table[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table
    )


def markdown(table):
    """The same as Markdown."""
    head, *rest = table
    lines = [head, ["---"] * len(head), *rest]
    return "\n".join("| " + " | ".join(row) + " |" for row in lines)


def _told(row):
    """Whether a row says why there are no numbers."""
    return any(cell.startswith("not measured") for cell in row)


def _ms(seconds):
    return f"{1e3 * seconds:,.{0 if seconds >= 0.1 else 1 if seconds >= 0.01 else 2}f}"
