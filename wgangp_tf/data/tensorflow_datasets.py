"""Any image data set of tensorflow-datasets (tfds), by its name there.

tfds is asked what it has; nothing waits for a network. What it has prepared is read once, in order and still encoded,
and goes through the same preparation as any other picture.
"""

import contextlib
import difflib
import functools
import importlib.util
import os
import re

import numpy as np

from wgangp_tf.data import fetch, prepare, store
from wgangp_tf.data.folder import DEFAULT_SIZE, in_order
from wgangp_tf.data.prepare import BadPicture, Preparation
from wgangp_tf.data.source import Source, divided
from wgangp_tf.errors import UserError
from wgangp_tf.samples.spec import of_pictures

_LARGEST_OWN_SIZE = 128  # pixels: larger pictures are 64x64 unless another size is asked for
_MAX_HELD_OUT = 5000
_SPLIT_SEED = 0
_NAMED = 12  # configs named in a message


def packaged_names():
    """Most of the data sets tfds knows, from the names of its files: takes a millisecond and imports nothing."""
    spec = importlib.util.find_spec("tensorflow_datasets")
    if spec is None or spec.origin is None:
        return frozenset()
    root = os.path.dirname(spec.origin)
    with contextlib.suppress(OSError):
        checksums = (name.removesuffix(".txt") for name in os.listdir(os.path.join(root, "url_checksums")))
        return frozenset(checksums) | frozenset(os.listdir(os.path.join(root, "datasets")))
    return frozenset()


@functools.cache
def known_names():
    """All data sets tfds knows: takes a second, without TensorFlow."""
    try:
        import tensorflow_datasets as tfds
    except ImportError:
        return frozenset()
    return frozenset(tfds.list_builders(with_community_datasets=False))


def knows(name):
    """Whether tfds has a data set of this name, "name", "name/config" or with ":version"."""
    base = re.split("[/:]", name, maxsplit=1)[0]
    return base in packaged_names() or base in known_names()


def load(data, storage):
    """See `registry.load`. `storage.data_dir` is tfds' own data directory, as `tfds.load` takes it."""
    if storage.cache == "none":
        raise UserError(
            f"cache=none decodes pictures at each use, which needs random access; dataset {data.dataset!r} of "
            "tensorflow-datasets is read in order: use cache=disk or cache=memory. Received: cache=none"
        )
    builder = _builder(data.dataset, storage.data_dir)
    image = _image_feature(builder)
    label = _label_feature(builder)
    if data.labels != "none":
        _check_labels(data, builder, label)
    with fetch.quiet():
        is_prepared = builder.is_prepared()
    if not is_prepared:
        fetch.prepare(builder, storage)
    parts = _parts(builder.info.splits)
    reading = _Reading(builder, image, label, parts, _preparation(data, builder.info.features[image]))
    prepared = store.prepared(reading.recipe(), storage)
    with_labels = data.labels != "none"
    train, validation = divided(prepared.samples, prepared.facts.held_out, prepared.labels if with_labels else None)
    return Source(
        name=data.dataset,
        spec=of_pictures(
            prepared.samples.shape[1:], prepared.facts.class_names if with_labels else (), data.dequantize
        ),
        train=train,
        validation=validation,
        licence=_licence(builder),
        fingerprint=prepared.fingerprint,
        notes=prepared.facts.notes,
    )


def sample_shape(data):
    """What `load` would give: takes a second, without TensorFlow, whether the set is prepared or not."""
    builder = _builder(data.dataset, None)
    return _preparation(data, builder.info.features[_image_feature(builder)]).sample_shape


def spec(data, storage):
    """See `registry.spec`; as quick as `sample_shape`."""
    del storage
    return of_pictures(sample_shape(data), dequantized=data.dequantize)


def class_names(data, storage):
    """See `registry.class_names`; as quick as `sample_shape`."""
    builder = _builder(data.dataset, storage.data_dir)
    label = _label_feature(builder)
    _check_labels(data, builder, label)
    return tuple(builder.info.features[label].names)


class _Reading:
    """One pass over the prepared splits of a builder."""

    def __init__(self, builder, image, label, parts, preparation):
        self._builder, self._image, self._label = builder, image, label
        self._parts, self._preparation = parts, preparation

    def recipe(self):
        info = self._builder.info
        place = os.path.realpath(os.fspath(self._builder.data_path))
        lengths = {name: list(info.splits[name].shard_lengths) for name in self._parts}
        return store.Recipe(
            name=f"dataset {info.full_name}",
            key=[
                "tfds",
                prepare.VERSION,
                self._preparation.crop,
                self._preparation.resize,
                info.full_name,
                self._image,
                lengths,
                place,
                os.stat(os.path.join(place, "dataset_info.json")).st_mtime_ns,
            ],
            sample_shape=self._preparation.sample_shape,
            count=sum(info.splits[name].num_examples for name in self._parts),
            read=self.run,
        )

    def run(self, write):
        """See `store.Recipe.read`."""
        count = all_enlarged = 0
        with prepare.quiet():
            for pixels, enlarged, label, reason in in_order(self._one, self._examples()):
                if reason is not None:
                    name = self._builder.info.full_name
                    raise UserError(f"picture {count} of dataset {name!r} cannot be used ({reason}); prepare it again")
                write(pixels, label)
                count += 1
                all_enlarged += enlarged
        names = self._builder.info.features[self._label].names if self._label else ()
        notes = prepare.notes_on_size(all_enlarged, count, self._preparation)
        return store.Facts(self._held_out(), tuple(names), notes=notes)

    def _one(self, example):
        """(pixels, enlarged, label, None), or (None, False, label, why not)."""
        encoded, label = example
        try:
            return *prepare.decode(encoded, self._preparation), label, None
        except BadPicture as error:
            return None, False, label, str(error)

    def _examples(self):
        """(encoded picture, label) of each example, in order."""
        for part in self._parts:
            try:
                for example in self._read(part):
                    yield example[self._image], int(example[self._label]) if self._label else -1
            except Exception as error:  # of a damaged file, or a format whose reader is not installed
                what = (str(error).strip() or type(error).__name__).splitlines()[0]
                raise UserError(f"split {part!r} of dataset {self._builder.name!r} cannot be read: {what}") from error

    def _read(self, part):
        """The examples of one split with their pictures still encoded, by whichever way the file format allows."""
        import tensorflow_datasets as tfds

        encoded = {self._image: tfds.decode.SkipDecoding()}
        wanted = {self._image: True} | ({self._label: True} if self._label else {})
        with fetch.quiet():
            if self._builder.info.file_format.value == "array_record":
                source = self._builder.as_data_source(split=part, decoders=encoded)
                return (source[k] for k in range(len(source)))
            return self._builder.as_dataset(
                split=part,
                shuffle_files=False,
                decoders=tfds.decode.PartialDecoding(wanted, decoders=encoded),
                read_config=tfds.ReadConfig(try_autocache=False, interleave_cycle_length=1),
            ).as_numpy_iterator()

    def _held_out(self):
        sizes = [self._builder.info.splits[name].num_examples for name in self._parts]
        if len(sizes) == 2:
            return np.arange(sizes[0], sum(sizes))
        if sizes[0] < 2:
            raise UserError(
                f"dataset {self._builder.info.full_name!r} expects at least 2 pictures, one of them to be held out. "
                f"Received: {sizes[0]}"
            )
        count = min(max(sizes[0] // 10, 1), _MAX_HELD_OUT)
        return np.sort(np.random.default_rng(_SPLIT_SEED).permutation(sizes[0])[:count])


def _builder(name, data_dir):
    """The tfds builder of a name.

    Raises:
      UserError: tfds has no such data set, config or version.
    """
    import tensorflow_datasets as tfds

    with fetch.quiet():
        try:
            return tfds.builder(name, data_dir=data_dir)
        except Exception as error:  # tfds raises ValueError, AssertionError, KeyError, its own, …
            raise UserError(_why_not(name, error)) from error


def _why_not(name, error):
    import tensorflow_datasets as tfds

    base, slash, config = name.partition("/")
    with contextlib.suppress(Exception):
        configs = list(tfds.builder_cls(base.partition(":")[0]).builder_configs)
        wanted = config.partition(":")[0]
        if slash and wanted not in configs:
            nearest = difflib.get_close_matches(wanted, configs, n=1, cutoff=0.5)
            hint = f" Did you mean '{base}/{nearest[0]}'?" if nearest else ""
            known = ", ".join(configs[:_NAMED]) + (", …" if len(configs) > _NAMED else "") or "none"
            return f"dataset {base!r} has no config {wanted!r}.{hint} Known: {known}."
    first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
    return f"tensorflow-datasets cannot use dataset {name!r}: {first_line}"


def _image_feature(builder):
    """Name of the feature that holds the pictures: "image", or the only one.

    Raises:
      UserError: there is none, or several.
    """
    import tensorflow_datasets as tfds

    features = builder.info.features or {}
    names = [name for name, feature in features.items() if type(feature) is tfds.features.Image]
    if "image" in names:
        names = ["image"]
    if len(names) != 1:
        have = ", ".join(f"{name} ({type(feature).__name__})" for name, feature in features.items()) or "none"
        expected = "one image feature" if names else "images"
        raise UserError(f"dataset {builder.name!r} expects a data set with {expected}. Received features: {have}")
    if features[names[0]].np_dtype not in (np.uint8, np.uint16):
        raise UserError(
            f"dataset {builder.name!r} expects 8-bit or 16-bit pictures. Received: {features[names[0]].np_dtype}"
        )
    return names[0]


def _label_feature(builder):
    """Name of the only class label of an example, or None."""
    import tensorflow_datasets as tfds

    features = builder.info.features
    names = [name for name, feature in features.items() if isinstance(feature, tfds.features.ClassLabel)]
    return names[0] if len(names) == 1 else None


def _check_labels(data, builder, label):
    if label is None:
        have = ", ".join(builder.info.features)
        raise UserError(f"labels=auto expects a data set with one class label. Received: {data.dataset!r} with {have}")


def _preparation(data, feature):
    height, width, channels = feature.shape
    size = data.image_size
    if size is None:
        fixed = height is not None and width is not None and max(height, width) <= _LARGEST_OWN_SIZE
        size = (height, width) if fixed else DEFAULT_SIZE
    return Preparation(size, data.channels or (1 if channels == 1 else 3), data.crop, data.resize)


def _parts(splits):
    """Names of the splits to read: what is trained on, and what is held out where there is such a split."""
    train = "train" if "train" in splits else max(splits, key=lambda name: splits[name].num_examples)
    held_out = [name for name in ("validation", "test") if name in splits and name != train]
    held_out = [name for name in held_out if splits[name].num_examples]
    return [train, *held_out[:1]]


def _licence(builder):
    known = builder.info.redistribution_info.license or ""
    return " ".join(known.split()) or f"see {builder.info.homepage}"
