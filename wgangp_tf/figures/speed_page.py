"""The page docs/speed.md, from the numbers of `benchmark` alone."""

from wgangp_tf.figures import speed_table

FIRST_LINE = "<!-- made by `python main.py benchmark`; what is written here by hand is lost -->"
_HEAD = """# Speed

How long a training step takes, how near the limit of the machine that is, and what others take for the same
arithmetic. `python main.py benchmark --curves --page=docs/speed.md --out=speed` measures all of it again, on any
machine, and writes this page; `speed/benchmark.json` then holds every number.

**Measured on {date}: {machine}.**

{load}{whole}
"""
_HOW = """## How it is measured

- Each step runs in a process of its own, so that its peak of memory is its own. The processes take turns, {turns} each,
  in another order each time; meanwhile the others wait. So all meet the same load. Numbers are medians over the turns,
  with the least and the greatest in brackets; a ratio is taken within each turn first.
- "GFLOP/s" counts the products and convolutions that the method asks for, from the layers' shapes
  (`training/operations.py`): the same number for all, whatever they carry out. "Of the limit" is its share of what
  products of large matrices reach in the same precision, measured in the same turns.
- Samples are random numbers that are always at hand: no step waits for input. What trainings wait for theirs is in
  `docs/numbers.md`, as `benchmarks/input_wait.py` measures it.
- Ours is the whole step of `train`: with averaged weights, numbers for the log, random draws that a continued run
  repeats. The others do none of it.
- Who has other numbers of parameters, or of operations for a sample, than our networks is left out, and said to be.
- XLA is on where there is a GPU and off on processors. What it gains there, and other ways of a step that were tried,
  are in `benchmarks/README.md`.
- This program turns oneDNN on. Keras' own step runs as TensorFlow starts by itself, which leaves oneDNN off on
  processors without AVX-512; with `TF_ENABLE_ONEDNN_OPTS=1` before the command both have it.
- On two cores this program gives each operation of narrow networks one thread and runs two at a time, see
  `docs/scale.md`. Keras and PyTorch run as they start by themselves: each operation on all cores.
- Peak memory is that of the process, what importing the library takes included; on a GPU it is the GPU's.
"""
_WHO = """## Who is measured

| name | what it is |
|---|---|
| `keras` | `benchmarks/keras_step.py`: layers in sequence, `train_step` and `fit`, as a Keras user writes it |
| `keras_xla` | the same under XLA; only where `--beside` names it |
| `torch_zoo` | `benchmarks/torch_steps.py`: two passes, penalty by `autograd.grad`, as PyTorch zoos have it |
| `torch_expert` | the same file: no graph for the fakes, one pass, channels last, fused Adam, autocast |

The last two need `torch`, which this program does not: `pip install torch`.
"""
_NO_GPU = (
    "On a GPU: not measured, this was never run on a GPU. The same command there fills the table, with XLA and half\n"
)
_NO_GPU += "precisions.\n"


def text(numbers, chart, curves_chart=None):
    """The page.

    Args:
      numbers: as `benchmark.json` holds them.
      chart: name of the picture of the steps.
      curves_chart: name of that of the curves, or None.

    Returns:
      Markdown, str.
    """
    machine = numbers["machine"]
    parts = [
        FIRST_LINE,
        _HEAD.format(
            date=numbers["date"],
            machine=numbers["in_words"],
            load=f"In the minute before it began {machine['load']:.1f} other processes wanted a core: if they went on, "
            "these are numbers of a busy machine.\n"
            if machine["load"] >= 0.5
            else "",
            whole="" if numbers["complete"] else "It was stopped before it was done.\n",
        ),
        "## The machine's limits\n",
        speed_table.markdown([["what", "median (least to greatest)"], *map(list, speed_table.limits(numbers))]) + "\n",
        "## The steps\n",
        f"![time of a step beside others, and share of the limit]({chart})\n",
        speed_table.markdown(speed_table.rows(numbers["lines"])) + "\n",
        "".join(f"- `{name}`: {words}\n" for name, words in numbers["works"].items()),
        "" if machine["devices"] else _NO_GPU,
        "## Start-up\n",
        "From the start of Python, in a fresh process, to the end of the first step, in seconds.\n",
        speed_table.start_up(numbers) + "\n",
    ]
    if numbers["curves"] and curves_chart:
        work = next(iter(numbers["curves"].values()))["work"]
        parts += ["## Curves\n", f"Our step of `{work}`.\n", f"![curves of the time of a step]({curves_chart})\n"]
        parts += [speed_table.markdown(speed_table.curve(axis, of)) + "\n" for axis, of in numbers["curves"].items()]
    versions = ", ".join(f"{name} {version}" for name, version in numbers["versions"].items())
    parts += [_HOW.format(turns=numbers["turns"]), _WHO, f"Versions: {versions}.\n"]
    return "\n".join(filter(None, parts))
