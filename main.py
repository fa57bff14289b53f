"""Runs wgangp_tf from a checkout: `python main.py --dataset=celeb_a`; see `python main.py --helpshort`."""

import signal
import sys

if __name__ == "__main__":
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not where a script's background ignores it
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # until the imports are done there is nothing to save or to tell
    from wgangp_tf import cli

    sys.exit(cli.console())
