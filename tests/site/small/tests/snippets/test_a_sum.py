from tests.claims import claim


@claim("S0-01", "wrong", "The sum is one.")
def test_the_sum_is_less_than_claimed():
    assert 0.1 + 0.25 < 1
