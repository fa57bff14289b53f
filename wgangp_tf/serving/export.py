"""A generator as a SavedModel that needs none of our code."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import uuid

import keras
import tensorflow as tf

from wgangp_tf import files
from wgangp_tf.console import say
from wgangp_tf.errors import UserError, system_reason
from wgangp_tf.gan import sampling
from wgangp_tf.samples import drawing
from wgangp_tf.samples.codec import Codec
from wgangp_tf.serving import target

_PICTURE = pathlib.Path("assets.extra") / "samples.png"


def export_generator(model, directory, *, spec=None, card=None, overwrite=False):
    """Exports a model's generator, by its averaged weights where it has some, in float32.

    Signatures: `serving_default` (latents float32 [n, latent_dim]), `generate` (num_images int32 [], seed int32 []),
    for images `generate_png` (the same, PNG files as strings), and `raw` (latents; the generator's own output).
    Sample k of `generate` depends on (seed, k) alone.

    Args:
      model: `GAN`.
      directory: of the SavedModel; its parents are made.
      spec: `samples.spec.Spec` of the samples it gives; None for the model's own: images (samples in [−1, 1] become
        uint8 pixels) where they are [height, width, 1 or 3], points where they are [2], else arrays.
      card: dict for assets.extra/card.json: config, numbers, versions, licence; None for none.
      overwrite: replace a SavedModel of another run. One whose card has the same "run_id" is always replaced.

    Raises:
      UserError: the directory holds something else, or cannot be written.
    """
    directory = pathlib.Path(directory).absolute()
    run_id = (card or {}).get("run_id")
    target.check(directory, run_id, overwrite)
    codec = Codec(spec) if spec else model.codec
    generator = _Frozen(model)

    def waiting():
        say(f"another process is exporting to {str(directory)!r}; waiting for it")

    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        with files.alone(directory.with_name(f".{directory.name}.lock"), waiting) as held:
            old = _clear(directory, held)
            target.check(directory, run_id, overwrite)  # again, now that no other process can change it
            beside = directory.with_name(f".{directory.name}.{uuid.uuid4().hex[:8]}.part")
            try:
                _write_all(generator, model.latent_dim, codec, card, beside)
                _swap(beside, directory, old)
            finally:
                shutil.rmtree(beside, ignore_errors=True)
    except (OSError, tf.errors.OpError) as error:
        reason = system_reason(error) or str(error).partition("\n")[0]
        raise UserError(
            f"--export_dir expects a directory that can be written. Received: {str(directory)!r} ({reason})"
        ) from error


def _write_all(generator, latent_dim, codec, card, directory):
    """Everything that a SavedModel's directory holds, on disk."""
    spec = codec.spec
    _write(generator, latent_dim, codec, directory)
    (directory / target.CARD).parent.mkdir()
    if card is not None:
        known = {"format": target.FORMAT, "samples": spec.to_values(), "chunk": sampling.rows_at_once(spec.shape)}
        files.replace(directory / target.CARD, json.dumps(card | known, indent=2) + "\n")
    if spec.drawable:
        samples = codec.encode(sampling.generate(generator, spec.drawn, 0, latent_dim))
        files.replace(directory / _PICTURE, drawing.png(drawing.picture(spec, samples)))
    files.sync_tree(directory)


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

        def call(latents):
            # in a closure: what is an attribute is saved
            scope = keras.StatelessScope(list(zip(generator.variables, self.values, strict=True)))
            with scope, _float32(generator):
                return tf.cast(generator(latents, training=False), tf.float32)

        self._call = tf.function(call, autograph=False)

    def __call__(self, latents):
        return self._call(latents)


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
    spec, output = codec.spec, codec.spec.output

    def raw(latents):
        return tf.ensure_shape(generator(latents), [None, *spec.shape])

    def chunk(number, seed):
        return codec.encode(sampling.of_chunk(raw, sampling.latents_of_chunk(seed, number, latent_dim), spec.shape))

    def generate(num_images, seed):
        tf.debugging.assert_greater_equal(num_images, 0, "num_images must be at least 0")
        numbers = tf.range(-(-num_images // sampling.CHUNK))
        # one chunk at a time: memory for activations does not grow with num_images
        chunks = tf.map_fn(
            lambda number: chunk(number, seed),
            numbers,
            fn_output_signature=tf.TensorSpec([sampling.CHUNK, *spec.stored_shape], spec.dtype),
            parallel_iterations=1,
        )
        return tf.reshape(chunks, [-1, *spec.stored_shape])[:num_images]

    def generate_png(num_images, seed):
        return tf.map_fn(tf.io.encode_png, generate(num_images, seed), fn_output_signature=tf.string)

    latents = tf.TensorSpec([None, latent_dim], tf.float32, name="latents")
    number_and_seed = [tf.TensorSpec([], tf.int32, name="num_images"), tf.TensorSpec([], tf.int32, name="seed")]
    archive = keras.export.ExportArchive()
    archive.track(generator)
    archive.add_endpoint("serving_default", lambda latents: {output: codec.encode(raw(latents))}, [latents])
    archive.add_endpoint("generate", lambda num_images, seed: {output: generate(num_images, seed)}, number_and_seed)
    if spec.kind == "images":
        archive.add_endpoint(
            "generate_png", lambda num_images, seed: {"png": generate_png(num_images, seed)}, number_and_seed
        )
    archive.add_endpoint("raw", lambda latents: {output: raw(latents)}, [latents])
    archive.write_out(str(directory), verbose=False)


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
