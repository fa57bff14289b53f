"""`python -m wgangp_tf`: the same program as `wgangp-tf`."""

import signal
import sys


def main():
    """The installed program; returns the exit status."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # as in main.py
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from wgangp_tf import cli

    return cli.console()


if __name__ == "__main__":
    sys.exit(main())
