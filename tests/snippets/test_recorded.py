"""What was recorded is what the modules print and compute now."""

import pytest

from sitetools.record import OUT, digest, recorded, run, same, same_output
from sitetools.snippets import modules

MODULES = modules()


@pytest.mark.parametrize("key", MODULES)
def test_outputs_and_values_are_fresh(key):
    module = MODULES[key]
    old_outputs, old_values, source = recorded(module)
    outputs, values = run(module)
    assert source == digest(module), "run `make outputs`"
    assert outputs.keys() == old_outputs.keys()
    stale = [name for name in outputs if not same_output(old_outputs[name], outputs[name])]
    assert not stale, f"{module.uri}: run `make outputs`"
    assert values.keys() == old_values.keys()
    assert not [name for name in values if not same(old_values[name], values[name])], (
        f"{module.uri}: run `make outputs`"
    )


def test_nothing_recorded_has_lost_its_module():
    assert {path.name.split(".")[0] for path in OUT.iterdir()} == set(MODULES)
