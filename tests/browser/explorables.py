"""What the tests of the explorables share: where they stand, what is read from them, and the same by the package."""

import re
from decimal import ROUND_HALF_UP, Decimal
from types import SimpleNamespace

import numpy as np

from experiments import results, shuffle_by_degrees
from scratchmlp.layers import Dense, ReLU
from scratchmlp.losses import binary_cross_entropy
from scratchmlp.network import Network
from scratchmlp.optimizers import SGD
from sitetools import ROOT
from sitetools.house import read

HOUSE = read(ROOT)
P03 = HOUSE.records["one_email"].values


def places():
    """Every page that holds an explorable, found in its Markdown: (address, name)."""
    for path in sorted((ROOT / "docs").rglob("*.md")):
        address = path.relative_to(ROOT / "docs").as_posix().removesuffix(".md") + "/"
        names = re.findall(r"^/// explorable \| (\S+)$", path.read_text(encoding="utf-8"), re.M)
        yield from (("" if address == "index/" else address, name) for name in names)


PAGES = list(places())
ON_PAGE = {name: address for address, name in reversed(PAGES)}
POST = "series/one-email/"
GROUPS = ("W1", "b1", "W2", "b2")
RESULT = results.values("shuffle_by_degrees")
DEGREES = RESULT["degrees"]
NETS = {model: shuffle_by_degrees.restored(RESULT["networks"], model) for model in ("mlp", "cnn")}


def package(x, y, W1, b1, W2, b2, lr=0.1):
    """Both passes and one step, by the package in float64; slopes from its input gradient."""
    rng = np.random.default_rng(0)
    first, last = (Dense(D, M, rng=rng, dtype="float64") for D, M in (np.shape(W1), np.shape(W2)))
    for layer, W, b in ((first, W1, b1), (last, W2, b2)):
        layer.params["W"][:], layer.params["b"][:] = W, b
    net = Network([first, ReLU(), last])
    x, labels = np.array([x], float), np.array([[y]])
    net.forward(x, training=True)
    slopes = net.backward(np.ones((1, 1)), input_gradient=True)[0]
    z, logits = first.forward(x), net.forward(x, training=True)
    loss, dlogits = binary_cross_entropy(logits, labels)
    net.backward(dlogits)
    terms = x[0] * slopes
    held = {"z": z[0], "h": np.maximum(0, z[0]), "logit": logits.item(), "p": net.predict_proba(x).item()}
    held |= {"slopes": slopes, "terms": terms, "constant": logits.item() - terms.sum(), "loss": loss}
    held |= {"dp": -1 - np.exp(-held["logit"]) if y else 1 + np.exp(held["logit"])}  # -1 / p, and 1 / (1 - p)
    held |= {"dlogit": dlogits.item(), "dh": (dlogits @ last.params["W"].T)[0], "dz": first.grads["b"].copy()}
    places = [(layer, key) for layer in (first, last) for key in "Wb"]
    held |= {f"d{g}": layer.grads[k].copy() for g, (layer, k) in zip(GROUPS, places, strict=True)}
    SGD(lr).step(net.parameters(), net.gradients())
    held |= {f"{g}_next": layer.params[k].copy() for g, (layer, k) in zip(GROUPS, places, strict=True)}
    held["loss_next"] = binary_cross_entropy(net.forward(x), labels)[0]
    return SimpleNamespace(**held)


def parts(page, name):
    """The text of every part of an explorable, with minus signs as Python reads them."""
    read = "e => Object.fromEntries([...e.querySelectorAll('[data-part]')].map(p => [p.dataset.part, p.textContent]))"
    return {key: text.replace("−", "-") for key, text in page.locator(f"smlp-{name}").evaluate(read).items()}


def live(page, name):
    """The card of an explorable, once it stands."""
    page.locator(f"smlp-{name}").evaluate("e => e.scrollIntoView({ behavior: 'instant' })")
    page.wait_for_selector(f"smlp-{name}[data-ready]")
    return page.locator(f"smlp-{name} > .live")


def contest(digit, n):
    """A digit of which n pixels have moved, and the logits of the three contestants, by the package in float64."""
    sequence, pixels = (
        [int(v) for v in text.split()]
        for text in (RESULT["networks"]["sequence"], RESULT["networks"]["digits"][digit])
    )
    source = list(range(64))
    for i in range(n):
        source[sequence[(i + 1) % n]] = sequence[i]
    x = np.array(pixels, float)[None, source] / 16
    mlp, cnn = NETS["mlp"], NETS["cnn"]
    twin = shuffle_by_degrees.with_rows_moved(mlp, np.array(source))
    logits = {
        "mlp": mlp.forward(x)[0],
        "cnn": cnn.forward(x.reshape(1, 1, 8, 8))[0],
        "rows": twin.forward(x)[0],
    }
    return SimpleNamespace(pixels=[pixels[k] for k in source], source=source, logits=logits)


def fixed(v, digits):
    """A number as JavaScript writes it: one halfway between two is rounded up, where Python takes the even one."""
    return str(Decimal(v).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))
