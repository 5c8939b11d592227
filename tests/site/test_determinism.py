"""The same commit gives the same bytes, notebooks and figures executed anew."""


def test_two_builds_are_byte_identical(site, built_again):
    first = {p.relative_to(site): p.read_bytes() for p in site.rglob("*") if p.is_file()}
    second = {p.relative_to(built_again): p.read_bytes() for p in built_again.rglob("*") if p.is_file()}
    assert first.keys() == second.keys()
    assert [str(name) for name in first if first[name] != second[name]] == []
