"""What was recorded is what the modules print and compute now."""

import pytest

from sitetools import ROOT
from sitetools.house import read
from sitetools.record import OUT, run, same, same_output

HOUSE = read(ROOT)


@pytest.mark.parametrize("key", HOUSE.modules)
def test_outputs_and_values_are_fresh(key):
    module, old = HOUSE.modules[key], HOUSE.records[key]
    outputs, values = run(module)
    assert old.source == module.digest, "run `make outputs`"
    assert outputs.keys() == old.outputs.keys()
    stale = [name for name in outputs if not same_output(old.outputs[name], outputs[name])]
    assert not stale, f"{module.uri}: run `make outputs`"
    assert values.keys() == old.values.keys()
    assert not [name for name in values if not same(old.values[name], values[name])], (
        f"{module.uri}: run `make outputs`"
    )


def test_nothing_recorded_has_lost_its_module():
    assert {path.name.split(".")[0] for path in OUT.iterdir()} == set(HOUSE.modules)
