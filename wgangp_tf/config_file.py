"""From a config file, a run's config.json or a part of one, to values."""

import dataclasses
import json

from wgangp_tf import config as configs
from wgangp_tf import paths
from wgangp_tf.errors import UserError, unknown_name
from wgangp_tf.samples import spec as specs

_BESIDE = ("format", "randomness", "samples")  # keys of config.json that no flag has


def read(path, what="--config"):
    """The Config of a run's config.json, of this format or an earlier one.

    Args:
      path: of the file.
      what: that the user named, for errors.

    Raises:
      UserError: see `read_values`.
    """
    tree = _read_tree(path, what)
    try:
        samples = specs.from_values(tree["samples"]) if "samples" in tree else None
        randomness = int(tree.get("randomness", 1))
    except (TypeError, ValueError) as error:
        raise UserError(f"{path!r} expected to be a run's config.json ({error})") from error
    return dataclasses.replace(configs.from_values(_values(tree, path)), samples=samples, randomness=randomness)


def of_tree(tree, whose):
    """The Config of a tree that a run or the card of a SavedModel holds.

    Args:
      tree: dict, as `Config.to_tree` makes it.
      whose: what it stands in, for errors.

    Raises:
      UserError: a key is not known, or a value is out of range.
    """
    return configs.from_values(_values(tree, whose))


def read_values(path):
    """The {field: value} of a config file, JSON as `Config.to_json` writes it; any part may be left out.

    What the file says of the samples is left to the data: a config of one data set may be used for another.

    Raises:
      UserError: the file cannot be read, is no JSON object, or has a section or key that is not known.
    """
    return _values(_read_tree(path, "--config"), path)


def _read_tree(path, what):
    """The JSON object in a config file."""
    try:
        with open(path, encoding="utf-8") as file:
            tree = json.load(file)
    except OSError as error:
        raise UserError(f"{what} expects a readable JSON file. Received: {path!r} ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{what} expects JSON. Received: {path!r} ({error})") from error
    if not isinstance(tree, dict):
        raise UserError(
            f"{what} expects a JSON object with the sections {', '.join(configs.SECTIONS)}. Received: {path!r}"
        )
    if isinstance(tree.get("format"), int) and tree["format"] > configs.FORMAT:
        raise UserError(
            f"{path!r} has format {tree['format']}, of a later wgangp_tf; this one reads up to {configs.FORMAT}"
        )
    return tree


def _values(tree, path):
    """The {field: value} of a config's tree."""
    values = {}
    for key, part in tree.items():
        if key in _BESIDE:
            continue
        if key == "seed":
            values[key] = part
        elif key not in configs.SECTIONS:
            raise unknown_name(f"section or key in {path!r}", key, [*configs.SECTIONS, "seed"])
        elif not isinstance(part, dict):
            raise UserError(f"Section {key!r} of {path!r} expects a JSON object. Received: {part!r}")
        else:
            kinds = {field.name: field for field in dataclasses.fields(configs.SECTIONS[key])}
            for field, value in part.items():
                if field not in kinds:
                    raise unknown_name(f"key in section {key!r} of {path!r}", field, kinds)
                values[field] = _path(kinds[field], value, path)
    return values


def _path(field, value, where):
    """The value of a field: of one that names a path, as a flag would take it."""
    if not (field.metadata.get("path") and isinstance(value, str)):
        return value
    return paths.checked(value, f"{field.name} in {where!r}")
