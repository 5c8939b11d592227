"""P11: the index maps by counting, the permutation theorem by hand and to the last bit, and the recorded
measurements."""

import inspect
import json
import math
import tomllib
from fractions import Fraction
from itertools import groupby, pairwise, permutations, product
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_sample_image

from experiments import (
    neighbours,
    pixel_rates,
    results,
    shuffle_by_degrees,
    shuffled_digits,
    shuffled_pixels,
    xor_of_signs,
)
from figures import flattening as drawn
from figures import neighbours as drawn_near
from figures import shuffle_by_degrees as drawn_degrees
from figures import shuffled_pixels as drawn_pixels
from figures.style import SCHEMES
from scratchmlp.conv import Conv2D
from scratchmlp.datafiles import find
from scratchmlp.datasets import cifar10_jpeg75, digits, split
from scratchmlp.layers import Dense, ReLU
from scratchmlp.losses import cross_entropy
from scratchmlp.network import Network, mlp
from scratchmlp.optimizers import SGD, Adam
from scratchmlp.training import fit
from sitetools.record import OUT
from snippets import backpropagation
from snippets import flattening as post
from tests.claims import claim, holds, read
from tests.reading import Reader

says = Reader("flattening")
PIXELS, DIGITS, CONTROL, LINEAR, BY_DEGREES, NEAR, XOR = map(
    results.values,
    (
        "shuffled_pixels",
        "shuffled_digits",
        "shuffled_control",
        "shuffled_linear",
        "shuffle_by_degrees",
        "neighbours",
        "xor_of_signs",
    ),
)
VALUES = json.loads((OUT / "flattening.json").read_text(encoding="utf-8"))["values"]
COLOURS = SimpleNamespace(**SCHEMES["light"], width=7.5, narrow=False)
ZERO = load_digits().images[0]  # of scikit-learn, not of the package


def spread(values):
    """The mean of recorded values and their standard deviation, each as a percentage."""
    return f"{np.mean(values):.1%}", f"{np.std(values, ddof=1):.1%}"


def standard_error(values):
    """That of the mean of recorded values."""
    return np.std(values, ddof=1) / math.sqrt(len(values))


def minus(value, form):
    """A number as the page writes it, with a true minus sign."""
    return f"{value:{form}}".replace("-", "−")


# ---- what is only announced or asked ------------------------------------------------------------------------------


@claim(
    "S2-04",
    "definition",
    "Three precise bottlenecks: the prior, the scaling, the hierarchy.",
)
def test_what_we_only_announce_or_ask():
    holds("S2-04", "Kept apart here; this part is about the first.")
    says.only(
        "What happens to neighbours when an image becomes a row, why an MLP cannot care, what that costs, and what a "
        "CNN "
        "knows beforehand.",
        "Which is the zero?",
        "So that two kinds of rows do not get mixed up, we call the result the vector of the image.",
        r"(Here the plain letters $H$ and $W$ are the height and the width of an image. The bold $\mathbf{W}$ "
        r"remains a "
        r"matrix of weights.)",
        "The only question is whether the player reads the numbers.",
        "It is easy to write the axes in one order and mean another.",
        "What happens when both train on the same batches?",
        "Is that true on a computer, too?",
        "One thing is left to settle. We gave the twin weights that match. In practice nobody does, since nobody "
        "knows "
        "the order.",
        "Blindness costs nothing where there is nothing to see. Is there something?",
        "There are two details worth a look.",
        "So there is something to know, and an MLP does not know it beforehand. What would a layer look like that "
        "does?",
        "Now make two demands.",
        "What if the demands are not true?",
        "What we can measure is the two together.",
        "Blind before training, not after",
        "It is often said that an MLP assumes its inputs to be independent, so that one says nothing about another, "
        "and "
        "that this is why it is bad at images. Our proof is a different statement, and the difference is worth a "
        "section.",
        "Two questions are left. What happens when an image is not shuffled but moved, by a single pixel? That is "
        "the "
        "subject of part 13. And what does it cost to go without this prior when images grow? Part 14 adds that up.",
        "To shuffle the pixels yourself, with both networks trained before your eyes, open the lab.",
        because="they say what comes, what is asked, or what we call it, and no value follows from them",
    )


@claim(
    "S1-13",
    "definition",
    "“The ResNet-18 we just finished” saw a block of three dimensions.",
)
def test_one_row_of_the_ledger_alone_speaks_of_a_resnet():
    named = [name for name, row in read().claims.good() if "ResNet-18" in row["says"]]
    assert named == ["S1-13"]
    holds("S1-13", "It is not in the source.")


def test_the_parts_that_are_needed_stand_before_this_one_and_hold_what_is_needed():
    number = {name: held.number for name, held in read().posts.good()}
    assert [number[name] for name in ("what-is-an-mlp", "shapes-and-notation", "backpropagation")] == [
        1,
        2,
        5,
    ]
    assert number["flattening"] == 12
    assert "xor_of_signs." in read().posts["what-is-an-mlp"].text
    assert "def backward" in inspect.getsource(backpropagation)
    says(
        "The networks and the sign task of part 1, the shapes of part 2, and for one proof the backward pass of part "
        "5."
    )


# ---- two strips ---------------------------------------------------------------------------------------------------


def test_one_strip_is_a_zero_row_by_row_and_the_other_its_values_shuffled():
    strip, other = ZERO.ravel(), ZERO.ravel()[post.order]
    assert load_digits().target[0] == 0
    assert strip.tolist() == [v for row in post.digit.tolist() for v in row]
    assert len(post.digit) == 8
    assert (strip != other).any()
    assert sorted(strip) == sorted(other)
    says(
        "Below are two strips of 64 grey values. One of them is a handwritten zero, its eight rows laid end to end. "
        "The "
        "other holds the same values, shuffled."
    )
    strips = drawn.draw_strips(VALUES, COLOURS).axes[0]
    cells = [[p for p in strips.patches if p.get_fill() and abs(p.get_y() - y) < 1e-6] for y in (1.0, 0.15)]
    assert [len(row) for row in cells] == [64, 64] == [strip.size, other.size]
    assert [t.get_text() for t in strips.texts] == ["A", "B"]
    for row, values in zip(cells, (strip, other), strict=True):
        dark = [-sum(p.get_facecolor()[:3]) for p in sorted(row, key=lambda p: p.get_x())]
        assert np.corrcoef(dark, values)[0, 1] > 0.999  # the more ink, the darker on a light page
        runs = [len(list(run)) for _, run in groupby(values > 0)]
        assert len(runs) >= 25
        assert max(runs) < 10
    says(
        "Two strips, A and B, each a row of sixty-four cells in shades from empty to full of ink. In both, cells "
        "with "
        "ink and empty ones alternate in short runs, and neither looks like a digit.",
        "The same sixty-four values twice; the more ink, the more a cell stands out. One strip is a handwritten "
        "zero, "
        "its rows laid end to end. In the other the cells have been shuffled.",
    )


def test_the_strips_put_back_are_a_zero_and_scattered_cells():
    views = drawn.views_of(VALUES)
    assert (views["A"] == ZERO).all()
    assert sorted(views["B"].ravel()) == sorted(ZERO.ravel())
    ink = {letter: view > 0 for letter, view in views.items()}
    assert not ink["A"][3:5, 3:5].any()  # the hole of the zero
    assert ink["B"][3:5, 3:5].any()
    borders = {letter: np.diff(on, axis=0).sum() + np.diff(on, axis=1).sum() for letter, on in ink.items()}
    assert borders["B"] > 1.4 * borders["A"]  # scattered
    axes = drawn.draw_views(VALUES, COLOURS).axes[0]
    frames = [p for p in axes.patches if not p.get_fill()]
    shapes = [p.get_width() / p.get_height() for p in frames]
    assert shapes[:2] == pytest.approx([1, 1])
    assert min(shapes[2:]) > 8
    assert max(p.get_y() + p.get_height() for p in frames[2:]) < min(p.get_y() for p in frames[:2])
    says(
        "Strip A, put back into an image of eight by eight cells, shows a handwritten zero. Strip B, put back in the "
        "same way, shows scattered cells, in which nobody would see a zero. Below them stand both strips.",
        "You recognise the first image and not the second. The strips below are what the network gets, and neither "
        "looks "
        "like a digit.",
        "To you the second image is ruined. What is it to the network?",
    )


def test_many_strips_tell_which_pixels_were_neighbours():
    x = load_digits().data[:, post.order]  # strips, as the network gets them
    live = np.flatnonzero(x.std(axis=0) > 0)
    place = {k: divmod(int(post.order[k]), 8) for k in live}
    together = np.corrcoef(x[:, live].T) - 2 * np.eye(len(live))
    found = [(live[a], live[b]) for a, b in enumerate(together.argmax(axis=1))]
    adjacent = [sum(abs(p - q) for p, q in zip(place[a], place[b], strict=True)) == 1 for a, b in found]
    assert np.mean(adjacent) > 0.75  # by guessing: 4 of 60
    says(
        "With many strips in hand, one could find out which pixels were neighbours, since neighbours tend to be "
        "alike. "
    )


def test_a_network_takes_rows_and_refuses_images():
    net, images = mlp([64, 8, 10], rng=np.random.default_rng(0)), load_digits().images[:5].astype("float32")
    assert net.forward(images.reshape(5, 64)).shape == (5, 10)
    with pytest.raises(ValueError, match="shape"):
        net.forward(images)
    says(
        "You hesitate, and no wonder: a strip is no way to look at an image. But it is the only way in which an MLP "
        "ever "
        "sees one. Its first layer takes rows of numbers, so an image has to become one long row, which is called "
        "flattening.",
    )


# ---- what is lost -------------------------------------------------------------------------------------------------


@claim(
    "S0-15",
    "imprecise",
    "Flattening immediately introduces problems.",
)
@claim(
    "S0-16",
    "imprecise",
    "Flattening destroys spatial locality.",
)
@claim(
    "S1-14",
    "definition",
    "Flattening is like smashing a Rubik's cube and laying out its stickers in a row.",
)
@claim(
    "S2-07",
    "confirmed",
    "Flattening is invertible and destroys no information.",
)
@claim(
    "S3-01",
    "imprecise",
    "Flattening destroys two-dimensional structure and leads to a parameter explosion.",
)
def test_the_index_map_of_every_pixel_can_be_undone():
    for H, W in ((3, 4), (28, 28), (5, 7)):
        places = [(i, j) for i in range(H) for j in range(W)]
        assert [i * W + j for i, j in places] == list(range(H * W))
        assert [divmod(k, W) for k in range(H * W)] == places
    assert post.vector[post.k] == post.image[post.i, post.j] == 0
    assert (post.again == post.image).all()
    assert post.image.shape == (3, 4)
    assert post.vector.tolist() == [v for row in post.image.tolist() for v in row]
    assert 2 * 4 + 1 == 9 == post.k
    assert (post.row, post.column) == (9 // 4, 9 % 4) == (post.i, post.j)
    says.formula("eq-index", r"k = 2 \cdot 4 + 1 = 9")
    says(
        "Take a small image of three rows and four columns, and lay its rows end to end.",
        "The pixel in row $i$ and column $j$, both counted from 0, gets the index $k = iW + j$ in it.",
        f"Row {post.i}, column {post.j} comes to",
        "and the value is still there:",
        r"The way back is a division with remainder. The quotient $\lfloor k / W \rfloor$ is the row, and the "
        r"remainder "
        r"is the column:",
    )
    heap = [(int(k), int(v)) for k, v in enumerate(post.vector)]
    np.random.default_rng(3).shuffle(heap)
    back = [[0] * 4 for _ in range(3)]
    for k, v in heap:
        back[k // 4][k % 4] = v
    assert back == post.image.tolist()
    says(
        "So nothing has been averaged, cut or overwritten. Whoever knows the width has the image back, value by "
        "value.",
        "It is like a jigsaw whose pieces carry numbers on their backs. They come in a heap, but the numbers put "
        "them in "
        "place, so nothing is destroyed.",
        "Flattening loses nothing.",
    )
    holds("S0-15", "Flattening is an exact relabelling;")
    holds("S0-16", "The map has an exact inverse, so nothing is destroyed.")
    holds("S1-14", "An analogy that suggests loss; a jigsaw with numbered pieces does not.")
    holds("S2-07", "Flattening is invertible and destroys no information.")
    holds("S3-01", "It is a lossless relabelling.")


@claim(
    "S1-03",
    "confirmed",
    "A CIFAR-10 image (3, 32, 32) becomes a vector of 3072.",
)
@claim(
    "S1-15",
    "confirmed",
    "32 · 32 · 3 = 3072.",
)
@claim(
    "S1-41",
    "confirmed",
    "Every unit of the first layer sees every pixel.",
)
@claim(
    "S2-06",
    "conditions",
    "An image must be flattened before it can be multiplied by the weight matrix.",
)
@claim("S3-01", "imprecise")
@claim(
    "S3-09",
    "confirmed",
    "A fully connected layer has a weight of its own for every coordinate.",
)
def test_every_unit_has_a_weight_for_every_value_in_any_order():
    assert post.n_cifar == 3 * 32 * 32 == 3072
    assert post.n_values == 3 * 256 * 256 == 196608
    rng = np.random.default_rng(0)
    image = rng.normal(size=(3, 4, 4))
    layer = Dense(48, 5, rng=rng, dtype="float64")
    W, b = layer.params["W"], layer.params["b"]
    assert W.shape == (image.size, 5)
    assert Dense(3072, 7, rng=rng).params["W"].shape == (3072, 7)
    net, x = Network([layer, ReLU()]), image.reshape(1, -1)
    bent = [max(0.0, sum(x[0, d] * W[d, m] for d in range(48)) + b[m]) for m in range(5)]
    assert net.forward(x)[0] == pytest.approx(bent)
    for axes in ((0, 1, 2), (1, 2, 0), (0, 2, 1)):
        assert image.transpose(axes).reshape(1, -1).shape == x.shape  # as many weights in any order
    with pytest.raises(ValueError, match="shape"):
        net.forward(image[None])  # an image that was not flattened
    says(
        r"Behind it comes the layer that we know, $\mathbf{h} = \varphi(\mathbf{x}\mathbf{W} + \mathbf{b})$, with "
        r"$\mathbf{x}$ the vector of the image. Every unit has a weight for every value.",
        rf"For a colour image of 32×32 pixels that makes $3 \cdot 32 \cdot 32 = {3 * 32 * 32:,}$ weights for each "
        rf"unit.",
    )
    holds("S1-03", "3,072 values, in any order of the axes.")
    holds("S1-15", "32 · 32 · 3 = 3072.")
    holds("S1-41", "3,072 weights per unit for CIFAR-10.")
    holds(
        "S2-06",
        "If every unit is to see every pixel. The product alone would take the image and act on its "
        "last axis.",
    )
    assert (image @ rng.normal(size=(4, 6))).shape == (3, 4, 6)  # the image as it is
    holds("S3-01", "The number of parameters comes from dense connections, not from the order.")
    holds("S3-09", "196,608 per unit for an image of 256 by 256 in colour.")


@claim(
    "S0-14",
    "conditions",
    "To feed an image into an MLP, we must flatten it.",
)
@claim(
    "S2-05",
    "conditions",
    "MLPs require flat one-dimensional vectors.",
)
def test_a_product_acts_on_the_last_axis_alone():
    assert post.stack.shape == (2, 5, 8)
    assert post.layer.shape == (8, 4)
    assert post.rows.shape == (2, 5, 4)
    assert (post.rows == 8).all()
    rng = np.random.default_rng(5)
    stack, layer = rng.integers(-9, 10, (2, 5, 8)), rng.integers(-9, 10, (8, 4))
    found = stack @ layer
    for n, i, m in np.ndindex(found.shape):
        assert found[n, i, m] == sum(int(stack[n, i, j]) * int(layer[j, m]) for j in range(8))
    changed = stack.copy()
    changed[1, 3] += 1  # one row of pixels
    assert {(int(n), int(i)) for n, i, _ in np.argwhere(changed @ layer != found)} == {(1, 3)}
    flat = stack.reshape(2, -1) @ np.ones((40, 3))
    assert ((changed.reshape(2, -1) @ np.ones((40, 3)) != flat) == [[False] * 3, [True] * 3]).all()
    says(
        "Must an image be flattened at all? If every unit is to see every pixel, yes, and in any order you like.",
        "The matrix product as such would not ask for it: given more axes, it acts on the last one and leaves the "
        "others "
        "alone. Take two images of five rows and eight columns, and weights from eight inputs to four units:",
        "Each row of pixels has become four numbers on its own. No unit has seen a whole image, and that is not what "
        "we "
        "want.",
    )
    holds("S0-14", "If every unit is to see every pixel,")
    holds(
        "S2-05",
        "A matrix product acts on the last axis and leaves others alone; to mix all pixels one flattens.",
    )


# ---- where the neighbours go --------------------------------------------------------------------------------------


@claim(
    "S0-17",
    "wrong",
    "Neighbours become arbitrarily distant in the vector.",
)
@claim(
    "S2-10",
    "imprecise",
    "Row-major order destroys adjacency: k becomes k + W for the pixel below.",
)
@claim(
    "S3-04",
    "confirmed",
    "Flattening (H, W) separates vertical neighbours.",
)
def test_half_of_the_neighbours_stay_adjacent_and_half_become_28_apart():
    at = {(i, j): 28 * i + j for i in range(28) for j in range(28)}
    pairs = [(a, b) for a in at for b in ((a[0], a[1] + 1), (a[0] + 1, a[1])) if b in at]
    apart = [at[b] - at[a] for a, b in pairs]
    assert len(pairs) == 1512 == post.n_pairs
    assert (apart.count(1), apart.count(28)) == (756, 756) == (post.n_across, post.n_down)
    assert sorted(set(apart)) == [1, 28] == [post.step_across, post.step_down]
    assert {b[0] - a[0] for a, b in pairs if at[b] - at[a] == 28} == {1}  # one above the other
    printed = (OUT / "flattening.neighbours.txt").read_text().splitlines()
    assert printed[:2] == ["across 756 pairs, apart by [1]", "down 756 pairs, apart by [28]"]
    place = {k: p for p, k in at.items()}
    true = set(pairs)
    false = [k for k in range(783) if (place[k], place[k + 1]) not in true]
    assert len(false) == 27 == post.n_false
    assert all(place[k][1] == 27 and place[k + 1] == (place[k][0] + 1, 0) for k in false)
    says(
        "Pixels that touched each other may now lie far apart.",
        "Here are all pairs of neighbours in an image of 28 by 28 pixels, side by side or one above the other, and "
        "how "
        "far apart they lie in the vector:",
        f"Of {len(pairs):,} pairs, the {apart.count(1)} that stand side by side stay adjacent.",
        f"The {apart.count(28)} that stand one above the other are now exactly {max(apart)} apart.",
        f"And {len(false)} pairs are adjacent in the vector only: the last pixel of one row and the first of the row "
        f"below.",
    )
    by_column = {(i, j): 28 * j + i for i, j in at}
    assert {by_column[b] - by_column[a] for a, b in pairs if b[0] == a[0]} == {28}
    assert {by_column[b] - by_column[a] for a, b in pairs if b[1] == a[1]} == {1}
    says("Lay out the columns instead of the rows, and it is the horizontal neighbours that part.")
    holds("S0-17", "In an image of 28 by 28, 756 pairs stay adjacent and 756 become exactly 28 apart;")
    holds(
        "S2-10",
        "For vertical pairs. Horizontal ones keep theirs, and 27 false adjacencies arise in an image of 28 by 28;",
    )
    holds("S3-04", "Row by row. Column by column it separates horizontal ones.")


@claim(
    "S1-17",
    "imprecise",
    "Inputs: a 1-D vector against a 3-D tensor (width, height, channels).",
)
@claim(
    "S3-05",
    "imprecise",
    "In a 256 by 256 image, (0, 0) and (1, 0) are separated by 255 elements.",
)
def test_the_distances_in_a_colour_image_follow_from_strides():
    C, H, W = 3, 256, 256
    assert post.below_first == W == 256
    assert post.between == len(range(0 * W + 1, 1 * W)) == 255
    assert post.below_last == W * C == 768
    assert post.below_column == 1
    assert post.colour_first == H * W == 65536
    assert post.colour_last == 1
    assert post.apart((3, 256, 256), (0, 2, 1), (0, 0, 0), (0, 0, 1)) == H  # column by column, across
    small = np.array(
        [[["r0", "r1"], ["r2", "r3"]], [["g0", "g1"], ["g2", "g3"]], [["b0", "b1"], ["b2", "b3"]]]
    )
    planes = "".join(small.ravel())
    mixed = "".join(small.transpose(post.orders["H, W, C"]).ravel())
    assert planes == "r0r1r2r3g0g1g2g3b0b1b2b3"
    assert mixed.startswith("r0g0b0r1g1b1")
    for name, axes in post.orders.items():
        letters = [a.strip() for a in name.split(",")]
        assert ["CHW"[a] for a in axes] == letters
        step = {
            letter: post.apart((3, 256, 256), axes, (0, 0, 0), tuple(int(l == letter) for l in "CHW"))
            for letter in "CHW"
        }
        assert step[letters[-1]] == 1  # the last axis changes first
        assert max(step, key=step.get) == letters[0]
    says(
        "With colours there are more orders still. An image of 256 by 256 has three values in each place. A file may "
        "hold all reds, then all greens, then all blues, or the three values of one pixel together before those of "
        "the "
        "next.",
        "The program calls the three axes C, H and W, for colour, height and width. Along the vector, the axis "
        "that is named last changes with every step, and the one that is named first most seldom:",
        f"With the colours first and then row by row, {len(range(1, W))} values lie between a pixel and the one "
        f"below "
        f"it, and two colours of one pixel are {H * W:,} apart, though they are the same place.",
    )
    assert "(3, 32, 32)" in read().claims["S1-03"]["says"]
    assert digits()[0].shape[1:] == (1, 8, 8)
    holds(
        "S1-17",
        "The same source writes (3, 32, 32), which is channels, height, width, the order of this site.",
    )
    holds(
        "S3-05",
        "255 lie between; the indices differ by 256, with colours last by 768, column by column by 1.",
    )


# ---- the theorem --------------------------------------------------------------------------------------------------


def test_the_order_moves_every_image_alike_and_loses_no_pixel():
    assert sorted(post.order) == list(range(64))
    assert (post.order != np.arange(64)).mean() > 0.9
    assert (post.shuffled[:, np.argsort(post.order)] == post.pixels).all()
    for n in (0, 77, 1796):
        assert post.shuffled[n].tolist() == [post.pixels[n, p] for p in post.order]
    says(
        "Let us go to the extreme. Draw any order of the 64 pixels of our digits at random, a permutation, and apply "
        "the "
        "same one to every image."
    )


def test_each_weight_of_the_twin_meets_its_own_pixel():
    for k, p in enumerate(post.order):
        assert post.x_twin[:, k].tolist() == post.x[:, p].tolist()
        assert post.W1_twin[k].tolist() == post.W1[p].tolist()
    assert sorted(post.W1_twin.ravel()) == sorted(post.W1.ravel())
    says(
        "Suppose that it has a twin. The twin gets the shuffled images. At the start its weights are the same "
        "numbers, but the rows of its first matrix are in the new order too, so that each weight still meets its "
        "own pixel.",
    )


def fractions(rng, *shape):
    """An array of random fractions: no sum of them is ever rounded."""
    whole = rng.integers(-30, 31, shape), rng.integers(1, 12, shape)
    return np.array(
        [Fraction(int(a), int(b)) for a, b in zip(*(v.ravel() for v in whole), strict=True)]
    ).reshape(shape)


def one_step(x, W1, W2, pull, lr):
    """A step of a ReLU network in fractions: logits, gradients, and the moved weights; `pull` arrives at the
    logits."""
    N, D, M, K = *x.shape, *W2.shape
    z = [[sum(x[n, d] * W1[d, m] for d in range(D)) for m in range(M)] for n in range(N)]
    h = [[max(Fraction(0), v) for v in row] for row in z]
    logits = [[sum(h[n][m] * W2[m, k] for m in range(M)) for k in range(K)] for n in range(N)]
    dz2 = pull(logits)
    dW2 = [[sum(h[n][m] * dz2[n][k] for n in range(N)) for k in range(K)] for m in range(M)]
    dz1 = [[sum(dz2[n][k] * W2[m, k] for k in range(K)) * (z[n][m] > 0) for m in range(M)] for n in range(N)]
    dW1 = [[sum(x[n, d] * dz1[n][m] for n in range(N)) for m in range(M)] for d in range(D)]
    moved = [W - lr * np.array(dW, dtype=object) for W, dW in ((W1, dW1), (W2, dW2))]
    return SimpleNamespace(z=z, h=h, logits=logits, dW1=dW1, dW2=dW2, W1=moved[0], W2=moved[1])


def test_in_fractions_the_twins_agree_in_each_of_the_three_paragraphs():
    rng = np.random.default_rng(21)
    x, W1, W2 = fractions(rng, 4, 6), fractions(rng, 6, 3), fractions(rng, 3, 2)
    twin_W1, twin_W2, order = W1, W2, rng.permutation(6)
    twin_W1 = W1[order]
    for _ in range(3):
        a, b = (
            one_step(*of, lambda logits: [[v - 1 for v in row] for row in logits], Fraction(1, 100))
            for of in ((x, W1, W2), (x[:, order], twin_W1, twin_W2))
        )
        assert (a.z, a.h, a.logits) == (b.z, b.h, b.logits)
        assert a.dW2 == b.dW2
        assert [a.dW1[p] for p in order] == b.dW1 != a.dW1
        assert (a.W1[order] == b.W1).all()
        assert (a.W2 == b.W2).all()
        assert (a.W1 != W1).any()
        W1, W2, twin_W1, twin_W2 = a.W1, a.W2, b.W1, b.W2
    says(
        "The forward pass. Each sum of the first layer adds up the same products as before, in another order. So the "
        "sums are the same, and everything behind them is the same as well: hidden values, probabilities, loss.",
        "The backward pass. All gradients behind the first layer are then equal. In the first layer the gradient of "
        "a "
        "weight is what arrives times the value of its pixel, added up over the batch. The twin computes the same "
        "number. It stands in the row to which that pixel has moved.",
        "The step. Equal numbers move by equal amounts. After the step the twin's weights are still the same numbers "
        "with their rows in the new order, and we are where we began.",
        "So the twins agree for ever, in every loss and every prediction.",
    )


def test_the_three_lines_hold_for_every_matrix_of_a_permutation():
    rng = np.random.default_rng(22)
    x, W, dz = (rng.integers(-9, 10, shape) for shape in ((5, 7), (7, 3), (5, 3)))
    for order in (rng.permutation(7), np.arange(7)[::-1], np.roll(np.arange(7), 3)):
        P = np.zeros((7, 7), int)
        for k, p in enumerate(order):
            P[p, k] = 1
        assert set(P.ravel()) == {0, 1}
        assert (x @ P == x[:, order]).all()
        assert (W[order] == P.T @ W).all()
        assert (np.eye(7) == P @ P.T).all()
        dW, eta = x.T @ dz, 3
        assert ((x @ P) @ (P.T @ W) == x @ W).all()
        assert ((x @ P).T @ dz == P.T @ (x.T @ dz)).all()
        assert (P.T @ (x.T @ dz) == P.T @ dW).all()
        assert (P.T @ W - eta * (P.T @ dW) == P.T @ (W - eta * dW)).all()
        assert ((x @ P).T == P.T @ x.T).all()  # a transposed product
    assert (x @ W).T.tolist() == (W.T @ x.T).tolist()
    a, b, c = 5, 7, 11
    small = np.array([[0, 1, 0], [0, 0, 1], [1, 0, 0]])
    assert (
        (np.array([[a, b, c]]) @ small).tolist()
        == [[c, a, b]]
        == np.array([[a, b, c]])[:, [2, 0, 1]].tolist()
    )
    says.formula(
        "eq-order",
        r"\begin{pmatrix} a & b & c \end{pmatrix} \begin{pmatrix} 0 & 1 & 0 \\ 0 & 0 & 1 \\ 1 & 0 & 0 \end{pmatrix} "
        r"= \begin{pmatrix} c & a & b \end{pmatrix}",
    )
    says.formula(
        "eq-twins",
        r"\begin{aligned} (\mathbf{x}\mathbf{P})(\mathbf{P}^{\mathsf{T}}\mathbf{W}) &= \mathbf{x}\mathbf{W} \\ "
        r"(\mathbf{x}\mathbf{P})^{\mathsf{T}}\, d\mathbf{z} &= \mathbf{P}^{\mathsf{T}} (\mathbf{x}^{\mathsf{T}} "
        r"d\mathbf{z}) = \mathbf{P}^{\mathsf{T}} d\mathbf{W} \\ \mathbf{P}^{\mathsf{T}}\mathbf{W} - \eta\, "
        r"\mathbf{P}^{\mathsf{T}} d\mathbf{W} &= \mathbf{P}^{\mathsf{T}} (\mathbf{W} - \eta\, d\mathbf{W}) "
        r"\end{aligned}",
    )
    says(
        r"In symbols the permutation is a matrix $\mathbf{P}$ of zeros and ones. From the right it moves columns: "
        r"$\mathbf{x}\mathbf{P}$ is what a program writes as `x[:, order]`. For three values and the order 2, 0, "
        r"1:",
        r"Its transpose moves rows from the left in "
        r"the same way, so $\mathbf{P}^{\mathsf{T}}\mathbf{W}$ is `W[order]`.",
        r"One after the other they change nothing: $\mathbf{P}\mathbf{P}^{\mathsf{T}} = \mathbf{I}$, the matrix with "
        r"ones on its diagonal.",
        "(The second line uses that a transposed product is the product of the transposes in reverse order.)",
        "Look for the distance between two pixels in these lines. It is not there. The permutation cancels, "
        "whichever it "
        "is, so a distance between indices cannot have an effect.",
        "The layer treats all its inputs alike.",
    )


def test_the_gradient_of_the_second_line_is_what_the_loss_answers():
    rng = np.random.default_rng(23)
    x, W, y, h = rng.normal(size=(6, 5)), rng.normal(size=(5, 3)), rng.integers(0, 3, 6), 1e-6

    def loss(W):
        z = x @ W
        return float(np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(6), y]))

    dz = cross_entropy(x @ W, y)[1]
    for d, m in np.ndindex(5, 3):
        step = np.zeros((5, 3))
        step[d, m] = h
        assert (x.T @ dz)[d, m] == pytest.approx((loss(W + step) - loss(W - step)) / (2 * h), abs=1e-8)
    assert loss(W - 0.1 * x.T @ dz) < loss(W)
    says(
        r"Each paragraph above is then one line, where $d\mathbf{v}$ is the gradient with respect to $\mathbf{v}$ "
        r"and "
        r"$\eta$ the learning rate.",
    )


def test_whole_numbers_agree_exactly():
    assert post.same.all()
    x, V = post.pixels[3].tolist(), post.V.tolist()
    by_hand = [sum(x[d] * V[d][m] for d in range(64)) for m in range(10)]
    twin = [sum(x[p] * V[p][m] for p in post.order) for m in range(10)]
    assert by_hand == twin == (post.pixels[3] @ post.V).tolist()
    assert set(np.unique(post.pixels % 1)) == {0} == set(np.unique(post.V % 1))
    says("The first line is easy to check with whole numbers, where no rounding can blur it:")


def test_a_sum_of_floats_depends_on_the_order_of_its_terms_and_an_exact_one_does_not():
    rng = np.random.default_rng(24)
    for _ in range(20):
        terms = rng.normal(size=64).tolist()
        other = [terms[p] for p in rng.permutation(64)]
        assert math.fsum(terms) == math.fsum(other) == float(sum(map(Fraction, terms)))
    orders = [[terms[p] for p in rng.permutation(64)] for _ in range(50)]
    sums = {sum(order) for order in orders}
    assert len(sums) > 1
    assert max(sums) - min(sums) < 1e-13 * sum(map(abs, terms))  # in the last bits
    says(
        "Training uses all three lines, and there rounding does come in: a sum of floats depends on the order of its "
        "terms, in the last bits. `math.fsum` rounds only once, at the end, so its order does not count. With it our "
        "twins must agree exactly, if the proof is right:",
    )


@claim("S0-14", "conditions")
@claim("S0-15", "imprecise")
@claim("S0-16", "imprecise")
@claim("S0-17", "wrong")
@claim(
    "S0-19",
    "confirmed",
    "A corner pixel and a centre pixel are equally unrelated until learned.",
)
@claim(
    "S0-28",
    "imprecise",
    "MLPs have no inductive bias.",
)
@claim(
    "S1-23",
    "confirmed",
    "Pixels (1, 1) and (1, 2) are just feature 1 and feature 2.",
)
@claim(
    "S1-44",
    "conditions",
    "MLPs are mathematically blind to spatial structure.",
)
@claim(
    "S1-47",
    "conditions",
    "“Spatially invariant” is a fancy way of saying blind to geometry.",
)
@claim("S2-10", "imprecise")
@claim(
    "S2-11",
    "confirmed",
    "The weight matrix treats all dimensions symmetrically.",
)
@claim(
    "S3-06",
    "wrong",
    "This separation makes local correlations extremely hard to learn.",
)
@claim(
    "S4-64",
    "confirmed",
    "An MLP has no spatial structure.",
)
def test_training_on_shuffled_pixels_is_the_same_to_the_last_bit():
    assert post.losses == post.losses_twin
    assert np.array_equal(post.end[0][post.order], post.end_twin[0])
    assert all(np.array_equal(a, b) for a, b in zip(post.end[1:], post.end_twin[1:], strict=True))
    assert "the same parameters: True" in (OUT / "flattening.bits.txt").read_text()
    assert (post.n_steps, post.n_some) == (60, 40) == (len(post.losses), len(post.x))
    assert (post.x == digits()[0][:40].reshape(40, 64) / 16).all()
    assert post.losses[-1] < 0.1 * post.losses[0]  # it did learn
    says(
        "Flattening: lossless, but blind",
        "A proof that the order of the pixels is nothing to an MLP, checked to the last bit,",
        "Now we train two networks, one in order and its twin:",
        f"After {len(post.losses)} steps on {len(post.x)} digits, every loss, every weight and every bias is the "
        f"same to the last bit.",
        "To such a network, two neighbouring pixels are merely feature 1 and feature 2.",
        "A corner and the centre are as unrelated as two neighbours, and there is no spatial structure in the model.",
        "The proper name for that is symmetric under permutations of its inputs: exchange the inputs, and the same "
        "networks are to be had, with their rows exchanged.",
        "It is not flattening that causes it. It is the dense layer behind, which would be just as blind if the "
        "image "
        "came in any other order.",
        "That no pair of inputs is special is a prior as well, and a true one for a table whose columns may stand "
        "in any order.",
        "A pair of neighbours is to it a pair like any other, and that is all that we have proved.",
        "The order of the pixels means nothing to an MLP before training, because nothing in a dense layer could "
        "act on it. With weights that match, every loss is the same to the last bit, and with random ones the same "
        "on average.",
    )
    holds("S0-14", "and in any order: the order has no effect on training.")
    holds("S0-15", "it is the dense layer behind it that makes no use of the neighbourhood.")
    holds("S0-16", "Locality is no longer *used*.")
    holds("S0-17", "and distance has no effect on a dense layer.")
    holds("S0-19", "Exactly: the model")
    holds("S0-28", "Being symmetric in the inputs is a bias as well.")
    holds("S1-23", "Pixels (1, 1) and (1, 2) are just feature 1 and feature 2.")
    holds("S1-44", "Before training.")
    holds(
        "S1-47",
        "Blind to geometry is the right idea; the term is symmetric under permutations of the inputs.",
    )
    holds("S2-10", "none of this affects a dense layer.")
    holds("S2-11", "The weight matrix treats all dimensions symmetrically.")
    holds("S3-06", "Distance in the vector has no effect;")
    holds("S4-64", "Precisely: it is symmetric under relabelling of the pixels.")


def test_another_order_and_other_weights_agree_to_the_last_bit_too():
    rng = np.random.default_rng(11)
    order = rng.permutation(64)
    x, y = post.pixels[100:115] / 16, post.labels[100:115]
    W1, b1, W2, b2 = rng.normal(0, 0.3, (64, 5)), np.zeros(5), rng.normal(0, 0.3, (5, 10)), np.zeros(10)
    losses, end = post.steps(x, y, W1, b1, W2, b2, 15)
    losses_twin, end_twin = post.steps(x[:, order], y, W1[order], b1, W2, b2, 15)
    assert losses == losses_twin
    assert all(np.array_equal(a, b) for a, b in zip([end[0][order], *end[1:]], end_twin, strict=True))


def test_without_reordered_weights_the_twins_part():
    x, y = post.x, post.y
    losses, _ = post.steps(x[:, post.order], y, post.W1, post.b1, post.W2, post.b2, 3)
    assert losses != post.losses[:3]


def test_exact_sums_round_once():
    rng = np.random.default_rng(12)
    x, W = rng.normal(size=(2, 9)), rng.normal(size=(9, 3))
    exact = [[float(sum(Fraction(a * b) for a, b in zip(r, w, strict=True))) for w in W.T] for r in x]
    assert post.product(x, W).tolist() == exact


def test_the_steps_of_the_post_are_those_of_the_package():
    rng = np.random.default_rng(13)
    net = mlp([64, 8, 10], rng=rng, dtype="float64")
    first, last = net.layers[0], net.layers[2]
    start = [a.copy() for layer in (first, last) for a in (layer.params["W"], layer.params["b"])]
    losses, end = post.steps(post.x, post.y, *start, 2, lr=0.5)
    for expected in losses:
        loss, dlogits = cross_entropy(net.forward(post.x, training=True), post.y)
        net.backward(dlogits)
        net.parameters()[:] -= 0.5 * net.gradients()
        assert loss == pytest.approx(expected, abs=1e-12)
    held = [a for layer in (first, last) for a in (layer.params["W"], layer.params["b"])]
    for a, b in zip(end, held, strict=True):
        assert a == pytest.approx(b, abs=1e-12)
    x, y = post.x[:7], post.y[:7]
    h = np.maximum(0, x @ start[0] + start[1])
    _, dz2 = cross_entropy(h @ start[2] + start[3], y)
    dWs, dbs = backpropagation.backward(dz2, [x, h], [start[0], start[2]])
    _, moved = post.steps(x, y, *start, 1, lr=0.5)
    for a, v, dv in zip(moved, start, (dWs[0], dbs[0], dWs[1], dbs[1]), strict=True):
        assert a == pytest.approx(v - 0.5 * dv, abs=1e-12)
    assert " @ " not in inspect.getsource(post.steps).replace("(N, D) @ (D, M)", "")
    assert inspect.getsource(post.steps).count("sum(axis=0)") == 2  # of the biases, over the examples
    says(
        "The steps are those of part 5, with this product in place of `@`. (The biases may use a plain sum over "
        "the examples, since both twins have the examples in the same order.)",
    )


@claim(
    "S3-02",
    "confirmed",
    "Images are flattened row by row or column by column.",
)
@claim("S3-06", "wrong")
def test_the_package_learns_the_same_from_any_order():
    assert post.gap < 1e-9
    assert post.n_agree == post.n_test == 500
    W, W_twin = (n.layers[0].params["W"] for n in (post.net, post.twin))
    assert W_twin == pytest.approx(W[post.order], abs=1e-9)
    assert W.dtype == np.float64
    by_column = np.arange(64).reshape(8, 8).T.ravel()
    columns, _ = post.train(post.data, by_column, SGD(0.05, momentum=0.9))
    assert columns.layers[0].params["W"] == pytest.approx(W[by_column], abs=1e-9)
    says(
        "The package adds up in whatever order is fastest, so there the twins may differ by rounding, and by nothing "
        "else. We let it train in float64, where rounding is small.",
    )
    holds("S3-02", "Any order gives the same learner.")
    holds("S3-06", "Distance in the vector has no effect;")


def test_the_optimizer_makes_the_same_steps_and_its_memory_moves_along_with_the_row():
    rng = np.random.default_rng(14)
    order, (theta, g1, g2) = rng.permutation(9), rng.normal(size=(3, 9))
    plain, memory, twin = SGD(0.5), SGD(0.5, momentum=0.9), SGD(0.5, momentum=0.9)
    a, b, c = theta.copy(), theta.copy(), theta[order].copy()
    for g in (g1, g2):
        plain.step(a, g)
        memory.step(b, g)
        twin.step(c, g[order])
    assert a == pytest.approx(theta - 0.5 * g1 - 0.5 * g2)
    assert b == pytest.approx(theta - 0.5 * g1 - 0.5 * (0.9 * g1 + g2))  # its own last steps
    assert (twin.velocity == memory.velocity[order]).all()
    assert (c == b[order]).all()
    assert post.setting["batch_size"] == 32 < len(post.data.x_train)
    says(
        "Its optimizer `SGD` makes the same steps, on one small batch after another, and momentum lets each weight "
        "remember its own last steps. That memory moves along with the row, so it changes nothing for the twins:",
    )


@claim("S0-19", "confirmed")
def test_first_weights_are_drawn_alike_for_every_pixel_and_independently():
    draws = np.array([
        mlp([64, 6, 10], rng=np.random.default_rng(seed)).layers[0].params["W"] for seed in range(800)
    ])  # fmt: skip
    sizes = draws.std(axis=(0, 2))
    assert sizes == pytest.approx(sizes.mean(), rel=0.06)
    assert abs(draws.mean(axis=(0, 2))).max() < 0.1 * sizes.mean()
    together = np.corrcoef(draws.transpose(0, 2, 1).reshape(-1, 64).T) - np.eye(64)
    assert abs(together).max() < 0.08
    near = [together[8 * i + j, 8 * i + j + 1] for i in range(8) for j in range(7)]
    assert abs(np.mean(near)) < 0.01  # neighbours as little as a corner and the centre
    n = post.n_digits_784
    assert 10 ** (n - 1) <= math.factorial(28 * 28) < 10**n
    says(
        "But nothing tells the network so beforehand.",
        "But initial weights are drawn at random, each independently from the same distribution. Then every "
        "arrangement of "
        "them is as likely as every other, so the twin's start is as good a start as any. Before training, all "
        "orders of "
        "the pixels are the same problem to an MLP.",
        f"For 28 by 28 pixels, the number of these orders has {len(str(math.factorial(784))):,} digits.",
    )
    holds("S0-19", "and independent initial weights are symmetric under every relabelling of the pixels.")


# ---- neighbours are alike -----------------------------------------------------------------------------------------


def test_correlation_is_one_together_zero_without_help_and_negative_against():
    rng = np.random.default_rng(31)
    a = rng.normal(size=2000)
    assert neighbours.correlation(a, 3 * a + 5) == pytest.approx(1)
    assert neighbours.correlation(a, -2 * a + 1) == pytest.approx(-1)
    b = 0.5 * a + rng.normal(size=2000)
    r = neighbours.correlation(a, b)
    assert r == pytest.approx(np.corrcoef(a, b)[0, 1])
    assert r > 0.3
    assert neighbours.correlation(a, -b) == pytest.approx(-r)
    line = np.polyfit(a, b, 1)
    assert np.mean((b - np.polyval(line, a)) ** 2) == pytest.approx(
        (1 - r**2) * b.var()
    )  # the best straight line
    bent = np.array([-1.0, 0.0, 1.0]), np.array([1.0, 0.0, 1.0])
    assert neighbours.correlation(*bent) == 0  # although one fixes the other
    images = rng.normal(size=(3, 5, 6))
    for d in (1, 2):
        across = [(x[i, j], x[i, j + d]) for x in images for i in range(5) for j in range(6 - d)]
        down = [(x[i, j], x[i + d, j]) for x in images for i in range(5 - d) for j in range(6)]
        found = neighbours.against_distance(images, [d])
        for way, pairs in (("across", across), ("down", down)):
            assert found[way][0] == pytest.approx(np.corrcoef(np.array(pairs).T)[0, 1])
    says(
        "Take all pairs of pixels at a given distance, over all places of an image or of many, and ask how well one "
        "value predicts the other. The measure is their correlation.",
        "It is 1 when two values rise and fall together, and 0 when knowing one does not help a straight-line guess "
        "at "
        "the other. Below 0, one tends to be high where the other is low.",
    )
    kinds = {name for name in NEAR["correlation"] if not name.endswith("_shuffled")}
    assert kinds == {"china", "flower", "cifar10", "mnist", "digits"}
    assert all(f"{name}_shuffled" in NEAR["correlation"] for name in kinds)
    says(
        "We ask it of two large photographs, of CIFAR-10 with its small colour photographs of ten kinds of things "
        "Krizhevsky 2009, of MNIST with its digits of 28 by 28 pixels LeCun et al. 1998, and of our own digits:",
    )


@claim(
    "S0-26",
    "confirmed",
    "Nearby pixels are correlated.",
)
@claim(
    "S2-09",
    "confirmed",
    "Neighbouring pixels are highly correlated, for example vertical ones.",
)
@claim(
    "S3-03",
    "confirmed",
    "Pixels close to each other are highly correlated.",
)
def test_neighbours_in_photographs_are_highly_correlated():
    at_128 = NEAR["distances"]["photographs"].index(128)
    measured = {}
    for name in ("china", "flower"):
        grey = load_sample_image(f"{name}.jpg").mean(axis=2)
        found = NEAR["correlation"][name]
        measured[name] = {"across": [], "down": []}
        for d, across, down in zip(
            NEAR["distances"]["photographs"], found["across"], found["down"], strict=True
        ):
            measured[name]["across"].append(np.corrcoef(grey[:, :-d].ravel(), grey[:, d:].ravel())[0, 1])
            measured[name]["down"].append(np.corrcoef(grey[:-d].ravel(), grey[d:].ravel())[0, 1])
            assert measured[name]["across"][-1] == pytest.approx(across, abs=0.005)
            assert measured[name]["down"][-1] == pytest.approx(down, abs=0.005)
        assert min(found["across"][0], found["down"][0]) > 0.9
        mixed = NEAR["correlation"][f"{name}_shuffled"]
        assert max(map(abs, mixed["across"] + mixed["down"])) < 0.02
    one, other = measured["china"], measured["flower"]
    says(
        f"In the two photographs, pixels side by side correlate at {one['across'][0]:.2f} and "
        f"{other['across'][0]:.2f}, "
        f"and pixels above each other also at {one['down'][0]:.2f} and {other['down'][0]:.2f}.",
        f"At a distance of {128} pixels across, it is {one['across'][at_128]:.2f} in one of them and "
        f"{other['across'][at_128]:.2f} in the other.",
        "Shuffle the pixels, and distance says nothing any more.",
        "Neighbours are alike,",
    )
    holds("S0-26", "0.95 and 0.98 across in two photographs,")
    holds("S2-09", "0.95 and 0.98 down in two photographs,")
    holds("S3-03", "Across, from 0.95 and 0.98 next to each other to 0.51 and 0.10 at 128 pixels.")


@claim("S0-26", "confirmed")
@claim("S2-09", "confirmed")
def test_the_correlations_of_the_digits_are_as_recorded_and_their_strokes_are_narrow():
    images = load_digits().images
    found = NEAR["correlation"]["digits"]
    across = [np.corrcoef(images[:, :, :-d].ravel(), images[:, :, d:].ravel())[0, 1] for d in (1, 2)]
    down = np.corrcoef(images[:, :-1].ravel(), images[:, 1:].ravel())[0, 1]
    assert across == pytest.approx(found["across"][:2])
    assert down == pytest.approx(found["down"][0])
    widths = [len(list(run)) for row in (images > 8).reshape(-1, 8) for ink, run in groupby(row) if ink]
    assert np.mean(widths) < 2.1
    wide = images.repeat(2, axis=2)  # the same strokes, twice as wide
    assert np.corrcoef(wide[:, :, :-2].ravel(), wide[:, :, 2:].ravel())[0, 1] > 0.3
    says(
        f"And in our tiny digits near is not always alike. Side by side the correlation is only {across[0]:.2f}, and "
        f"two "
        f"pixels apart it is {minus(across[1], '.2f')}, because strokes are narrow.",
        "In the tiny digits, whose strokes are narrow, the correlation is negative already at a distance of two "
        "across.",
    )
    holds("S0-26", "0.39 across and 0.69 down in the 8×8 digits.")
    holds("S2-09", "0.69 in the 8×8 digits.")


def test_correlation_falls_with_distance_and_a_shuffle_levels_it():
    for name in ("cifar10", "mnist"):
        for side in ("across", "down"):
            values = NEAR["correlation"][name][side]
            mixed = NEAR["correlation"][f"{name}_shuffled"][side]
            assert values == sorted(values, reverse=True)
            assert values[0] > 0.8
            assert max(mixed) - min(mixed) < 0.06
            assert max(mixed) < values[0] / 2
    for name in ("china", "flower", "digits"):
        for values in NEAR["correlation"][name].values():
            assert all(b < a + 0.0001 for a, b in pairwise(values))
            assert values[-1] < values[0] - 0.25
    first = {
        name: NEAR["correlation"][name]["across"][0]
        for name in ("china", "flower", "cifar10", "mnist", "digits")
    }
    assert f"{min(first['china'], first['flower']):.2f}" == "0.95"
    says(
        f"Correlation of two pixels against their distance, across and down. For neighbours across: photographs "
        f"{min(first['china'], first['flower']):.2f} and more, CIFAR-10 {first['cifar10']:.2f}, MNIST "
        f"{first['mnist']:.2f}, digits {first['digits']:.2f}. It falls with distance.",
        "Near means alike.",
    )


def test_the_lines_of_the_correlations_are_drawn_as_the_caption_says():
    ends = []
    for axes, kind in zip(drawn_near.draw_correlation(NEAR, COLOURS).axes, NEAR["distances"], strict=True):
        seen = set()
        ends.append(axes.lines[1].get_xdata()[-1])
        for line in axes.lines[1:]:
            name = next(
                (image, way)
                for image, both in NEAR["correlation"].items()
                for way, values in both.items()
                if list(line.get_ydata()) == values
            )
            dash, gap = ([*(line._dash_pattern[1] or (1, 0)), 0])[:2]  # in units of the width of the line
            style = "solid" if not gap else "dotted" if dash < gap else "dashed"
            shuffled = name[0].endswith("_shuffled")
            assert style == ("dotted" if shuffled else {"across": "solid", "down": "dashed"}[name[1]])
            assert line.get_marker() == {"across": ">", "down": "v"}[name[1]]
            seen.add((shuffled, name[1]))
        assert len(seen) == 4
        assert kind in ("photographs", "cifar10", "mnist", "digits")
    assert ends == [128, 16, 16, 4]
    says(
        "Solid, with triangles to the right: two pixels side by side. Dashed, with triangles down: two above each "
        "other.",
        "Dotted: the same images shuffled, where the distance tells nothing. Mind that the distances end at "
        "different "
        "places.",
    )


def test_shuffled_small_photographs_keep_a_level_that_their_brightness_makes():
    mixed = NEAR["correlation"]["cifar10_shuffled"]
    level = np.mean(mixed["across"] + mixed["down"])
    assert max(abs(v - level) for v in mixed["across"] + mixed["down"]) < 0.01
    says(
        f"In the small photographs of CIFAR-10 a level of about {level:.2f} remains at every distance even when they "
        f"are "
        f"shuffled: some images are brighter than others, and that all their pixels share."
    )


def test_without_the_brightness_of_each_image_the_level_is_gone():
    if not find("cifar-10/test_batch.bin"):
        pytest.skip("$SCRATCHMLP_DATA holds no CIFAR-10")
    images = cifar10_jpeg75().x_test.mean(axis=1)
    brightness = images.mean(axis=(1, 2))
    mixed = images.reshape(-1, 1024)[:, np.random.default_rng(0).permutation(1024)].reshape(images.shape)
    level = neighbours.against_distance(mixed, [4])["across"][0]
    assert level == pytest.approx(NEAR["correlation"]["cifar10_shuffled"]["across"][2], abs=0.001)
    assert level == pytest.approx(brightness.var() / images.var(), abs=0.02)
    assert abs(neighbours.against_distance(mixed - brightness[:, None, None], [4])["across"][0]) < 0.02
    says("some images are brighter than others, and that all their pixels share.")


# ---- a layer that knows -------------------------------------------------------------------------------------------


def dense_of(conv, side=8):
    """The matrix of a convolution with one input and one output: what each pixel adds to each place."""
    W = np.zeros((side**2, side**2))
    for k in range(side**2):
        one = np.zeros(side**2)
        one[k] = 1
        W[k] = (
            conv.forward(one.reshape(1, 1, side, side)) - conv.forward(np.zeros((1, 1, side, side)))
        ).ravel()
    return W


def kernel_layer(seed):
    """A convolution in float64, one colour, one output, windows of 3 by 3."""
    return Conv2D(1, 1, 3, padding=1, rng=np.random.default_rng(seed), dtype="float64")


def test_two_demands_leave_the_weights_that_loops_count():
    near = [
        (a, b, i, j)
        for a in range(28) for b in range(28) for i in range(a - 1, a + 2) for j in range(b - 1, b + 2)
        if 0 <= i < 28 and 0 <= j < 28
    ]  # fmt: skip
    assert post.weights_dense == (28 * 28) ** 2 == 614_656
    assert post.weights_near == len(near) == 6724
    assert post.weights_same == len({(i - a, j - b) for a, b, i, j in near}) == 9
    along = [len({j for a, b, i, j in near if a == i == 0 and b == place}) for place in range(28)]
    assert (along.count(3), along.count(2), sum(along)) == (26, 2, 3 * 28 - 2)
    assert sum(along) ** 2 == len(near)
    windows = {}
    for a, b, *_ in near:
        windows[a, b] = windows.get((a, b), 0) + 1
    assert {n for (a, b), n in windows.items() if 0 < a < 27 and 0 < b < 27} == {9}
    assert max(n for (a, b), n in windows.items() if {a, b} & {0, 27}) == 6  # at the border
    says(
        "Begin with a dense layer of as many units as the image has pixels, and lay its outputs out as an image too, "
        "one "
        "for each place.",
        "Only near. Neighbours are alike as a rule, so where they are not, there is something to see: an edge, or "
        "a bit of a stroke. It shows in the pixels around it, and a distant pixel says little about it. So let "
        "each output look only at a window of pixels around its own place, say 3 by 3. (At the border of the image "
        "a window is smaller. Along one side, 26 of 28 places see 3 pixels and the two at the ends see 2. Together "
        "that is $3 \\cdot 28 - 2$. Downwards it is as many, and as every choice across goes with every choice "
        "downwards, the image has the square of this number.) All its other weights "
        "are "
        "gone.",
        f"What is left of {(28 * 28) ** 2:,} weights is {len({(i - a, j - b) for a, b, i, j in near})}.",
    )


def test_a_convolution_is_a_dense_layer_with_weights_struck_out_and_made_equal():
    conv, rng = kernel_layer(41), np.random.default_rng(42)
    W, kernel = dense_of(conv), conv.params["W"][0, 0]
    for (a, b), (i, j) in product(np.ndindex(8, 8), np.ndindex(8, 8)):  # output and pixel
        inside = abs(i - a) <= 1 and abs(j - b) <= 1
        assert W[8 * i + j, 8 * a + b] == pytest.approx(
            kernel[i - a + 1, j - b + 1] if inside else 0, abs=1e-12
        )
    x = rng.normal(size=(5, 64))
    assert conv.forward(x.reshape(5, 1, 8, 8)).reshape(5, 64) == pytest.approx(x @ W + conv.params["b"][0])
    assert kernel.size == 9
    assert Conv2D(1, 4, 3, padding=1, rng=rng).params["W"].reshape(4, -1).shape == (
        4,
        9,
    )  # several sets of nine
    says(
        "The same everywhere. If a border between dark and light means the same wherever it appears, let every "
        "output "
        "use the same nine weights.",
        "Such a layer is called a convolution, and a network that begins with some of them is a convolutional "
        "network, "
        "or CNN. We came to it by nothing but striking out weights, and making those equal that stand at the same "
        "place "
        "of their windows.",
        "(A real layer has several such sets of nine, one for each thing to look for.) Part 15 will build it and "
        "prove "
        "that this is all there is to it.",
    )
    border = np.zeros((1, 1, 8, 8))
    border[..., 4:] = 1
    answers = conv.forward(border)[0, 0]
    assert answers[1:7, 2:6] == pytest.approx(np.tile(answers[1, 2:6], (6, 1)))  # wherever it appears


def test_the_words_at_the_three_layers_are_those_of_their_lines():
    held = {name: [*drawn.connections(near, alike)] for name, (_, near, alike) in drawn.LAYERS.items()}
    every, near, same = held.values()
    assert len(every) == len({(i, j) for i, j, _ in every}) == 7 * 5
    for lines in (near, same):
        for j in range(5):
            looked_at = sorted(i for i, to, _ in lines if to == j)
            assert looked_at == list(range(looked_at[0], looked_at[0] + 3))
    weights = [len({w for *_, w in lines}) for lines in held.values()]
    assert weights == [35, 15, 3]
    assert {tuple(w for _, to, w in same if to == j) for j in range(5)} == {
        (same[0][2], same[1][2], same[2][2])
    }
    assert len(every) - len(near) > len(every) / 2  # most lines go
    panels = drawn.draw_thinned({}, COLOURS).axes
    for axes, n in zip(panels, weights, strict=True):
        *lines, inputs, outputs = axes.lines
        assert min(inputs.get_ydata()) > max(outputs.get_ydata())
        assert (len(inputs.get_xdata()), len(outputs.get_xdata())) == (7, 5)
        (count,) = [t for t in axes.texts if t.get_text().endswith(f"{n} weights")]
        assert count.get_position()[1] < min(outputs.get_ydata())  # below the layer
    letters = [t.get_text() for t in panels[2].texts if len(t.get_text()) == 1]
    assert [*dict.fromkeys(sorted(letters))] == ["a", "b", "c"]
    assert all(letters.count(one) == 5 for one in "abc")
    says(
        "Three layers, each from seven inputs to five outputs. In the first, lines join every input to every output. "
        "In "
        "the second, each output has lines to three neighbouring inputs only. In the third these lines carry a, b "
        "and c "
        "at every output.",
        "Above seven inputs, below the five outputs whose windows are whole; a letter names the weight on a line. "
        "Two demands follow one another. An output "
        "may "
        "look at three neighbours only: most lines go. And it must look at them in the same way everywhere: the same "
        "three weights return at each place. Below each layer stands the number of its different weights.",
    )


@claim("S0-28", "imprecise")
def test_a_prior_is_in_the_network_before_any_data():
    order = np.random.default_rng(43).permutation(64)
    for seed in range(5):
        W = dense_of(kernel_layer(seed))  # fresh: it has seen no data
        apart = np.abs(np.subtract.outer(np.arange(64) // 8, np.arange(64) // 8)) + np.abs(
            np.subtract.outer(np.arange(64) % 8, np.arange(64) % 8)
        )
        assert abs(W[apart > 2]).max() < 1e-12 < abs(W[apart == 1]).min()
        assert abs(W[order][apart > 2]).max() > 0.01  # another order of the pixels makes another layer
        fresh = mlp([64, 64], rng=np.random.default_rng(seed), dtype="float64").layers[0].params["W"]
        assert abs(fresh[apart > 2]).mean() == pytest.approx(abs(fresh[apart == 1]).mean(), rel=0.1)
    says(
        "Both demands are knowledge that is put into the network before it has seen any data. Such knowledge is "
        "called a "
        "prior. To say that an MLP has none would be wrong, though. What it lacks is a spatial prior.",
        "a convolution knows that beforehand,",
    )
    holds("S0-28", "No *spatial* one.")


def test_what_does_the_same_everywhere_cannot_tell_above_from_below_and_only_near_misses_what_is_far():
    conv, rng = kernel_layer(44), np.random.default_rng(45)
    patch = rng.normal(size=(2, 2))
    upper, lower = np.zeros((2, 1, 1, 12, 8))
    upper[0, 0, 2:4, 3:5] = patch
    lower[0, 0, 8:10, 3:5] = patch
    a, b = conv.forward(upper)[0, 0], conv.forward(lower)[0, 0]
    assert a[1:5] == pytest.approx(b[7:11], abs=1e-12)
    assert abs(a[1:5] - conv.params["b"][0]).max() > 0.1
    x = rng.normal(size=(1, 1, 8, 8))
    far = x.copy()
    far[..., 7] += 1
    assert conv.forward(far)[..., 0] == pytest.approx(
        conv.forward(x)[..., 0], abs=1e-12
    )  # unseen in column 0
    says(
        "Nothing forces the world to meet them. In a passport photograph the eyes are always in the upper half, "
        "and a layer that does the same everywhere looks for them in the lower half, too.",
        "In a table drawn as an image, neighbouring columns may have nothing to do with each other, so “only near” "
        "looks "
        "at the wrong places.",
    )


@pytest.mark.parametrize("true", [True, False])
def test_looking_only_near_helps_where_it_is_true_and_harms_where_it_is_false(true):
    rng = np.random.default_rng(46)
    near = [8 * i + j for i in (2, 3, 4) for j in (2, 3, 4)]
    weights = np.zeros(64)
    weights[near if true else [0, 7, 56, 63]] = 1
    x, new = rng.normal(size=(40, 64)), rng.normal(size=(500, 64))
    y, y_new = x @ weights, new @ weights
    all_pixels = np.linalg.lstsq(x, y, rcond=None)[0]
    window = np.zeros(64)
    window[near] = np.linalg.lstsq(x[:, near], y, rcond=None)[0]
    wrong_all, wrong_near = (np.mean((new @ v - y_new) ** 2) / y_new.var() for v in (all_pixels, window))
    assert wrong_near < 1e-9 < 0.1 < wrong_all if true else 0.1 < wrong_all < 0.9 < wrong_near
    says("So a prior should help where it is true, and may harm where it is false.")


# ---- what the prior buys ------------------------------------------------------------------------------------------


CONTENDERS = {
    "linear": "linear model",
    "mlp": "MLP, parameters as the CNN",
    "wide": "MLP, in between",
    "arithmetic": "MLP, multiplications as the CNN",
    "cnn": "CNN",
}


def accuracies(dataset, model):
    """The recorded accuracies of one contender in place and shuffled, seed by seed."""
    return [np.array(PIXELS[dataset][model][side]["values"]) for side in ("plain", "shuffled")]


def mean_and_error(values, form=".1f"):
    """The mean of paired differences and its standard error."""
    return minus(np.mean(values), form), f"{np.std(values, ddof=1) / len(values) ** 0.5:{form.strip('+')}}"


@pytest.mark.parametrize("dataset", ["mnist", "cifar10"])
def test_the_table_of_contenders_shows_what_was_recorded(dataset):
    title = {"mnist": "MNIST", "cifar10": "CIFAR-10"}[dataset]
    says(
        f"| {title} | in place | shuffled | change in points | hidden units | parameters | multiplications |"
    )
    for model, label in CONTENDERS.items():
        found = PIXELS[dataset][model]
        plain, shuffled = accuracies(dataset, model)
        points, error = mean_and_error(100 * (shuffled - plain), "+.1f")
        says(
            f"| {label} | {plain.mean():.1%} ± {plain.std(ddof=1):.1%} | {shuffled.mean():.1%} ± "
            f"{shuffled.std(ddof=1):.1%} | {points} ± {error} | {found['units']:,} | {found['parameters']:,} | "
            f"{found['macs']:,} |"
        )


@pytest.mark.parametrize(("dataset", "C", "side"), [("mnist", 1, 28), ("cifar10", 3, 32)])
@claim("S1-02", "definition", "“Unlike the CNN we are currently training.”")
def test_the_contenders_have_the_counts_of_the_table(dataset, C, side):
    """Layer by layer: a kernel's weights at each of its places, a dense layer's once."""
    D, half, quarter = C * side**2, side // 2, side // 4
    cnn = {
        "units": 16 * side**2 + 32 * half**2,
        "parameters": 16 * (9 * C + 1) + 32 * (9 * 16 + 1) + 10 * (32 * quarter**2 + 1),
        "macs": side**2 * 16 * 9 * C + half**2 * 32 * 9 * 16 + 10 * 32 * quarter**2,
    }
    assert {key: PIXELS[dataset]["cnn"][key] for key in cnn} == cnn
    for model in ("mlp", "wide", "arithmetic"):
        M, found = PIXELS["hidden"][model][dataset], PIXELS[dataset][model]
        assert found["units"] == M
        assert found["parameters"] == (D + 1) * M + (M + 1) * 10
        assert found["macs"] == (D + 10) * M
    assert PIXELS[dataset]["mlp"]["parameters"] == pytest.approx(cnn["parameters"], rel=0.05)
    assert PIXELS[dataset]["arithmetic"]["macs"] == pytest.approx(cnn["macs"], rel=0.001)
    assert (PIXELS[dataset]["linear"]["units"], PIXELS[dataset]["linear"]["macs"]) == (0, 10 * D)
    if dataset == "mnist":
        assert cnn["parameters"] == 20_490
        holds("S1-02", "It is not in the source. The CNN of this site has 20,490 parameters for MNIST.")
    if dataset == "cifar10":
        few, many, between = (PIXELS["hidden"][model][dataset] for model in ("mlp", "arithmetic", "wide"))
        says(
            f"Who would be a fair opponent? An MLP can have as many parameters. But a convolution uses each of its "
            f"weights many times, so as many parameters buy an MLP only {few} hidden units on CIFAR-10. We call "
            f"that the narrow MLP. Or it can make as many multiplications for an image, and then it has {many}. We "
            f"take both, a third MLP with {between} units, "
            f"and "
            f"a linear model without any hidden unit.",
        )


def test_all_contenders_were_trained_alike():
    source = inspect.getsource(pixel_rates)
    assert "validation" in source
    assert "pixels in place" in results.read("pixel_rates")["conditions"]
    assert "RATES" in inspect.getsource(pixel_rates.tried)
    assert "train(data, dataset, model, rate, None, seed)" in inspect.getsource(
        pixel_rates.tried
    )  # None: no order
    assert shuffled_pixels.EPOCHS == PIXELS["epochs"] == 4
    assert len(pixel_rates.RATES) == 5
    net = shuffled_pixels.build("cifar10", "cnn", np.random.default_rng(0))
    names = [type(layer).__name__ for layer in net.layers]
    assert names == ["Conv2D", "ReLU", "MaxPool2D"] * 2 + ["Flatten", "Dense"]
    pooled = net.layers[2].forward(np.arange(16.0).reshape(1, 1, 4, 4))
    assert pooled.tolist() == [[[[5, 7], [13, 15]]]]
    first, second = (layer.params["W"].shape for layer in net.layers if type(layer).__name__ == "Conv2D")
    assert (first, second) == ((16, 3, 3, 3), (32, 16, 3, 3))  # sets, images (or colours), 3 by 3
    says(
        "The CNN has two convolutions with windows of 3 by 3, for 16 and then 32 things to look for. (Each thing "
        "that the first looks for gives a whole image of outputs. A set of the second has nine weights for each of "
        "these 16 images, as one of the first has nine for each colour.) A ReLU and max pooling follow each; "
        "the latter keeps the largest value of each square of 2 by 2. A dense layer stands at the end.",
        f"All of them see the same images in {PIXELS['epochs']} epochs, which are passes through all of them. Each "
        f"has its own learning rate, the best of five in a trial beforehand, with training images alone and their "
        f"pixels in place. (So it was not chosen for the shuffled ones, where another might do better.) Initial "
        f"weights, row by row, and batches are the same with and without the shuffle, so each pair of runs can be "
        f"compared.",
    )


def test_an_mlp_does_not_seem_to_mind_the_shuffle():
    plain, shuffled = accuracies("mnist", "wide")
    assert abs((shuffled - plain).mean()) < plain.std(ddof=1)
    says(
        f"So here is the riddle of this part: take the images of MNIST, a large collection of handwritten digits, "
        f"shuffle their pixels, all images in the same way, and train an MLP on them. It gets "
        f"{shuffled.mean():.1%} ± {shuffled.std(ddof=1):.1%} of new ones right. With the "
        f"pixels "
        f"in order it gets {plain.mean():.1%} ± {plain.std(ddof=1):.1%} (mean and standard deviation over "
        f"{len(plain)} "
        f"runs). It does not seem to mind.",
    )
    says.only(
        "We shall prove that it cannot mind, and then measure on real photographs what another network loses, one "
        "that counts on neighbours.",
        "One would expect this to hurt.",
        because="it announces what the part does",
    )


def test_one_shuffle_for_every_image_can_be_undone():
    images = np.random.default_rng(41).integers(0, 256, (3, 3, 32, 32), dtype=np.uint8)
    order = np.random.default_rng(42).permutation(32 * 32)
    moved = shuffled_pixels.arrange(images, order, flat=False)
    assert (shuffled_pixels.arrange(moved, np.argsort(order), flat=False) == images).all()
    conditions = results.read("shuffled_pixels")["conditions"]
    assert "one permutation of the positions for all images and channels" in conditions
    assert "JPEG-recompressed copy" in conditions
    assert "from 0 to 1 (MNIST) and from -1 to 1 (CIFAR-10" in conditions
    says(
        "Here is a way to measure what a network owes to neighbouring pixels. Take one fixed shuffle and apply it to "
        "every image. No information is lost, because the shuffle could be undone; only the neighbours are gone. "
        "What a "
        "network now loses has two parts: the help that is gone, and the harm of still expecting it.",
        "We do this to MNIST and to CIFAR-10. (Ours is a copy of CIFAR-10 whose pixels went through JPEG, so its "
        "figures "
        "are not those of the official files.)",
        f"What does this not show? A limit of either kind of network, for {PIXELS['epochs']} epochs are few and all "
        f"of "
        f"these networks are small. Nor does the shuffle separate the two demands, since it makes both of them "
        f"useless "
        f"at once. And one choice was made after looking: in trials that we did not record, the narrow MLP did not "
        f"learn "
        f"from CIFAR-10 values between 0 and 1, so there all models get values from −1 to 1.",
    )


def test_the_words_at_the_picture_of_the_contenders_are_those_of_the_record():
    text = (results.ROOT / "claims" / "literature.toml").read_text(encoding="utf-8")
    cited = {k: v["value"] for k, v in tomllib.loads(text)["greydanus2024"]["values"].items()}
    (a, b), (m, n) = accuracies("mnist", "cnn"), accuracies("mnist", "arithmetic")
    (c, d), (p, q) = accuracies("cifar10", "cnn"), accuracies("cifar10", "arithmetic")
    (r, s), (t, u) = accuracies("mnist", "linear"), accuracies("cifar10", "linear")
    for level in (m - n, p - q, r - s, t - u):
        assert abs(np.mean(level)) < 0.005
    assert min((a - b).mean(), (c - d).mean()) > 0.02
    assert list(drawn_pixels.LINES) == ["CNN", "MLP", "linear"]
    assert drawn_pixels.LINES["MLP"][0] == "arithmetic"
    says(
        f"Accuracy in place, then shuffled. MNIST: CNN {a.mean():.1%}, {b.mean():.1%}; MLP {m.mean():.1%}, "
        f"{n.mean():.1%}. CIFAR-10: CNN {c.mean():.1%}, {d.mean():.1%}; MLP {p.mean():.1%}, {q.mean():.1%}. "
        f"MNIST-1D: "
        f"CNN {cited['cnn']:.0%}, {cited['cnn_shuffled']:.0%}; MLP {cited['mlp']:.0%} twice.",
        "Each mark is one seed, the lines join the means; mind that the three scales differ. In our two panels the "
        "MLP "
        "needs as many multiplications for an image as the CNN, and linear is a model without a hidden layer. The "
        "third has published figures, of which more below. The "
        "lines "
        "of both are level, and the CNN's fall.",
    )
    lost = 100 * (c - d).mean()
    says(
        f"Others have found the same pattern in signals that they call MNIST-1D. For {cited['train']:,} "
        f"one-dimensional "
        f"signals of {cited['inputs']} values each, Greydanus and Kobak report a CNN that falls from "
        f"{cited['cnn']:.0%} "
        f"to {cited['cnn_shuffled']:.0%} when the values are shuffled, and an MLP that stays at {cited['mlp']:.0%} "
        f"Greydanus & Kobak 2024.",
        f"Neighbours are alike, a convolution knows that beforehand, and shuffling costs the CNN {lost:.1f} points "
        f"on "
        f"CIFAR-10. An MLP has nothing to lose.",
    )


def test_over_many_runs_the_shuffle_changes_nothing_for_an_mlp():
    points, error = mean_and_error(CONTROL["points"]["values"], ".2f")
    assert abs(np.mean(CONTROL["points"]["values"])) < 3 * float(error)
    for dataset in ("mnist", "cifar10"):
        for model in ("linear", "mlp", "wide", "arithmetic"):
            plain, shuffled = accuracies(dataset, model)
            assert abs((shuffled - plain).mean()) < 0.01
    says(
        f"The accuracies are on the test images, mean and standard deviation over {len(plain)} seeds. The change is "
        f"from one to the other, seed by seed, with its standard error. (All seeds share the same test images, so "
        f"they are less independent than they look.) (The hidden units of the CNN are the outputs of its "
        f"convolutions.)",
        "And the models without convolutions? Here nobody moved the rows of the shuffled "
        f"networks to match, so single runs differ a little. But all starts are equally likely, so over many runs "
        f"the mean must "
        f"come "
        f"out the same. Over {len(CONTROL['points']['values'])} seeds on our small digits the MLP changes by "
        f"{points} ± "
        f"{error} points.",
    )
    plain, shuffled = accuracies("cifar10", "linear")
    assert max(shuffled - plain) < 0
    changes = LINEAR["points"]["values"]
    assert not {*range(PIXELS["seeds"])} & {*results.read("shuffled_linear")["seeds"]}
    assert abs(np.mean(changes)) < 2 * standard_error(changes)
    assert min(changes) < np.mean(100 * (shuffled - plain)) < max(changes)
    more, its_error = mean_and_error(changes, "+.2f")
    says(
        f"The linear model on CIFAR-10 shows how far five seeds can stray: it lost a little with every one of them. "
        f"With {len(changes)} others its change is {more} ± {its_error} points. So we read the large differences "
        f"of these tables, and not the small ones.",
    )


@claim(
    "S1-50",
    "conditions",
    "The MLP struggles because it has to re-learn that adjacent pixels are related.",
)
def test_the_lead_of_the_cnn_over_as_much_arithmetic_turns_into_a_gap():
    lead = {}
    for dataset in ("mnist", "cifar10"):
        (a, b), (c, d) = accuracies(dataset, "cnn"), accuracies(dataset, "arithmetic")
        lead[dataset] = [100 * (a - c), 100 * (b - d)]
        assert min(lead[dataset][0]) > 0 > max(lead[dataset][1])
    (before, error), (after, other) = map(mean_and_error, lead["cifar10"])
    (digits_before, digits_error), (digits_after, digits_other) = map(mean_and_error, lead["mnist"])
    says(
        f"The CNN had something to lose. Take the MLP that makes as many multiplications. On the photographs the CNN "
        f"leads it by {before} ± {error} points with the pixels in place. When they are shuffled, its lead is "
        f"{after} ± "
        f"{other} points, so it is behind.",
        f"On MNIST the lead goes from {digits_before} ± {digits_error} to {digits_after} ± {digits_other}.",
        "Was the neighbourhood worth all that the CNN lost? That we cannot say. The loss has both parts, the help "
        "that the CNN had "
        "from its neighbours and the harm of expecting neighbours where there are none. The shuffle makes the prior "
        "false, "
        "and the shuffled CNN does not stop at the level of this MLP but falls below it. That looks like harm. It is "
        "no "
        "proof, since this MLP also has many more parameters, and the CNN's learning rate was chosen with the "
        "pixels in place.",
    )
    assert PIXELS["cifar10"]["arithmetic"]["parameters"] > 50 * PIXELS["cifar10"]["cnn"]["parameters"]
    assert (before, error) == ("14.2", "0.3")
    holds(
        "S1-50",
        "Part of the cause. On CIFAR-10 the CNN leads an MLP of as many multiplications by 14.2 ± 0.3 points "
        "(standard "
        "error), and shuffled it is behind.",
    )


@claim("S1-50", "conditions")
def test_the_lead_over_as_many_parameters_survives_the_shuffle():
    (_, digits_cnn), (_, digits_narrow) = accuracies("mnist", "cnn"), accuracies("mnist", "mlp")
    level = 100 * (digits_cnn - digits_narrow)
    assert abs(level.mean()) < standard_error(level)  # level
    (_, cnn), (_, narrow) = accuracies("cifar10", "cnn"), accuracies("cifar10", "mlp")
    assert min(cnn - narrow) > 0
    assert PIXELS["cifar10"]["cnn"]["units"] > 1000 * PIXELS["cifar10"]["mlp"]["units"]
    lead, error = mean_and_error(100 * (cnn - narrow))
    says(
        f"The narrow MLP tells the other half. Even shuffled, the CNN leads it by {lead} ± {error} points on the "
        f"photographs. That lead cannot come from neighbours, because there are none. (On MNIST, where the narrow "
        f"MLP has {PIXELS['hidden']['mlp']['mnist']} units, the two are level.) On photographs as many parameters "
        f"buy only a few units, so to compare by parameters alone says little.",
    )
    holds("S1-50", "The difference holds help and harm.")


def test_arranging_moves_all_channels_alike():
    images = np.arange(2 * 3 * 4 * 4, dtype=np.uint8).reshape(2, 3, 4, 4)
    order = np.random.default_rng(0).permutation(16)
    mixed = shuffled_pixels.arrange(images, order, flat=False)
    for n, c, k in np.ndindex(2, 3, 16):
        assert mixed[n, c, k // 4, k % 4] == images[n, c, order[k] // 4, order[k] % 4]
    assert (shuffled_pixels.arrange(images, order, flat=True) == mixed.reshape(2, -1)).all()


def test_the_copy_of_cifar10_is_named():
    assert "JPEG-recompressed" in results.read("shuffled_pixels")["conditions"]


def test_the_published_pattern_is_ours():
    text = (results.ROOT / "claims" / "literature.toml").read_text(encoding="utf-8")
    values = {k: v["value"] for k, v in tomllib.loads(text)["greydanus2024"]["values"].items()}
    assert values["mlp"] == values["mlp_shuffled"]
    assert values["cnn_shuffled"] < values["mlp"] < values["cnn"]


@claim("S2-08", "imprecise", "Flattening discards the spatial prior.")
@claim("S3-06", "wrong")
def test_on_the_digits_the_shuffle_costs_the_cnn_and_not_the_mlp():
    for n in ("n1297", "n200"):
        assert DIGITS[n]["cnn"]["points"]["mean"] < -0.5
        assert abs(DIGITS[n]["mlp"]["points"]["mean"]) < 1
        assert DIGITS[n]["cnn"]["points"]["mean"] < DIGITS[n]["mlp"]["points"]["mean"]
    points = CONTROL["points"]
    assert len(points["values"]) == 100
    assert abs(points["mean"]) < 3 * points["se"]
    assert points["se"] == pytest.approx(np.std(points["values"], ddof=1) / 10)
    says("What is missing is not information but a spatial prior.")
    holds(
        "S2-08",
        "There is none to discard in an MLP: shuffled pixels change it by −0.02 ± 0.05 points (standard error) on "
        "the 8×8 "
        "digits. It lacks one, in whatever order the image comes.",
    )
    holds("S3-06", "the missing prior does.")


def test_one_run_on_the_digits_comes_out_as_recorded():
    for model, within in (("mlp", 0.01), ("cnn", 0.015)):
        held = DIGITS["n200"][model]
        for side, shuffled in (("plain", False), ("shuffled", True)):
            now = shuffled_digits.train(model, 0, 200, shuffled)
            assert now == pytest.approx(held[side]["values"][0], abs=within)


# ---- blind before training ----------------------------------------------------------------------------------------


@claim(
    "S0-18",
    "conditions",
    "An MLP has no notion of edges, shapes, translation.",
)
@claim(
    "S2-12",
    "confirmed",
    "Nothing forces the network to see that two indices are adjacent places.",
)
def test_training_makes_adjacent_weights_alike_in_either_order():
    assert abs(post.alike_start) < 0.05
    assert 0.1 < post.alike_end < 0.3
    assert abs(post.alike_twin) < 0.05
    assert post.alike_back == pytest.approx(post.alike_end, abs=1e-6)
    for W, found in ((post.W_start, post.alike_start), (post.W_end, post.alike_end)):
        tiles = W.T.reshape(-1, 8, 8)
        pairs = [(t[i, j], t[i + di, j + dj]) for t in tiles for i in range(8) for j in range(8)
                 for di, dj in ((0, 1), (1, 0)) if i + di < 8 and j + dj < 8]  # fmt: skip
        assert np.corrcoef(np.array(pairs).T)[0, 1] == pytest.approx(found)
    assert "SGD(0.05, momentum=0.9)" in inspect.getsource(post)
    assert SGD(0.05, momentum=0.9).l2 == SGD(0.05, momentum=0.9).weight_decay == 0
    printed = (OUT / "flattening.alike.txt").read_text().split()
    assert len(printed) == 4
    assert printed[1] == printed[3] != printed[2]
    says(
        "On the 8×8 digits, without that price, the same four numbers are:",
        "The second and the last are equal, as the proof demands of twins.",
    )
    holds(
        "S0-18",
        "None is built in. On the 8×8 digits the correlation of adjacent weights rises from −0.01 to 0.19 in "
        "training,",
    )
    holds("S2-12", "At the start the correlation of adjacent weights is −0.01.")


@claim("S0-18", "conditions")
@claim(
    "S1-42",
    "confirmed",
    "No edge bias: it must learn that (5, 5) and (5, 6) are related.",
)
def test_mnist_weights_become_smooth_with_and_without_the_shuffle():
    mean, sd = (
        {name: of(held["values"]) for name, held in NEAR["smoothness"].items()}
        for of in (np.mean, lambda values: np.std(values, ddof=1))
    )
    assert abs(mean["start"]) < 0.03
    assert abs(mean["shuffled"]) < 0.03
    assert mean["trained"] > 0.7
    assert mean["trained_free"] > 0.5
    for name in ("", "_free"):
        assert mean[f"restored{name}"] == pytest.approx(mean[f"trained{name}"], abs=0.03)
    assert {len(held["values"]) for held in NEAR["smoothness"].values()} == {NEAR["seeds"]} == {5}
    says(
        f"On MNIST, over {NEAR['seeds']} seeds, it is {mean['start']:.3f} at the start, so nothing makes the network "
        f"treat two neighbours alike.",
        f"After training it is {mean['trained']:.3f} ± {sd['trained']:.3f}. For the shuffled images it is "
        f"{mean['shuffled']:.3f}, and with the weights put back {mean['restored']:.3f} ± {sd['restored']:.3f}.",
        f"Without it the two are {mean['trained_free']:.2f} and {mean['restored_free']:.2f}.)",
    )
    holds("S0-18", "on MNIST with a penalty to 0.78.")
    holds(
        "S1-42",
        "It learns part of it, and as much on shuffled pixels: adjacent weights correlate at 0.78 and, put back in "
        "place, 0.78.",
    )


def test_a_price_on_large_weights_fades_the_noise_of_the_start():
    theta = np.random.default_rng(51).normal(size=20)
    left, free = theta.copy(), theta.copy()
    priced, unpriced = SGD(0.05, momentum=0.9, l2=NEAR["l2"]), SGD(0.05, momentum=0.9)
    for _ in range(3000):  # where no gradient comes
        priced.step(left, np.zeros(20))
        unpriced.step(free, np.zeros(20))
    assert abs(left).max() < 0.3 * abs(theta).max()
    assert (free == theta).all()
    step, h, v = theta.copy(), 1e-6, theta[0]
    SGD(1.0, l2=NEAR["l2"]).step(step, np.zeros(20))
    price = [NEAR["l2"] / 2 * (v + d) ** 2 for d in (h, -h)]  # added to the loss
    assert theta[0] - step[0] == pytest.approx((price[0] - price[1]) / (2 * h), rel=1e-4)
    assert NEAR["smoothness"]["trained"]["mean"] > NEAR["smoothness"]["trained_free"]["mean"] + 0.1
    says(
        "(In this training, large weights had a price that was added to the loss. It fades the noise of the start "
        "and so raises the number.",
    )


def tiles(name):
    """Recorded weights of some units, as arrays of 784."""
    return [np.frombuffer(bytes.fromhex(text), np.uint8).astype(float) for text in NEAR["tiles"][name]]


def test_the_drawn_tiles_put_back_are_the_shuffled_ones_in_order():
    order = np.random.default_rng(np.random.SeedSequence(0).spawn(3)[2]).permutation(784)
    for a, b in zip(tiles("shuffled"), tiles("restored"), strict=True):
        assert (b[order] == a).all()
    smooth = {name: [neighbours.smoothness(w[:, None]) for w in tiles(name)] for name in NEAR["tiles"]}
    assert max(map(abs, smooth["start"] + smooth["shuffled"])) < 0.1
    assert min(smooth["trained"]) > 0.7
    assert np.argmin(smooth["restored"]) == 1
    assert min(v for n, v in enumerate(smooth["restored"]) if n != 1) > 0.7
    kept = [np.corrcoef(a, b)[0, 1] for a, b in zip(tiles("start"), tiles("shuffled"), strict=True)]
    assert np.argmax(kept) == 1
    assert kept[1] > 0.5 > 2 * max(v for n, v in enumerate(kept) if n != 1)
    rows = [part.get_suptitle() for part in drawn_near.draw_tiles(NEAR, COLOURS).subfigs]
    assert rows == [
        "at the start",
        "trained",
        "trained on shuffled pixels",
        "the same weights, each put back in its place",
    ]
    says(
        "A network that begins without the neighbourhood may still find it in the data. The weights of a unit in "
        "the first layer, one for each pixel, can be drawn as an image:",
        "The weights of some hidden units of a network for MNIST, as images. At the start: noise. Trained: smooth "
        "strokes and blobs. Trained on shuffled pixels: noise; with every weight put back in its place, smooth "
        "strokes "
        "and blobs again.",
        "The lower two rows hold the same numbers in two arrangements. A unit that found little to do keeps more of "
        "its "
        "initial noise, here the second of the last row.",
        "At the start there is noise. After training there are strokes and blobs. And after training on shuffled "
        "images? "
        "Noise again, until we put every weight back to the place of its pixel: then there are strokes and blobs of "
        "the "
        "same kind. The network has found out which pixels belong together without ever being told where they are.",
    )


def test_weights_of_pixels_with_like_values_get_like_gradients_and_move_alike():
    x, y = post.x[:32], post.y[:32]
    net = mlp([64, 16, 10], rng=np.random.default_rng(52), dtype="float64")
    _, dlogits = cross_entropy(net.forward(x, training=True), y)
    net.backward(dlogits)
    dW = net.layers[0].grads["W"]
    z = x @ net.layers[0].params["W"]
    dz = (dlogits @ net.layers[2].params["W"].T) * (z > 0)
    assert dW == pytest.approx(x.T @ dz)  # what arrives times the value of the pixel
    values, gradients = [], []
    for a, b in product(range(64), range(64)):
        if a < b:
            values.append(np.linalg.norm(x[:, a] - x[:, b]))
            gradients.append(np.linalg.norm(dW[a] - dW[b]))
            assert gradients[-1] <= values[-1] * np.linalg.norm(dz) + 1e-12
    assert np.corrcoef(values, gradients)[0, 1] > 0.7
    twice = np.concatenate([x, x[:, 20:21]], axis=1)
    pair = (twice.T @ dz)[[20, 64]]
    assert pair[0] == pytest.approx(pair[1], rel=1e-12)  # equal but for the order in which a kernel adds
    assert pair.any()
    says(
        "How? Where two pixels mostly have like values, the gradients of their weights are alike too, since each is "
        "what "
        "arrives times the value of its pixel. So their weights move alike.",
        "How much alike the weights of adjacent pixels are can be put into one number, their correlation.",
    )


def test_smoothness_is_the_correlation_of_adjacent_weights():
    ramp = np.add.outer(np.arange(28.0), np.arange(28.0)).reshape(784, 1)
    noise = np.random.default_rng(0).normal(size=(784, 40))
    assert neighbours.smoothness(ramp) > 0.99
    assert abs(neighbours.smoothness(noise)) < 0.02
    assert neighbours.smoothness(np.where(np.indices((28, 28)).sum(0) % 2, 1.0, -1.0).reshape(784, 1)) < -0.99


@claim(
    "S2-13",
    "conditions",
    "It must waste capacity to rediscover the neighbourhood from data.",
)
def test_the_cnn_leads_by_more_where_data_are_scarce():
    assert 0 < DIGITS["n1297"]["gap"]["mean"] < DIGITS["n200"]["gap"]["mean"]
    lead, error = {}, {}
    for n in (1297, 200):
        held = DIGITS[f"n{n}"]
        gap = 100 * (np.array(held["cnn"]["plain"]["values"]) - held["mlp"]["plain"]["values"])
        assert held["gap"]["mean"] == pytest.approx(gap.mean())
        assert held["gap"]["se"] == pytest.approx(gap.std(ddof=1) / len(gap) ** 0.5)
        assert gap.mean() > 3.5 * held["gap"]["se"]  # clear
        lead[n], error[n] = gap.mean(), standard_error(gap)
    assert 1 < (lead[200] - lead[1297]) / math.hypot(*error.values()) < 1.5  # little more
    says(
        f"A CNN has built in that neighbours belong together, and an MLP has to find it out from examples. So with "
        f"fewer examples the CNN should lead by more. On the 8×8 digits a small CNN is "
        f"{lead[200]:.1f} ± {error[200]:.1f} points ahead of our MLP with 64 units, with {DIGITS['n_train'][1]} of "
        f"them to learn from, and {lead[1297]:.1f} ± "
        f"{error[1297]:.1f} points with {DIGITS['n_train'][0]:,} (mean and standard error).",
        "That fits, though the two leads differ by little more than their errors.",
    )
    holds(
        "S2-13",
        "It rediscovers it in part. On the 8×8 digits it is 1.9 ± 0.5 points (mean and standard error) behind the "
        "CNN "
        "with 200 to train on, 1.2 ± 0.2 with 1,297.",
    )


@claim("S1-44", "conditions")
def test_a_trained_network_is_no_longer_blind():
    assert post.accuracy_plain > 0.95
    assert post.accuracy_mixed <= 1 / 10  # no better than guessing
    x, y = post.data.x_test / 16, post.data.y_test
    assert post.accuracy_plain == (post.net.forward(x).argmax(axis=1) == y).mean()
    assert post.accuracy_mixed == (post.net.forward(x[:, post.order]).argmax(axis=1) == y).mean()
    W = post.net.layers[0].params["W"]
    untouched = mlp([64, 64, 10], rng=np.random.default_rng(3), dtype="float64").layers[0].params["W"]
    assert abs(W - untouched).max() > 0.1  # in order, and it has taken sides
    says(
        "So it is before training that an MLP is blind, when all orders are the same problem to it. A trained "
        "network has settled on one of them. Take the network that has "
        "learned the digits in order, and show it test digits in the shuffled order:",
        "That is no better than guessing one of ten. (Any network fails so whose inputs have changed places. It "
        "shows that each weight belongs to its pixel now, and not that the network knows which pixels touch.)",
    )
    holds(
        "S1-44",
        "Before training. A trained one is tied to its order: 97.0% in order, 6.8% on shuffled test images.",
    )


def passed_on(x, sequence, n):
    """Images (N, 64) whose first n pixels of the sequence have handed their values to the next, one by one."""
    moved = x.copy()
    for i in range(n):
        moved[:, sequence[(i + 1) % n]] = x[:, sequence[i]]
    return moved


@pytest.fixture(scope="module")
def exported():
    """The exported networks of the first seed, its test digits in [0, 1] and their labels, and its sequence."""
    held = BY_DEGREES["networks"]
    streams = np.random.SeedSequence(0).spawn(4)
    images, labels = digits()
    data = split(images.reshape(-1, 64), labels, n_test=500, rng=np.random.default_rng(streams[0]))
    sequence = np.random.default_rng(streams[3]).permutation(64)
    nets = {model: shuffle_by_degrees.restored(held, model) for model in ("mlp", "cnn")}
    return SimpleNamespace(
        held=held, nets=nets, x=data.x_test * held["scale"], y=data.y_test, sequence=sequence
    )


def test_every_pixel_of_the_sequence_moves_and_no_other(exported):
    positions = np.arange(64)[None]
    for n in BY_DEGREES["degrees"]:
        moved = passed_on(positions, exported.sequence, n)[0]
        assert sorted(moved) == list(range(64))
        assert set(np.flatnonzero(moved != positions[0])) == set(exported.sequence[:n])
        assert (shuffle_by_degrees.places(exported.sequence, n) == moved).all()
    assert [int(v) for v in exported.held["sequence"].split()] == exported.sequence.tolist()


@pytest.mark.parametrize("model", ["mlp", "cnn"])
def test_the_exported_networks_score_as_recorded_up_to_the_recorded_rounding(exported, model):
    off = []
    for n, values in zip(BY_DEGREES["degrees"], BY_DEGREES["right"][model], strict=True):
        x = passed_on(exported.x, exported.sequence, n)
        answers = exported.nets[model].predict(x.reshape(-1, 1, 8, 8) if model == "cnn" else x)
        off.append(abs(int((answers == exported.y).sum()) - round(500 * values[0])))
    changed = BY_DEGREES["rounded"][model]["3"]
    assert off[0] <= changed["in_place"] == 0
    assert sum(off) <= changed["all"] <= 10
    assert changed["all"] <= BY_DEGREES["rounded"][model]["2"]["all"]


def test_the_exported_mlp_answers_the_same_at_every_degree_once_its_rows_move_along(exported):
    net = exported.nets["mlp"]
    W = net.layers[0].params["W"]
    in_place, before = net.forward(exported.x), W.copy()
    for n in BY_DEGREES["degrees"]:
        W[:] = passed_on(before.T, exported.sequence, n).T
        logits = net.forward(passed_on(exported.x, exported.sequence, n))
        assert logits == pytest.approx(in_place, abs=1e-9)
        assert (logits.argmax(axis=1) == in_place.argmax(axis=1)).all()
    W[:] = before
    says(
        "In the explorable below, an MLP and a CNN, both trained with the pixels in place, judge a digit whose "
        "pixels "
        "change places by degrees. The third contestant is the same MLP with the rows of its first matrix moved "
        "along.",
        "The third gives the same answer at every degree, as the first of our three lines says: "
        r"$(\mathbf{x}\mathbf{P})(\mathbf{P}^{\mathsf{T}}\mathbf{W})$ is $\mathbf{x}\mathbf{W}$.",
    )


def test_the_exported_digits_are_test_digits_of_each_class_and_judged_rightly_in_place(exported):
    lost = {"mlp": 0, "cnn": 0}
    right = {"mlp": [], "cnn": []}
    for n in BY_DEGREES["degrees"]:
        moved = passed_on(exported.x, exported.sequence, n)
        right["mlp"].append(exported.nets["mlp"].predict(moved) == exported.y)
        right["cnn"].append(exported.nets["cnn"].predict(moved.reshape(-1, 1, 8, 8)) == exported.y)
    mlp, cnn = np.array(right["mlp"]), np.array(right["cnn"])  # (degrees, digits)
    telling = mlp[0] & cnn[0] & ~mlp.all(axis=0) & ~cnn.all(axis=0) & (mlp != cnn).any(axis=0)
    for k, text in enumerate(exported.held["digits"]):
        x = np.array([float(v) for v in text.split()])[None] * exported.held["scale"]
        assert (x == exported.x[telling & (exported.y == k)][0]).all()
        assert exported.nets["mlp"].predict(x) == k
        assert exported.nets["cnn"].predict(x.reshape(1, 1, 8, 8)) == k
        moved = passed_on(x, exported.sequence, 64)
        lost["mlp"] += int(exported.nets["mlp"].predict(moved)[0] != k)
        lost["cnn"] += int(exported.nets["cnn"].predict(moved.reshape(1, 1, 8, 8))[0] != k)
    assert lost == {"mlp": 10, "cnn": 10}
    says(
        "Drag the slider. With all pixels moved, both networks misjudge each of the ten digits.",
        f"The digits to try are chosen, so they are not the average. Both networks had to judge a digit rightly in "
        f"place. Each of them had to misjudge it at some later degree. And at some degree only one was to be right. "
        f"Of the {len(exported.y)} digits, {telling.sum()} are of this kind, and of each class we took the first.",
    )


def test_no_kernel_gives_a_convolution_its_shuffled_pixels_back():
    conv, order = kernel_layer(53), post.order
    W = dense_of(conv)
    basis = []
    for n in range(9):
        conv.params["W"][:] = np.arange(9).reshape(1, 1, 3, 3) == n
        basis.append(dense_of(conv).ravel())
    basis = np.array(basis).T
    for wanted, left in ((W, 0.0), (W[order], 0.9)):
        kernel = np.linalg.lstsq(basis, wanted.ravel(), rcond=None)[0]
        rest = np.linalg.norm(wanted.ravel() - basis @ kernel) / np.linalg.norm(wanted)
        assert rest >= left if left else rest < 1e-9
    assert conv.params["W"].size == 9 < 64  # fewer weights than pixels
    says(
        "In general a CNN has no such way back, because all its windows use the same weights and no row of them "
        "belongs to a pixel."
    )


@claim("S1-44", "conditions")
def test_both_networks_fall_by_degrees_and_the_one_whose_rows_move_does_not():
    mean, values = BY_DEGREES["mean"], BY_DEGREES["right"]
    for model in ("mlp", "cnn"):
        assert mean[model] == sorted(mean[model], reverse=True)
        assert mean[model][0] > 0.96
        assert mean[model][-1] < 0.15
        assert abs(mean[model][-1] - 1 / 10) < standard_error(values[model][-1]) * 1.5  # guessing
    assert values["rows"] == [values["mlp"][0]] * len(BY_DEGREES["degrees"])
    assert BY_DEGREES["rows"]["changed"] == 0
    assert BY_DEGREES["rows"]["answers"] == 8 * 17 * 500
    assert BY_DEGREES["rows"]["apart"] < 1e-9
    for part, of in (("mean", np.mean), ("sd", lambda v: np.std(v, ddof=1))):
        for model in ("mlp", "cnn", "rows"):
            assert BY_DEGREES[part][model] == pytest.approx([of(v) for v in values[model]])
    from_, to = ({model: f"{np.mean(held[n]):.1%}" for model, held in values.items()} for n in (0, -1))
    says(
        f"Test digits judged rightly against the share of pixels that have moved. From none to all, the MLP falls "
        f"from "
        f"{from_['mlp']} to {to['mlp']}, the CNN from {from_['cnn']} to {to['cnn']}. The MLP whose rows move along "
        f"stays "
        f"at {to['rows']}.",
        f"What counts is the accuracy on {500} test digits, for one digit may be judged rightly by luck. With the "
        f"rows "
        f"moved, {sum(BY_DEGREES['changed'])} of {8 * 17 * 500:,} answers change, over all digits, degrees and "
        f"seeds.",
    )
    holds("S1-44", "A trained one is tied to its order:")


def test_the_bands_are_one_standard_deviation_over_the_seeds_to_either_side():
    (axes,) = drawn_degrees.draw_degrees(BY_DEGREES, COLOURS).axes
    models = ("mlp", "cnn", "rows")
    assert [len(BY_DEGREES["right"][model][0]) for model in models] == [8, 8, 8]
    for line, band, model in zip(axes.lines[1:], axes.collections, models, strict=True):
        values = 100 * np.array(BY_DEGREES["right"][model])
        assert line.get_ydata() == pytest.approx(values.mean(axis=1))
        edges = band.get_paths()[0].vertices
        for at, middle, sd in zip(
            line.get_xdata(), values.mean(axis=1), values.std(axis=1, ddof=1), strict=True
        ):
            heights = edges[np.isclose(edges[:, 0], at), 1]
            assert (heights.min(), heights.max()) == pytest.approx((middle - sd, middle + sd))
    sequences = [
        np.random.default_rng(np.random.SeedSequence(s).spawn(4)[3]).permutation(64) for s in range(8)
    ]
    assert len({tuple(sequence) for sequence in sequences}) == 8
    says(
        f"The mean over {8} seeds, each with its own order of exchange, and one standard deviation to either side, "
        f"shaded. Both networks end at guessing; the one whose rows move along stays where it began.",
    )


def test_training_the_first_seed_again_scores_as_recorded(exported):
    for model, within in (("mlp", 0.01), ("cnn", 0.015)):
        net, data, _ = shuffled_digits.trained(model, 0, 1297, shuffled=False)
        now = (net.predict(data.x_test / np.float32(16)) == data.y_test).mean()
        apart = np.abs(net.parameters() - exported.nets[model].parameters())
        assert apart.mean() < 0.01  # rounding to 3 decimals, and sums in another order
        assert now == pytest.approx(BY_DEGREES["right"][model][0][0], abs=within)
        assert BY_DEGREES["right"][model][0] == pytest.approx(
            DIGITS["n1297"][model]["plain"]["values"], abs=0.005
        )


# ---- independent inputs -------------------------------------------------------------------------------------------


def naive_bayes(x, y, new):
    """Classes by a normal density for each input alone, the two multiplied."""
    scores = []
    for k in (0, 1):
        of = x[y == k]
        mean, var = of.mean(axis=0), of.var(axis=0)
        verdicts = np.exp(-((new - mean) ** 2) / (2 * var)) / np.sqrt(2 * np.pi * var)
        scores.append(np.mean(y == k) * verdicts[:, 0] * verdicts[:, 1])
    return (scores[1] > scores[0]).astype(int)


@claim(
    "S0-25",
    "wrong",
    "MLPs assume that every input dimension is independent.",
)
@claim(
    "S3-07",
    "wrong",
    "MLPs treat inputs as independent features, hence poor generalisation.",
)
def test_naive_bayes_fails_where_inputs_matter_together_and_the_mlp_does_not():
    bayes, network = XOR["naive_bayes"]["values"], XOR["mlp"]["values"]
    assert max(bayes) < 0.65
    assert min(network) > 0.95
    for seed in range(5):
        (x, y), (new, label), *_ = xor_of_signs.data(seed)
        assert (y == ((x[:, 0] > 0) != (x[:, 1] > 0))).all()  # whether the signs differ
        assert (naive_bayes(x, y, new) == label).mean() == pytest.approx(bayes[seed], abs=0.003)
    x, y = xor_of_signs.points(40_000, np.random.default_rng(61))
    first, second = (x > 0).T
    assert (second[first].mean(), second[~first].mean()) == pytest.approx((0.5, 0.5), abs=0.02)
    assert (second[(y == 1) & first].any(), second[(y == 1) & ~first].all()) == (False, True)
    assert (second[(y == 0) & first].all(), second[(y == 0) & ~first].any()) == (True, False)
    for one in (first, second):
        assert y[one].mean() == pytest.approx(0.5, abs=0.02)  # neither says anything alone
    (nb, nb_sd), (net, net_sd) = spread(bayes), spread(network)
    says(
        "There is a model that does assume it, within each class: naive Bayes, which judges each input on its own "
        "and "
        "multiplies the verdicts.",
        "Give both models the task of part 1, where the class is whether the signs of two inputs differ.",
        f"Naive Bayes gets {nb} ± {nb_sd}, the MLP {net} ± {net_sd}.",
        "Over all examples the two inputs are independent: whatever the first is, the second is as likely to be "
        "positive "
        "as negative. Within a class they are not: there the sign of the first fixes that of the second, and naive "
        "Bayes, which looks at one input at a time, cannot see it.",
        "What matters here is the interaction of the inputs, that the class follows only from both together.",
    )
    holds(
        "S0-25",
        "That is naive Bayes. Where only two inputs together say anything, though over all examples each is "
        "independent "
        "of the other, it gets 50.2% and an MLP 99.0%. An MLP prefers no interaction to another.",
    )
    holds("S3-07", "They learn what inputs say together: 99.0% where naive Bayes gets 50.2%.")


def test_without_its_hidden_layer_a_network_cannot_learn_what_two_inputs_say_together():
    assert max(XOR["best_line"]["values"]) < 0.7 < 0.95 < min(XOR["mlp"]["values"])
    says("Interaction is what a hidden layer is for.")


def test_of_two_equal_features_the_sum_is_enough():
    rng = np.random.default_rng(62)
    marks = rng.integers(0, 7, 300)
    x, y = np.stack([marks, marks], axis=1).astype(float), (marks > 2).astype(int)
    assert (x[:, 0] == x[:, 1]).all()
    assert np.corrcoef(x.T)[0, 1] == pytest.approx(1)
    assert ((x.sum(axis=1) > 5) == y).all()
    net = mlp([2, 8, 2], rng=rng, dtype="float64")
    fit(
        net,
        x / 6,
        y,
        loss=cross_entropy,
        optimizer=SGD(0.2, momentum=0.9),
        n_epochs=60,
        batch_size=32,
        rng=rng,
    )
    assert (net.predict(x / 6) == y).all()
    assert min(XOR["mlp"]["values"]) > 0.95  # and the other case
    once, twice = (Fraction(4, 5) ** n / (Fraction(4, 5) ** n + Fraction(1, 5) ** n) for n in (1, 2))
    assert once == Fraction(
        4, 5
    )  # four of five emails with the sign are spam, and with its copy there are as many
    assert twice == Fraction(16, 17)  # multiplied, as naive Bayes does
    says(
        "Dependence without interaction is the other case. Suppose that two features count the same exclamation "
        "marks, "
        "so that they are always equal. They depend on each other entirely, but nothing follows only from both "
        "together, for one of them says it all. (Naive Bayes would go wrong there in another way, since it counts "
        "the "
        "same evidence twice.)",
        "An MLP can learn in either case.",
    )


def test_before_data_no_pair_of_inputs_is_preferred():
    together = {}
    for seed in range(400):
        W = mlp([6, 30, 2], rng=np.random.default_rng(seed), dtype="float64").layers[0].params["W"]
        for a, b in product(range(6), range(6)):
            if a < b:
                together.setdefault((a, b), []).append(float(abs(W[a] * W[b]).mean()))
    means = [np.mean(values) for values in together.values()]
    assert len(means) == 15
    assert max(means) / min(means) < 1.1
    says("What it cannot do is prefer one pair of inputs to another before it has seen data.")


# ---- the answers --------------------------------------------------------------------------------------------------


def test_answer_cifar():
    first = [post.apart((3, 32, 32), post.orders["C, H, W"], (0, 0, 0), to) for to in post.steps_to.values()]
    last = [post.apart((3, 32, 32), post.orders["H, W, C"], (0, 0, 0), to) for to in post.steps_to.values()]
    assert first == [32, 1, 32 * 32]
    assert last == [32 * 3, 3, 1]
    assert post.steps_to["next row"] == (0, 1, 0)
    image = np.arange(3 * 32 * 32).reshape(3, 32, 32)
    flat = [image.ravel().tolist(), image.transpose(1, 2, 0).ravel().tolist()]
    for row, apart in zip(flat, (first, last), strict=True):
        steps = ((0, 1, 0), (0, 0, 1), (1, 0, 0))
        assert [row.index(image[to]) - row.index(image[0, 0, 0]) for to in steps] == apart
    says(
        "An image of CIFAR-10 has three colours and 32 by 32 pixels. How far apart in the vector are vertical "
        "neighbours, horizontal neighbours, and two colours of one pixel, with the colours first and with the "
        "colours "
        "last? (Hint: each step skips everything that varies faster than the axis it goes along.)",
        "With the colours first, all values of one colour come before those of the next, so two colours of a pixel "
        "are a whole image of one colour apart. With the colours last they are adjacent, and a step across goes "
        "three values on. In the program, a step of `(0, 1, 0)` is "
        "one "
        "row down.",
    )


def test_answer_false_adjacencies_are_one_for_each_end():
    counts = {}
    for H, W in ((3, 4), (28, 28), (2, 9)):
        false = [k for k in range(H * W - 1) if k // W != (k + 1) // W]
        by_column = [k for k in range(H * W - 1) if k // H != (k + 1) // H]
        counts[H, W] = len(false), len(by_column)
        assert counts[H, W] == (H - 1, W - 1)
    assert counts[2, 9] == (1, 8)
    says(
        "How many pairs are adjacent in the vector only, in an image of $H$ rows and $W$ columns? And if the columns "
        "are "
        "laid end to end? (Aim: one and eight for two rows of nine pixels.)",
        "One at the end of each row but the last, $H - 1$. With columns it is $W - 1$.",
        f"For 28 by 28 both are {counts[28, 28][1]}.",
    )


def test_answer_adam_keeps_the_twins_together():
    assert post.equal.all()
    W, W_twin = (n.layers[0].params["W"] for n in (post.net_adam, post.twin_adam))
    assert W_twin == pytest.approx(W[post.order], abs=1e-6)
    rng = np.random.default_rng(71)
    order, theta, gs = rng.permutation(8), rng.normal(size=8), rng.normal(size=(3, 8))
    one, other, a, b, m, v = Adam(0.1), Adam(0.1), theta.copy(), theta[order].copy(), np.zeros(8), np.zeros(8)
    by_hand = theta.copy()
    for t, g in enumerate(gs, 1):
        one.step(a, g)
        other.step(b, g[order])
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        by_hand -= 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)  # by its own size
        assert (a[order] == b).all()
    assert a == pytest.approx(by_hand)
    says(
        "Our three lines used plain gradient descent. Adam, another optimizer, divides each coordinate of the "
        "gradient "
        "by a running average of that coordinate's own size. Do the twins still agree? And if the initial weights "
        "of the pixels in the middle of the image are drawn larger? (Hint: what does the third line need of the "
        "step?)",
        "Adam treats each coordinate alone, so what it remembers is permuted along with the weights, and the third "
        "line "
        "holds.",
    )


def test_answer_larger_weights_in_the_middle_are_a_spatial_prior_that_matching_twins_share():
    middle = np.array([3.0 if 2 <= i < 6 and 2 <= j < 6 else 1.0 for i in range(8) for j in range(8)])
    rng = np.random.default_rng(72)
    W1 = post.W1 * middle[:, None]
    y, order = post.y[:10], rng.permutation(64)
    losses, end = post.steps(post.x[:10], y, W1, post.b1, post.W2, post.b2, 5)
    twin, end_twin = post.steps(post.x[:10, order], y, W1[order], post.b1, post.W2, post.b2, 5)
    assert losses == twin
    assert np.array_equal(end[0][order], end_twin[0])
    draws = rng.normal(size=(500, 64)) * middle
    sizes = draws.std(axis=0)
    assert (
        sizes[middle > 1].min() > 2 * sizes[middle == 1].max()
    )  # an arrangement that has them elsewhere is unlikely
    says(
        "The second change breaks not the proof but its use. Twins with matching weights still agree. But now not "
        "every arrangement of the initial weights is equally likely, and such a network would have a spatial prior.",
    )


def test_answer_a_mirrored_kernel_sees_the_mirrored_image():
    assert np.allclose(post.mirrored, post.seen[..., ::-1], atol=1e-12)
    conv = Conv2D(1, 4, 3, padding=1, rng=np.random.default_rng(7), dtype="float64")
    x = np.pad(post.here[0, 0], 1)
    W = conv.params["W"][2, 0]
    assert post.seen[0, 2, 3, 5] == pytest.approx((x[3:6, 5:8] * W).sum())  # a window, by hand
    unmirrored = conv.forward(post.here[..., ::-1])
    assert not np.allclose(unmirrored, post.seen[..., ::-1])
    rng = np.random.default_rng(73)
    dense = rng.normal(size=(4, 8, 8, 3))
    behind = np.einsum("ncij,cijk->nk", post.seen, dense)
    assert np.einsum("ncij,cijk->nk", post.mirrored, dense[:, :, ::-1]) == pytest.approx(behind)
    says(
        "Not every permutation hurts a CNN. Find one, other than leaving all in place, after which a convolution can "
        "compute the same as before, and say what its weights must be. (Hint: neighbours must stay neighbours.)",
        "Mirror all images left to right. With each window of weights mirrored too, the output is the mirrored "
        "output. "
        "Mirror the rows of the dense layer behind it to match, and a twin exists.",
    )


def test_answer_few_permutations_turn_every_window_into_a_window():
    side = 3
    places = [*np.ndindex(side, side)]
    windows = {
        frozenset(k for k, (i, j) in enumerate(places) if abs(i - a) <= 1 and abs(j - b) <= 1)
        for a, b in places
    }
    kept = [
        order
        for order in permutations(range(9))
        if {frozenset(order[k] for k in w) for w in windows} == windows
    ]
    assert len(kept) < 100 < math.factorial(9)
    mirror = tuple(side * i + side - 1 - j for i, j in places)
    assert mirror in kept
    says(
        "A CNN is symmetric under the few permutations that turn every window into a window, and an MLP under all of "
        "them.",
    )
