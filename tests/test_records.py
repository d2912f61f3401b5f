"""What each record says of where its numbers come from."""

import numpy as np

from tests.benchmarks import made_by


def test_a_record_names_its_command_its_date_and_the_versions_it_was_made_with():
    found = made_by("a command", "matplotlib")
    assert found["command"] == "a command" and len(found["date"].split("-")) == 3
    assert list(found["versions"]) == ["python", "numpy", "matplotlib"] and found["versions"]["numpy"] == np.__version__
