"""What TensorFlow's errors say, in a line."""

import re

_OURS = re.compile(r"\bwgangp_tf\.[\w.]+: (.*)")  # raised while the pipeline read its data

# in the words of TensorFlow's other errors where a process is gone, or was started again
_OF_OTHERS = re.compile(
    r"[Cc]ollective|RecvBuf|incarnation|/job:worker/(replica:\d+/)?task:\d+ (is|was|has)|Socket closed"
)

# lines that are about the error, or the graph, and not the reason
_AROUND = ("[[", "Detected at node", "File ", "Stack trace", "The error could be from a previous operation.")


def reason_of(error):
    """What went wrong, without the graph it went wrong in, whose listing surrounds it."""
    text = str(getattr(error, "message", None) or error)
    ours = _OURS.search(text)
    if ours:
        return ours.group(1)
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith(_AROUND)]
    told = [line for line in lines if line != "Graph execution error:"]
    return told[-1] if told else type(error).__name__


def of_the_data(error):
    """Whether an error of a step tells of a batch that could not be read: before the step began."""
    return bool(_OURS.search(str(error)))


def of_the_others(error):
    """Whether an error of a step over several processes tells of another process: of collectives, not of our data."""
    import tensorflow as tf

    text = str(error)
    if _OURS.search(text):
        return False
    kinds = (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.DeadlineExceededError)
    return isinstance(error, kinds) or bool(_OF_OTHERS.search(text))
