"""What the matrix products of a training step take by themselves, beside the step: how far it can still be brought.

    python -m benchmarks.products_of_a_step --preset=digits

Every product of the step's graph that a result needs is repeated on random numbers of the same shapes, in two ways:
one after the other, each on all threads, as the steps of a chain have to go; and in any order, which no step can do,
since most of its products wait for others. Beside them products of large matrices, as many operations. All take turns;
numbers are medians of milliseconds, with the least and the greatest.
"""

import argparse
import statistics
import time

from wgangp_tf import quiet, surroundings

_SECONDS = 1.0  # of a turn
_SIDE = 2048  # of large matrices


def products(function):
    """[(shape of a, shape of b, whether a and b are transposed)] of what a graph's results need."""
    graph = function.graph
    needed, ahead = set(), [tensor.op for tensor in graph.outputs] + list(graph.control_outputs)
    while ahead:
        operation = ahead.pop()
        if operation not in needed:
            needed.add(operation)
            ahead += [tensor.op for tensor in operation.inputs] + list(operation.control_inputs)
    found = []
    for operation in needed:
        if operation.type == "MatMul":
            shapes = [tuple(tensor.shape.as_list()) for tensor in operation.inputs]
            found.append((*shapes, operation.get_attr("transpose_a"), operation.get_attr("transpose_b")))
    return found


def operations_of(product):
    """How many additions and multiplications a product has."""
    a, b, a_turned, b_turned = product
    rows, inner = reversed(a) if a_turned else a
    return 2 * rows * inner * (b[0] if b_turned else b[1])


def repeated(found, chained):
    """A callable that carries the products out on random numbers and waits for them."""
    import tensorflow as tf

    def random(shape):
        return tf.random.stateless_normal(shape, [0, 0])

    # each has arrays of its own, which the graph takes as inputs: nothing is computed once and kept
    arrays = [(random(a), random(b)) for a, b, *_ in found]

    @tf.function(autograph=False)
    def all_of_them():
        results = []
        for (a, b), (_, _, a_turned, b_turned) in zip(arrays, found, strict=True):
            with tf.control_dependencies(results[-1:] if chained else []):
                results.append(tf.linalg.matmul(a, b, a_turned, b_turned))
        return tf.add_n([result[0, 0] for result in results])

    return lambda: all_of_them().numpy()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="digits", help="digits, or a preset of dense networks")
    parser.add_argument("--turns", type=int, default=7)
    arguments = parser.parse_args()
    surroundings.settle()
    quiet.start()
    import tensorflow as tf

    from wgangp_tf.speed.ours import Step, samples_of

    step = Step({"name": arguments.preset, "changed": {}, "replicas": 1})
    batch = tf.nest.map_structure(tf.convert_to_tensor, samples_of(step.config))
    traced = tf.function(step._model.train_step, autograph=False).get_concrete_function(batch)
    found = products(traced)
    if not found:
        parser.error(f"expected a preset of dense networks. Received: {arguments.preset}")
    amount = sum(map(operations_of, found))
    large = tf.random.stateless_normal([_SIDE, _SIDE], [0, 0])
    product = tf.function(lambda matrix: tf.reduce_sum((matrix @ matrix)[0]))
    share = amount / (2 * _SIDE**3)
    ways = {
        "the step": (lambda: traced(batch)["critic_loss"].numpy(), 1.0),
        "its products, one after the other": (repeated(found, chained=True), 1.0),
        "its products, in any order": (repeated(found, chained=False), 1.0),
        "as many operations in products of large matrices": (lambda: product(large).numpy(), share),
    }
    taken = {name: [] for name in ways}
    for call, _ in ways.values():
        call()
    for number in range(arguments.turns):
        names = list(ways)
        for name in names[number % len(names) :] + names[: number % len(names)]:
            call, part = ways[name]
            count, began = 0, time.perf_counter()
            while time.perf_counter() - began < _SECONDS:
                call()
                count += 1
            taken[name].append(1000 * part * (time.perf_counter() - began) / count)
    print(f"{arguments.preset}: {len(found)} products, {amount / 1e9:.2f} GFLOP")
    for name, values in taken.items():
        print(f"{name}: {statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})")


if __name__ == "__main__":
    main()
