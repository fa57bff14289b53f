"""Which cases of a list the tests always run, and which only the long proofs do."""

import pytest


def each(values, quick):
    """All `values` as cases of a test; those that are not in `quick` behind the marker `slow`."""
    unknown = set(quick) - set(values)
    assert not unknown, f"no cases of this test: {unknown}"
    return [value if value in quick else pytest.param(value, marks=pytest.mark.slow) for value in values]
