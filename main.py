"""Runs wgangp_tf from a checkout: `python main.py --dataset=celeb_a`; see `python main.py --helpshort`."""

import sys

from wgangp_tf import cli

if __name__ == "__main__":
    sys.exit(cli.main(sys.argv))
