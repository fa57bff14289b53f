"""`python -m wgangp_tf`: the same program as `wgangp-tf`."""

import sys

from wgangp_tf.cli import console

if __name__ == "__main__":
    sys.exit(console())
