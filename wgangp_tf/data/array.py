"""Your own arrays and tables: vectors, signals, pictures of any number of channels, volumes, in their own units."""

import dataclasses
import hashlib

import numpy as np

from wgangp_tf.data import array_files
from wgangp_tf.data.array_labels import classes_of
from wgangp_tf.data.array_scale import REACH, measure, notes_on_steps, notes_on_still, scale_of, units_of
from wgangp_tf.data.arrays import InFloat32
from wgangp_tf.data.source import Source, divided
from wgangp_tf.errors import UserError, either
from wgangp_tf.samples.spec import Spec

_MAX_HELD_OUT = 5000
_LEAST = 3  # samples: two to learn from, which may differ, and one to hold out
_SPLIT_SEED = 0
_IN_MEMORY = 2**28  # bytes as float32: more stays in the file
_MOST_AXES = 5  # with the channels': [n, depth, height, width, channels]


def completed(data):
    """`config.Data` with what is left out of it written out."""
    own = {"channels_last": True, "scale": "standard", "scale_axes": "feature"}
    return dataclasses.replace(data, **{name: own[name] for name in own if getattr(data, name) is None})


def spec(data, storage):
    """See `registry.spec`: all of the `Spec` but the scale and the classes; takes no seconds."""
    data = completed(data)
    found = array_files.look(_path(storage), data)
    _check_shape(storage.data_file, found.shape, data.channels_last)
    return _spec(data, found)


def class_names(data, storage):
    """See `registry.class_names`; the file is read."""
    labels = array_files.read(_path(storage), completed(data)).labels
    return classes_of(labels, data.labels)[1] if labels is not None else ()


def load(data, storage):
    """See `registry.load`.

    A tenth of the samples, but at most 5,000 and at least one, is held out, drawn by a fixed seed. The scale is that
    of the others.
    """
    data = completed(data)
    found = array_files.read(_path(storage), data)
    _check_shape(storage.data_file, found.shape, data.channels_last)
    described = _spec(data, found)
    samples = InFloat32(found.values)
    if storage.cache == "memory" or 4 * np.prod(samples.shape, dtype=np.int64) <= _IN_MEMORY:
        samples = samples[:]
    labels, classes = (None, ()) if found.labels is None else classes_of(found.labels, data.labels)
    held_out = _held_out(len(samples))
    words = _words(described)
    facts = measure(samples, held_out, described.shape[-1], words)
    scale = scale_of(facts, data.scale, data.scale_axes, words)
    units = units_of(facts)
    train, validation = (dataclasses.replace(split, units=units) for split in divided(samples, held_out, labels))
    return Source(
        name="array",
        spec=dataclasses.replace(described, scale=scale, classes=classes),
        train=train,
        validation=validation,
        fingerprint=f"array-{facts.digest}-{_digest(described, labels, classes)}-{_SPLIT_SEED}",
        notes=(*found.notes, *notes_on_steps(facts, words), *notes_on_still(facts, data.scale, data.scale_axes, words)),
    )


def _path(storage):
    if storage.data_file is None:
        raise UserError(
            f"dataset 'array' expects --data_file=<a {either(array_files.FORMATS)} file>. Received: no data_file"
        )
    return storage.data_file


def _check_shape(path, shape, channels_last):
    """Raises a UserError for an array of a shape that samples cannot have."""
    most = _MOST_AXES if channels_last else _MOST_AXES - 1
    in_words = " x ".join("n" if side is None else f"{side:,}" for side in shape) or "no axis"
    if not 2 <= len(shape) <= most:
        hint = "; x.reshape(-1, 1) makes vectors of one number of it" if len(shape) == 1 else ""
        raise UserError(
            f"--data_file expects an array of 2 to {most} axes, the samples along the first"
            f"{'' if channels_last else ' and without an axis of channels'}. Received: {path!r}, {in_words}{hint}"
        )
    if 0 in shape:
        raise UserError(f"--data_file expects samples. Received: {path!r}, {in_words}")
    if shape[0] is not None and shape[0] < _LEAST:
        raise UserError(
            f"--data_file expects at least {_LEAST} samples along the first axis, one of them to be held out. "
            f"Received: {path!r}, {in_words}"
        )


def _spec(data, found):
    shape = found.shape[1:] if data.channels_last else (*found.shape[1:], 1)
    return Spec(
        "arrays",
        shape,
        reach=REACH if data.scale == "minmax" else None,
        channel_axis=data.channels_last,
        features=found.columns,
    )


def _words(described):
    """A function: number of a feature → its name in words."""
    if not described.channel_axis:
        return lambda number: "the array"
    if described.features:
        return lambda number: f"feature {described.features[number]!r}"
    kind = "feature" if len(described.shape) == 1 else "channel"
    return lambda number: f"{kind} {number}"


def _digest(described, labels, classes):
    """Of what the bytes of the samples do not say: how they are cut into samples, and their labels, if any."""
    hashed = hashlib.blake2b(f"{described.shape} {described.channel_axis}".encode(), digest_size=4)
    if labels is not None:
        hashed.update(labels.tobytes() + "\0".join(classes).encode())
    return hashed.hexdigest()


def _held_out(count):
    """Rows of the validation split, ascending."""
    held_out = min(max(count // 10, 1), _MAX_HELD_OUT)
    drawn = np.random.Generator(np.random.PCG64(_SPLIT_SEED)).choice(count, held_out, replace=False, shuffle=False)
    return np.sort(drawn).astype(np.int64)
