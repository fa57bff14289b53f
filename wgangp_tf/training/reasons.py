"""What TensorFlow's errors say, in a line."""

import re


def reason_of(error):
    """What went wrong, without the graph it went wrong in, whose listing surrounds it."""
    text = str(getattr(error, "message", None) or error)
    ours = re.search(r"\bwgangp_tf\.[\w.]+: (.*)", text)  # raised while the pipeline read its data
    if ours:
        return ours.group(1)
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith(("[[", "Detected at node", "File ", "Stack trace"))]
    told = [line for line in lines if line != "Graph execution error:"]
    return told[-1] if told else type(error).__name__
