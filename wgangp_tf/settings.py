"""How and where a run is carried out: values that may change when a run is continued."""

import dataclasses

from wgangp_tf import paths
from wgangp_tf.config import check_choice, check_range, described
from wgangp_tf.errors import UserError


@dataclasses.dataclass(frozen=True)
class Execution:
    """On which devices."""

    strategy: str = described(
        "auto",
        "execution",
        '"one" (device), "mirrored" (all of this machine\'s), "multi_worker" (of several machines, see docs/scale.md), '
        '"tpu", or "auto": multi_worker where TF_CONFIG or Slurm says so, mirrored where there are several GPUs',
    )
    local_workers: int | None = described(
        None, "execution", "so many processes on this machine, to try --strategy=multi_worker"
    )
    jit_compile: str = described(
        "auto", "execution", 'XLA: "on", "off", or "auto", which is off on processors and on where there is a GPU'
    )
    steps_per_execution: int | None = described(
        None, "execution", "at most so many steps in one call; as many as 0.2 seconds hold where left out"
    )
    deterministic: bool = described(False, "execution", "the same bits in every run on one machine")

    def __post_init__(self):
        if self.strategy == "parameter_server":
            raise UserError(
                "strategy must not be parameter_server, over which Keras 3 cannot train. "
                "Received: strategy=parameter_server; try multi_worker"
            )
        check_choice("strategy", self.strategy, ("auto", "one", "mirrored", "multi_worker", "tpu"))
        check_choice("jit_compile", self.jit_compile, ("auto", "on", "off"))
        if self.steps_per_execution is not None:
            check_range("steps_per_execution", self.steps_per_execution, 1, 1_000_000)
        if self.local_workers is not None:
            check_range("local_workers", self.local_workers, 1, 64)
            if self.strategy != "multi_worker":
                raise UserError(
                    "local_workers is for --strategy=multi_worker. "
                    f"Received: local_workers={self.local_workers}, strategy={self.strategy}"
                )


@dataclasses.dataclass(frozen=True)
class Cadence:
    """How often and how long."""

    log_every: int = described(100, "cadence", "steps from log to log: numbers, curves and histograms")
    sample_every: int = described(500, "cadence", "steps from picture to picture, of the same latents")
    checkpoint_every: int = described(
        1000, "cadence", "steps from checkpoint to checkpoint: everything needed to continue"
    )
    evaluate_every: int | None = described(
        None,
        "cadence",
        "steps from evaluation to evaluation: all metrics, into evaluations.jsonl, and the best checkpoint is kept; "
        "none where left out",
    )
    keep_checkpoints: int = described(3, "run", "how many of the last checkpoints are kept")
    max_minutes: float | None = described(
        None, "run", "save and stop after so many minutes, compilation included; no limit where left out"
    )

    def __post_init__(self):
        for name in ("log_every", "sample_every", "checkpoint_every", "keep_checkpoints"):
            check_range(name, getattr(self, name), 1, 1_000_000_000)
        if self.evaluate_every is not None:
            check_range("evaluate_every", self.evaluate_every, 1, 1_000_000_000)
        if self.max_minutes is not None:
            check_range("max_minutes", self.max_minutes, 1e-3, 1e6)


@dataclasses.dataclass(frozen=True)
class Storage:
    """Where data comes from and where prepared data is kept."""

    data_dir: str | None = described(
        None,
        "data",
        "the folder of pictures, or tensorflow-datasets' own data directory (its default where left out)",
        path=True,
        any_bytes=True,
    )
    manual_dir: str | None = described(
        None, "data", "folder with original files that tensorflow-datasets cannot fetch", path=True
    )
    download: bool = described(False, "data", "whether anything may be fetched from the network")
    cache: str = described(
        "disk", "data", '"disk" (read by row from files under cache_dir), "memory" or "none" (decoded at each use)'
    )
    cache_dir: str | None = described(
        None, "data", "where prepared data is kept; ~/.cache/wgangp_tf where left out", path=True
    )
    max_bad_files: float = described(0.2, "data", "share of pictures that may be unreadable")
    data_file: str | None = described(
        None, "data", "the array to learn: a .npy, .npz, .csv or .parquet file, see docs/arrays.md", path=True
    )
    inception_weights: str | None = described(
        None,
        "data",
        "what evaluations compare pictures by: a file of Inception's weights, see docs/quality.md; or download, for "
        "Keras' own",
        path=True,
    )

    def __post_init__(self):
        check_choice("cache", self.cache, ("disk", "memory", "none"))
        check_range("max_bad_files", self.max_bad_files, 0, 1)
        for field in dataclasses.fields(self):
            path = getattr(self, field.name)
            if field.metadata["path"] and path is not None:
                path = paths.checked(path, field.name, field.metadata["any_bytes"])
                object.__setattr__(self, field.name, path)
