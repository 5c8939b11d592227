"""The same commit gives the same bytes, notebooks and figures executed anew."""

from tests.conftest import build


def test_two_builds_are_byte_identical(site, tmp_path):
    done = build(tmp_path / "again", SITE_CACHE=str(tmp_path / "cache"))
    assert done.returncode == 0, done.stderr
    first = {p.relative_to(site): p.read_bytes() for p in site.rglob("*") if p.is_file()}
    second = {
        p.relative_to(tmp_path / "again"): p.read_bytes()
        for p in (tmp_path / "again").rglob("*")
        if p.is_file()
    }
    assert first.keys() == second.keys()
    assert [str(name) for name in first if first[name] != second[name]] == []
