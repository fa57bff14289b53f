"""Tiny runs in surroundings drawn at random: variables, standard streams, home, umask, working directory, keras.json.

    python -m benchmarks.any_surroundings --examples=200

Each ends with its export, or with status 2 and one line. The first that does neither is printed, with what was drawn.
The draws are the same each time; the suite has 20 others.
"""

import argparse

from tests.wiring.test_any_surroundings import any_of_them


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=200)
    count = parser.parse_args().examples
    any_of_them(count)()
    print(f"{count} runs, each with its export or refused in a line")


if __name__ == "__main__":
    main()
