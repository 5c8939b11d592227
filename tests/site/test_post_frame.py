"""What the build sets around a post's own text: the box of three lines under its title."""

from sitetools import house, reading
from tests.site.small_house import SMALL

HOUSE = house.read(SMALL)
POST = HOUSE.posts["a-sum"]


def test_the_box_is_read_as_sentences_between_the_description_and_the_text():
    lines = reading.paragraphs(HOUSE, "a-sum")
    assert [(line.text, line.whole) for line in lines[1:4]] == [
        (POST.meta["description"], True),
        ("A sum of 0.35, which no hand has typed.", False),
        ("To count, and `+`; part 2 gives what is missing.", False),
    ]


def test_a_number_in_the_box_is_counted_with_those_of_the_post():
    bare = house.Post(POST.topic, 1, {**POST.meta, "have": "A sum."}, POST.text)
    assert HOUSE.numbers(POST) == HOUSE.numbers(bare) + 1
