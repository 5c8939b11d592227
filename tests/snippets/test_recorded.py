"""What was recorded is what the modules print and compute now."""

import json

import pytest

from sitetools import ROOT
from sitetools.house import read
from sitetools.modules import Module
from sitetools.record import OUT, Record, run, same, same_output, write

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


def test_what_has_changed_is_written_and_a_last_digit_keeps_what_was_recorded(tmp_path):
    source = "# --8<-- [start:a]\nv = 0.1234\nprint(f'{v:.3f}')\n# --8<-- [end:a]\nw = 2.0\n"
    module = Module("snippets/new.py", source)
    write(module, None, tmp_path)
    output, values = tmp_path / "new.a.txt", tmp_path / "new.json"
    assert output.read_text(encoding="utf-8") == "0.123\n"
    for said, recorded, kept in (("0.124\n", "0.124\n", True), ("0.130\n", "0.123\n", False)):
        output.write_text(said, encoding="utf-8")
        v = 0.1234 * (1 + 1e-12) if kept else 0.13
        write(module, Record({"a": said}, {"v": v, "w": 2.0}, module.digest), tmp_path)
        assert output.read_text(encoding="utf-8") == recorded
        assert json.loads(values.read_text(encoding="utf-8"))["values"]["v"] == (v if kept else 0.1234)
