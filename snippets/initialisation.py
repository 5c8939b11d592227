"""Where training starts: twenty layers, a signal, and a gradient on its way."""

import numpy as np

from scratchmlp.datasets import digits
from scratchmlp.initializers import he, lecun, xavier
from scratchmlp.losses import cross_entropy
from scratchmlp.network import mlp
from scratchmlp.optimizers import SGD
from scratchmlp.training import fit


# --8<-- [start:twenty]
def rms(v):
    """The root mean square: how large the numbers in v are, taken together."""
    return np.sqrt(np.mean(v**2))


def sizes(std, n_layers=20, seed=0):
    """The RMS behind each of n_layers of 256 ReLUs, with weights of a std."""
    rng = np.random.default_rng(seed)
    h, found = rng.standard_normal((512, 256)), []  # 512 examples
    for _ in range(n_layers):
        W = std * rng.standard_normal((256, 256))
        h = np.maximum(0, h @ W)  # (512, 256) @ (256, 256) -> (512, 256)
        found.append(rms(h))
    return found


small, large = sizes(0.01), sizes(1.0)
print("small", [f"{small[n]:.0e}" for n in (0, 1, 9, 19)])
print("large", [f"{large[n]:.0e}" for n in (0, 1, 9, 19)])
# --8<-- [end:twenty]

# --8<-- [start:sum]
rng = np.random.default_rng(1)
x = rng.standard_normal((512, 256))
D, variance = 256, 0.01**2
z = x @ (np.sqrt(variance) * rng.standard_normal((D, 256)))  # (512, 256)
print(f"z: {np.mean(z**2):.5f}  D * variance: {D * variance:.5f}")
h = np.maximum(0, z)
print(f"share that h keeps: {np.mean(h**2) / np.mean(z**2):.3f}")
# --8<-- [end:sum]

of_sums, of_formula = float(np.mean(z**2)), D * variance
share_kept = float(np.mean(h**2) / np.mean(z**2))
halved = D * variance / 2
factor = np.sqrt(halved)
after_20 = factor**20
sun_km = 150_000_000
left_nm = round(sun_km * 1e3 * after_20 * 1e9, -1)
large_factor = np.sqrt(64 * 0.5**2 / 2)
exponents = {
    name: round(float(np.log10(sizes(std)[-1])))
    for name, std in (("small", 0.01), ("one", 1.0))
}

# --8<-- [start:he]
std = np.sqrt(2 / 256)
print(f"std {std:.4f}:", [f"{sizes(std)[n]:.2f}" for n in (0, 1, 9, 19)])
# --8<-- [end:he]

he_256, n_units = std, 256
he_20 = sizes(he_256)[-1]

# --8<-- [start:names]
D, M = 784, 512
rng = np.random.default_rng(0)
W_lecun, W_xavier, W_he = (draw((D, M), rng=rng) for draw in (lecun, xavier, he))
print(f"W_lecun {W_lecun.std():.4f}  W_xavier {W_xavier.std():.4f}")
print(f"W_he {W_he.std():.4f}")
# --8<-- [end:names]

stds = {
    "lecun": np.sqrt(1 / D),
    "xavier": np.sqrt(2 / (D + M)),
    "he": np.sqrt(2 / D),
}
inputs_for_001, pixels = 2 / 0.01**2, D


# --8<-- [start:back]
def there_and_back(std, n_layers=20, seed=0):
    """For each layer the RMS of dh, its outputs' gradient, and of dW."""
    rng = np.random.default_rng(seed)
    hs, Ws = [rng.standard_normal((512, 256))], []
    for _ in range(n_layers):
        Ws.append(std * rng.standard_normal((256, 256)))
        hs.append(np.maximum(0, hs[-1] @ Ws[-1]))  # (512, 256)
    dh = rng.standard_normal((512, 256))  # what comes in at the end
    found = np.empty((n_layers, 2))
    for n in reversed(range(n_layers)):
        dz = dh * (hs[n + 1] > 0)  # (512, 256)
        found[n] = rms(dh), rms(hs[n].T @ dz)  # (256, 512) @ (512, 256)
        dh = dz @ Ws[n].T  # (512, 256) @ (256, 256) -> (512, 256)
    return found


dh_rms, dW_rms = there_and_back(0.01).T  # for each of the twenty layers
print("dh_rms", [f"{v:.0e}" for v in dh_rms[[0, 9, 19]]])
print("dW_rms", [f"{v:.0e}" for v in dW_rms[[0, 9, 19]]])
# --8<-- [end:back]

dW_largest, dW_smallest = dW_rms.max(), dW_rms.min()


# --8<-- [start:equal]
def equal(shape, *, rng):
    """An initializer that draws nothing: all weights are 0.1."""
    return np.full(shape, 0.1)


def n_different(initializer):
    """How many of 32 hidden units still differ after ten epochs on digits."""
    images, labels = digits()
    rng = np.random.default_rng(0)
    net = mlp((64, 32, 10), initializer=initializer, rng=rng, dtype="float64")
    how = {"optimizer": SGD(0.3), "n_epochs": 10, "batch_size": 32, "rng": rng}
    fit(net, images.reshape(-1, 64) / 16, labels, loss=cross_entropy, **how)
    W = net.layers[0].params["W"]  # (64, 32): a column for each unit
    return len(np.unique(W.round(6), axis=1).T)


print("equal:", n_different(equal), " he:", n_different(he))
# --8<-- [end:equal]

different = {"equal": n_different(equal), "he": n_different(he)}

# --8<-- [start:answer-he]
std = np.sqrt(2 / 784)
print(f"std {std:.4f}, and 0.01 for {2 / 0.01**2:,.0f} inputs")
# --8<-- [end:answer-he]

# --8<-- [start:answer-leaky]
slope, D = 0.5, 256
z = np.random.default_rng(0).standard_normal(1_000_000)
kept = np.mean(np.maximum(z, slope * z) ** 2) / np.mean(z**2)
std = np.sqrt(2 / (D * (1 + slope**2)))
print(f"kept {kept:.3f}, {(1 + slope**2) / 2} on paper; std {std:.4f}")
# --8<-- [end:answer-leaky]

leaky_std, leaky_slope = std, slope

# --8<-- [start:answer-float32]
tiny = np.finfo(np.float32).tiny  # the smallest of full precision
factor_a_layer = np.sqrt(256 * 0.01**2 / 2)
print(f"{np.log(tiny) / np.log(factor_a_layer):.1f} layers")
# --8<-- [end:answer-float32]

layers_to_tiny = np.log(tiny) / np.log(factor_a_layer)

# --8<-- [start:answer-uniform]
a = np.sqrt(3 * 2 / 256)
drawn = np.random.default_rng(0).uniform(-a, a, (1000, 1000))
print(f"a {a:.3f}, std {drawn.std():.4f}")
# --8<-- [end:answer-uniform]

uniform_a = a
