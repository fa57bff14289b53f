"""A generator as a SavedModel that needs none of our code."""

import contextlib
import dataclasses
import inspect
import json
import os
import pathlib
import re
import shutil
import uuid

import keras
import tensorflow as tf

from wgangp_tf import files, paths
from wgangp_tf.console import say
from wgangp_tf.errors import UserError, system_reason
from wgangp_tf.gan import classes, noise, sampling
from wgangp_tf.gan.model import GAN
from wgangp_tf.samples import drawing
from wgangp_tf.samples.codec import Codec
from wgangp_tf.samples.spec import Spec
from wgangp_tf.serving import target

_FIRST = (0, 0, 0)  # which noise goes with latents that have no number
_PICTURE = pathlib.Path("assets.extra") / "samples.png"


def export_generator(model, directory, *, spec=None, card=None, overwrite=False):
    """Exports a model's generator, by its averaged weights where it has some, in float32.

    Signatures: `serving_default` (latents float32 [n, latent_dim]), `generate` (num_images int32 [], seed int32 []),
    for images `generate_png` (the same, PNG files as strings), and `raw` (latents; the generator's own output).
    Sample k of `generate` depends on (seed, k) alone. A generator that takes classes has `labels` int32 [n] in each:
    sample k then depends on (seed, k, its label), and in `generate` a label of -1 leaves the class open.

    Args:
      model: `GAN`.
      directory: of the SavedModel; its parents are made.
      spec: `samples.spec.Spec` of the samples it gives; None for the model's own: images (samples in [−1, 1] become
        uint8 pixels) where they are [height, width, 1 or 3], points where they are [2], else arrays.
      card: dict for assets.extra/card.json: config, numbers, versions, licence; None for none.
      overwrite: replace a SavedModel of another run. One whose card has the same "run_id" is always replaced.

    Raises:
      UserError: the directory holds something else, or cannot be written; or an argument is not what it must be.
    """
    _check_arguments(model, directory, spec, card, overwrite)
    # an export by the command line has a card with its run
    flags = bool((card or {}).get("run_id"))
    directory = _place(directory)
    run_id = (card or {}).get("run_id")
    target.check(directory, run_id, overwrite, flags)
    codec = Codec(spec) if spec else model.codec
    if model.class_shares is not None:
        codec = Codec(_with_classes(codec.spec, model.class_shares))
    generator = _Frozen(model)

    def waiting():
        say(f"another process is exporting to {str(directory)!r}; waiting for it")

    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        with files.alone(directory.with_name(f".{directory.name}.lock"), waiting) as held:
            old = _clear(directory, held)
            target.check(directory, run_id, overwrite, flags)  # again, now that no other process can change it
            beside = directory.with_name(f".{directory.name}.{uuid.uuid4().hex[:8]}.part")
            try:
                _write_all(generator, model.latent_dim, codec, card, beside)
                _swap(beside, directory, old)
            finally:
                shutil.rmtree(beside, ignore_errors=True)
    except (OSError, tf.errors.OpError) as error:
        reason = system_reason(error) or str(error).partition("\n")[0]
        raise UserError(
            f"{'--export_dir' if flags else 'directory'} expects a directory that can be written. "
            f"Received: {str(directory)!r} ({reason})"
        ) from error


def _check_arguments(model, directory, spec, card, overwrite):
    """Raises a UserError for what `export_generator` cannot take."""
    if not isinstance(model, GAN):
        raise UserError(f"model must be a GAN of wgangp_tf. Received: {type(model).__name__}")
    if not isinstance(directory, (str, os.PathLike)) or not str(directory):
        raise UserError(f"directory must be a path. Received: directory={directory!r}")
    if spec is not None and not (isinstance(spec, Spec) and spec.shape == model.sample_shape):
        raise UserError(f"spec must be a samples.spec.Spec of shape {model.sample_shape}. Received: spec={spec!r}")
    if not isinstance(overwrite, bool):
        raise UserError(f"overwrite must be True or False. Received: overwrite={overwrite!r}")
    try:
        json.dumps(card)
        if not (card is None or isinstance(card, dict)):
            raise TypeError(type(card).__name__)
    except (TypeError, ValueError) as error:
        raise UserError(f"card must be a dict that JSON can hold. Received: one that it cannot ({error})") from error


def _place(directory):
    """The path that an export is renamed to: what a link leads to, and absolute where TensorFlow can read that."""
    directory = pathlib.Path(paths.checked(directory, "directory"))
    absolute = pathlib.Path(os.path.realpath(directory)) if directory.is_symlink() else directory.absolute()
    return absolute if paths.in_utf_8(absolute) else directory


def _write_all(generator, latent_dim, codec, card, directory):
    """Everything that a SavedModel's directory holds, on disk."""
    spec = codec.spec
    _write(generator, latent_dim, codec, directory)
    (directory / target.CARD).parent.mkdir()
    if card is not None:
        known = {"format": target.FORMAT, "samples": spec.to_values(), "chunk": sampling.rows_at_once(spec.shape)}
        files.replace(directory / target.CARD, json.dumps(card | known, indent=2) + "\n")
    if spec.drawable:
        columns = drawing.columns_of(spec, generator.class_shares is not None)
        labels = None if columns is None else columns.of_samples
        count = spec.drawn if columns is None else len(labels)
        samples = codec.encode(sampling.generate(generator, count, 0, latent_dim, generator.class_shares, labels))
        files.replace(directory / _PICTURE, drawing.png(drawing.picture(spec, samples, columns=columns)))
    files.sync_tree(directory)


def _with_classes(spec, shares):
    """A Spec that names as many classes as there are shares, by their numbers where it names none."""
    names = spec.classes or tuple(map(str, range(len(shares))))
    return dataclasses.replace(spec, classes=names, class_frequencies=shares)


class _Frozen(tf.Module):
    """A model's generator in inference and float32, with weights of its own: the averaged ones where there are some.

    It calls the generator itself, not a copy: not every network can be copied (a `Lambda` layer, a class of one's own).
    """

    def __init__(self, model):
        super().__init__()
        generator = model.generator
        weights = model.sampling_weights()
        self.values = [tf.Variable(keras.ops.convert_to_numpy(value), trainable=False) for _, value in weights]
        self.sample_shape = model.sample_shape
        self.class_shares = model.class_shares

        def call(*inputs, place):
            # in a closure: what is an attribute is saved
            scope = noise.Keyed(generator, place, zip(generator.variables, self.values, strict=True))
            with scope, _float32(generator):
                return tf.cast(generator(list(inputs) if len(inputs) > 1 else inputs[0], training=False), tf.float32)

        self._call = tf.function(call, autograph=False)

    def __call__(self, *inputs, place=_FIRST):
        """Samples; noise of the generator's own is that of `place`, (seed, chunk, part), see `sampling.of_chunk`."""
        return self._call(*inputs, place=place)


@contextlib.contextmanager
def _float32(network):
    """Makes every layer of a network compute in float32, whatever precision it was trained in."""
    before = [(layer, layer.dtype_policy) for layer in network._flatten_layers()]
    try:
        for layer, _ in before:
            layer.dtype_policy = "float32"
        yield
    finally:
        for layer, policy in before:
            layer.dtype_policy = policy


def _write(generator, latent_dim, codec, directory):
    spec, output, shares = codec.spec, codec.spec.output, generator.class_shares
    made = _Made(generator, latent_dim, codec)
    latents = tf.TensorSpec([None, latent_dim], tf.float32, name="latents")
    number_and_seed = [tf.TensorSpec([], tf.int32, name="num_images"), tf.TensorSpec([], tf.int32, name="seed")]
    labels = [] if shares is None else [tf.TensorSpec([None], tf.int32, name="labels")]
    signatures = {}

    def add(name, signature, key, function):
        specs = [*signature, *labels]
        named = _named(lambda *inputs: {key: function(*inputs)}, specs)
        signatures[name] = tf.function(named, input_signature=specs, autograph=False)

    add("serving_default", [latents], output, lambda *inputs: codec.encode(made.of_latents(*inputs)))
    add("generate", number_and_seed, output, made.generate)
    if spec.kind == "images":
        add("generate_png", number_and_seed, "png", made.png)
    add("raw", [latents], output, made.of_latents)
    # not by Keras' ExportArchive, which traces each signature once more before it saves it
    saved = tf.Module()
    saved.values = generator.values
    for name, function in signatures.items():
        setattr(saved, name, function)
    tf.saved_model.save(saved, str(directory), signatures=signatures)


def _named(function, specs):
    """A function whose parameters are called as its tensors: Keras' `TFSMLayer` gives all but the first by name."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    function.__signature__ = inspect.Signature([inspect.Parameter(spec.name, kind) for spec in specs])
    return function


class _Made:
    """What the functions of a SavedModel make, of latents or by number and seed; of labels where it takes classes."""

    def __init__(self, generator, latent_dim, codec):
        self._generator, self._latent_dim, self._codec = generator, latent_dim, codec
        self._shares = generator.class_shares
        # a function, so that what gives samples and what gives them as PNG files are of one trace
        self.generate = tf.function(self._samples, autograph=False)

    def of_latents(self, latents, *labels):
        """As the generator gives them."""
        of_classes = [classes.checked(each, len(self._shares)) for each in labels]
        return self._raw(latents, *of_classes)

    def _raw(self, *inputs, place=_FIRST):
        return tf.ensure_shape(self._generator(*inputs, place=place), [None, *self._codec.spec.shape])

    def _samples(self, num_images, seed, labels=None):
        """Samples 0 … num_images − 1 of a seed, in the user's units."""
        tf.debugging.assert_greater_equal(num_images, 0, "num_images must be at least 0")
        spec, chunk_count = self._codec.spec, -(-num_images // sampling.CHUNK)
        wanted = {"number": tf.range(chunk_count)}
        if labels is not None:
            wanted["labels"] = self._by_chunk(labels, num_images, chunk_count)

        def chunk(wanted):
            inputs = sampling.inputs_of_chunk(
                seed, wanted["number"], self._latent_dim, self._shares, wanted.get("labels")
            )
            return self._codec.encode(sampling.of_chunk(self._raw, inputs, spec.shape, seed, wanted["number"]))

        # one chunk at a time: memory for activations does not grow with num_images
        chunks = tf.map_fn(
            chunk,
            wanted,
            fn_output_signature=tf.TensorSpec([sampling.CHUNK, *spec.stored_shape], spec.dtype),
            parallel_iterations=1,
        )
        return tf.reshape(chunks, [-1, *spec.stored_shape])[:num_images]

    def _by_chunk(self, labels, num_images, chunk_count):
        """Labels, one a sample, as int32 [chunks, CHUNK]: chunks are whole."""
        count = tf.debugging.assert_equal(tf.shape(labels)[0], num_images, "labels must be num_images integers")
        with tf.control_dependencies([count]):
            labels = classes.checked(labels, len(self._shares), least=classes.ANY)
        beyond = chunk_count * sampling.CHUNK - num_images
        return tf.reshape(tf.pad(labels, [[0, beyond]]), [-1, sampling.CHUNK])

    def png(self, *inputs):
        """What `generate` gives, as PNG files."""
        return tf.map_fn(tf.io.encode_png, self.generate(*inputs), fn_output_signature=tf.string)


def _clear(directory, alone):
    """Removes what exports that were killed have left; what one had moved aside is put back.

    Args:
      directory: of the SavedModel.
      alone: whether no other process can be at work here.

    Returns:
      Where a SavedModel is moved aside.
    """
    if alone:
        part = re.compile(rf"\.{re.escape(directory.name)}(\.[0-9a-f]{{8}})?\.part")
        for path in directory.parent.iterdir():
            if part.fullmatch(path.name):
                shutil.rmtree(path, ignore_errors=True)
    old = directory.with_name(f".{directory.name}.old")
    if old.exists() and not directory.exists():
        os.rename(old, directory)
    shutil.rmtree(old, ignore_errors=True)
    return old


def _swap(beside, directory, old):
    """Puts `beside` in the place of `directory`, which stays if that fails."""
    if directory.exists():
        os.rename(directory, old)
    try:
        os.rename(beside, directory)
    except BaseException:
        if old.exists():
            os.rename(old, directory)
        raise
    files.sync(directory.parent)
    shutil.rmtree(old, ignore_errors=True)
