def test_a_sum():
    assert 1 + 2 == 3
