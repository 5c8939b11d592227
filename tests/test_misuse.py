"""Every wrong use that we could think of, and the exact error it gets. The rows are the table of the documentation.

`python tests/test_misuse.py` prints them as Markdown.
"""

import contextlib
import copy
import errno
import gzip
import hashlib
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from scratchmlp import (
    checkpoints,
    conv,
    datafiles,
    datasets,
    files,
    gradcheck,
    layers,
    losses,
    network,
    optimizers,
    training,
)
from scratchmlp.checkpoints import save_checkpoint
from scratchmlp.datafiles import WrongChecksum
from scratchmlp.losses import cross_entropy
from scratchmlp.network import mlp
from scratchmlp.optimizers import SGD
from scratchmlp.training import History

MODULES = [
    checkpoints,
    conv,
    datafiles,
    datasets,
    gradcheck,
    layers,
    losses,
    network,
    optimizers,
    training,
]


class Misuse(NamedTuple):
    """What is wrong, a line that does it, and the error. The lines run with what `given` makes."""

    topic: str
    what: str
    code: str
    error: type[Exception]
    message: str


# fmt: off
MISUSES = [
    # ---- examples
    Misuse("Examples", "wrong number of values", "net.predict(x[:, :7])", ValueError,
           "x must have shape (N, 64), got (40, 7)"),
    Misuse("Examples", "one example instead of a batch", "net.predict(x[0])", ValueError,
           "x must have shape (N, 64), got (64,)"),
    Misuse("Examples", "images that were not flattened", "net.predict(x.reshape(40, 1, 8, 8))", ValueError,
           "x must have shape (N, 64), got (40, 1, 8, 8)"),
    Misuse("Examples", "bytes where floats are needed", "net.predict(images)", TypeError,
           "x must hold floats, got uint8: multiply it by the scale used in training"),
    Misuse("Examples", "bytes without a scale", "fit(net, images, y, **settings)", ValueError,
           "x holds uint8, so scale must be given: 1/255 for bytes, 1 to keep them"),
    Misuse("Examples", "a scale of 0", "fit(net, images, y, **settings, scale=0)", ValueError,
           "scale must be a number in (0, inf), got 0"),
    Misuse("Examples", "texts", "fit(net, x.astype(str), y, **settings)", TypeError,
           "x must hold numbers, got <U32 of shape (40, 64)"),
    Misuse("Examples", "a list", "fit(net, x.tolist(), y, **settings)", TypeError,
           "x must be an array with one row for each example, got list"),
    Misuse("Examples", "a table of another library", "fit(net, Table(x), y, **settings)", TypeError,
           "x must be an array with one row for each example, got Table: convert it by np.asarray(x)"),
    Misuse("Examples", "a table of another library, to predict", "net.predict(Table(x))", TypeError,
           "x must be an array, got Table: convert it by np.asarray(x)"),
    Misuse("Examples", "a masked array, whose mask would be dropped",
           "fit(net, np.ma.masked_array(x, x > 0.5), y, **settings)", TypeError,
           "x must be a plain array, got MaskedArray of float32 of shape (40, 64)"),
    Misuse("Examples", "texts, to predict", "net.predict(x.astype(str))", TypeError,
           "x must hold floats, got <U32 of shape (40, 64)"),
    Misuse("Examples", "nothing", "net.predict(None)", TypeError, "x must hold floats, got NoneType"),
    Misuse("Examples", "images that were not flattened, to train on",
           "fit(net, x.reshape(40, 8, 8), y, **settings)", ValueError,
           "x must have shape (N, 64), got (1, 8, 8), for the first example of x, float32 of shape (40, 8, 8)"),
    Misuse("Examples", "nan", "x[3, 5] = np.nan; fit(net, x, y, **settings)", ValueError,
           "x must hold finite float32 numbers, got nan at (3, 5)"),
    Misuse("Examples", "infinity", "x[3, 5] = np.inf; evaluate(net, x, y, loss=cross_entropy)", ValueError,
           "x must hold finite float32 numbers, got inf at (3, 5)"),
    Misuse("Examples", "a number too large for the network's float type",
           "fit(net, 1e300 * np.ones((40, 64)), y, **settings)", ValueError,
           "x must hold finite float32 numbers, got 1e+300 at (0, 0)"),
    Misuse("Examples", "no data", "fit(net, x[:0], y[:0], **settings)", ValueError,
           "x and y must hold one row for each example, got 0 and 0 rows"),
    Misuse("Examples", "lengths that differ", "fit(net, x, y[:39], **settings)", ValueError,
           "x and y must hold one row for each example, got 40 and 39 rows"),
    Misuse("Examples", "lengths that differ, in a split", "split(x, y[:39], n_test=10, rng=rng)", ValueError,
           "x and y must hold one row for each example, got 40 and 39 rows"),
    Misuse("Examples", "a test set that leaves nothing to train on", "split(x, y, n_test=40, rng=rng)", ValueError,
           "n_test must be an integer in [1, 40), got 40"),
    Misuse("Examples", "validation data without targets", "fit(net, x, y, **settings, validation=x)", TypeError,
           "validation must be a pair (x, y), got float32 of shape (40, 64)"),
    # ---- targets
    Misuse("Examples", "a masked array", 'fit(net, np.ma.masked_less(x, 0), y, **settings)', TypeError,
           'x must be a plain array, got MaskedArray of float32 of shape (40, 64)'),
    Misuse("Examples", "images where rows are expected", 'fit(net, x.reshape(-1, 8, 8), y, **settings)', ValueError,
           'x must have shape (N, 64), got (1, 8, 8), for the first example of x, float32 of shape (40, 8, 8)'),
    Misuse("Targets", "a label out of range", "y[37] = 10; fit(net, x, y, **settings)", ValueError,
           "labels must be integers in [0, 10), got 10 at position 37"),
    Misuse("Targets", "a negative label", "y[0] = -1; evaluate(net, x, y, loss=cross_entropy)", ValueError,
           "labels must be integers in [0, 10), got -1 at position 0"),
    Misuse("Targets", "labels that are floats", "fit(net, x, y.astype(float), **settings)", ValueError,
           "labels must be integers of shape (40,), got float64 of shape (40,)"),
    Misuse("Targets", "one-hot labels", "fit(net, x, np.eye(10)[y], **settings)", ValueError,
           "labels must be integers of shape (40,), got float64 of shape (40, 10)"),
    Misuse("Targets", "texts as targets", "mean_squared_error(x, x.astype(str))", TypeError,
           "targets must hold numbers, got <U32 of shape (40, 64)"),
    Misuse("Targets", "a label of two classes that is neither 0 nor 1",
           "binary_cross_entropy(x[:, 0], y)", ValueError,
           "labels must be 0 or 1, got 2 at position 2"),
    Misuse("Targets", "ten outputs for two classes", "binary_cross_entropy(x, np.zeros((40, 64)))", ValueError,
           "logits must have shape (N, 1) or (N,), got (40, 64)"),
    Misuse("Targets", "shapes that would broadcast", "mean_squared_error(x[:, 0], x[:, :1])", ValueError,
           "targets must have the shape of the outputs, (40,), got (40, 1)"),
    Misuse("Targets", "nan in a target", "z = np.full((40, 10), np.nan); fit(net, x, z, **settings | "
           "{'loss': mean_squared_error})", ValueError,
           "y must hold finite float32 numbers, got nan at (0, 0)"),
    Misuse("Targets", "a masked array of labels", "cross_entropy(x, np.ma.masked_array(y, y > 5))", TypeError,
           "labels must be a plain array, got MaskedArray of int64 of shape (40,)"),
    Misuse("Targets", "logits that are probabilities already",
           "evaluate(Network([*net.layers, Sigmoid()]), x, y, loss=cross_entropy)", ValueError,
           "loss takes logits, and turns them into probabilities itself: leave out layer 3 (Sigmoid)"),
    Misuse("Targets", "classes of a network whose outputs are probabilities",
           "Network([*net.layers, Sigmoid()]).predict(x)", ValueError,
           "the outputs of the network must be logits to give classes, but end in layer 3 (Sigmoid): "
           "use forward(x)"),
    Misuse("Targets", "classes of a network that has learned values",
           "line = mlp([64, 1], rng=rng); fit(line, x, x[:, 0], **settings | {'loss': mean_squared_error}); "
           "line.predict(x)", ValueError,
           "the outputs of the network must be logits to give classes, but are values, as its loss has it: "
           "use forward(x)"),
    Misuse("Targets", "logits in half precision", "cross_entropy(np.ones((40, 10), np.float16), y)", TypeError,
           "logits must be an array of float32 or float64, got float16 of shape (40, 10)"),
    Misuse("Targets", "logits that are integers", "cross_entropy(np.ones((40, 10), int), y)", TypeError,
           "logits must be an array of floats, got int64 of shape (40, 10)"),
    # ---- settings
    Misuse("Targets", "a loss on logits behind a sigmoid",
           "fit(Network([Dense(64, 1, rng=rng), Sigmoid()]), x, y > 4, **settings | {'loss': binary_cross_entropy})",
           ValueError,
           'loss takes logits, and turns them into probabilities itself: leave out layer 1 (Sigmoid)'),
    Misuse("Settings", "a batch size of 0", "fit(net, x, y, **settings | {'batch_size': 0})", ValueError,
           "batch_size must be an integer in [1, 40], got 0"),
    Misuse("Settings", "a batch larger than the data", "fit(net, x, y, **settings | {'batch_size': 41})",
           ValueError, "batch_size must be an integer in [1, 40], got 41"),
    Misuse("Settings", "a batch size of 0, by hand", "next(batches(x, y, batch_size=0, rng=rng))", ValueError,
           "batch_size must be an integer in [1, 40], got 0"),
    Misuse("Settings", "a batch size of True", "fit(net, x, y, **settings | {'batch_size': True})", TypeError,
           "batch_size must be an integer in [1, 40], got True"),
    Misuse("Settings", "the name of an optimizer", "fit(net, x, y, **settings | {'optimizer': 'adam'})", TypeError,
           "optimizer must be an optimizer, such as SGD(0.1), got 'adam'"),
    Misuse("Settings", "the name of a loss", "evaluate(net, x, y, loss='cross_entropy')", TypeError,
           "loss must be a function, such as cross_entropy, got 'cross_entropy'"),
    Misuse("Settings", "the name of an activation", "mlp([64, 10], activation='relu', rng=rng)", TypeError,
           "activation must be a function, such as ReLU, got 'relu'"),
    Misuse("Settings", "the name of an initializer", "Dense(64, 10, initializer='he', rng=rng)", TypeError,
           "initializer must be a function, such as he, got 'he'"),
    Misuse("Settings", "a single callback", "fit(net, x, y, **settings, callbacks=print)", TypeError,
           "callbacks must be a list of functions, got builtin_function_or_method"),
    Misuse("Settings", "a history that is none", "fit(net, x, y, **settings, history=[])", TypeError,
           "history must be a History, or None, got list"),
    Misuse("Settings", "a text for yes or no", "SGD(0.1, momentum=0.9, nesterov='no')", TypeError,
           "nesterov must be True or False, got 'no'"),
    Misuse("Settings", "half an epoch", "fit(net, x, y, **settings | {'n_epochs': 0.5})", TypeError,
           "n_epochs must be an integer in [1, inf), got 0.5"),
    Misuse("Settings", "a negative rate", "SGD(-0.1)", ValueError,
           "lr must be a number in (0, inf), got -0.1"),
    Misuse("Settings", "a rate that is nan", "Adam(float('nan'))", ValueError,
           "lr must be a number in (0, inf), got nan"),
    Misuse("Settings", "a rate as text", "SGD('0.1')", TypeError,
           "lr must be a number in (0, inf), got '0.1'"),
    Misuse("Settings", "a schedule that turns negative",
           "fit(net, x, y, **settings | {'optimizer': SGD(lambda n: 0.1 - n)})", ValueError,
           "lr must give numbers in [0, inf), got -0.9 at step 1"),
    Misuse("Settings", "a schedule of no steps", "cosine(0.1, n_steps=0)", ValueError,
           "n_steps must be an integer in [1, inf), got 0"),
    Misuse("Settings", "a momentum of 1", "SGD(0.1, momentum=1)", ValueError,
           "momentum must be a number in [0, 1), got 1"),
    Misuse("Settings", "Nesterov without momentum", "SGD(0.1, nesterov=True)", ValueError,
           "nesterov needs a momentum above 0, got 0.0"),
    Misuse("Settings", "a negative decay", "Adam(weight_decay=-0.01)", ValueError,
           "weight_decay must be a number in [0, inf), got -0.01"),
    Misuse("Settings", "clipping to nothing", "clip_by_norm(np.ones(3), 0)", ValueError,
           "max_norm must be a number in (0, inf], got 0"),
    Misuse("Settings", "patience without validation data", "fit(net, x, y, **settings, patience=3)", ValueError,
           "validation must be a pair (x, y) where patience is given, got None"),
    Misuse("Settings", "a dropout rate of 1", "Dropout(1, rng=rng)", ValueError,
           "rate must be a number in [0, 1), got 1"),
    Misuse("Settings", "a leak of more than 1", "LeakyReLU(2)", ValueError, "slope must be a number in (0, 1], got 2"),
    Misuse("Settings", "a seed in place of a generator", "mlp([64, 10], rng=0)", TypeError,
           "rng must be a generator, such as np.random.default_rng(0), got int"),
    Misuse("Settings", "no generator for batches, by hand", "next(batches(x, y, batch_size=4, rng=None))", TypeError,
           "rng must be a generator, such as np.random.default_rng(0), got NoneType"),
    Misuse("Settings", "no generator to train with", "fit(net, x, y, **settings | {'rng': None})", TypeError,
           "rng must be a generator, such as np.random.default_rng(0), got NoneType"),
    Misuse("Settings", "the old kind of generator", "Dropout(0.5, rng=np.random.RandomState(0))", TypeError,
           "rng must be a generator, such as np.random.default_rng(0), got RandomState"),
    # ---- networks
    Misuse("Settings", "the name of an optimizer", "fit(net, x, y, **settings | {'optimizer': 'adam'})", TypeError,
           "optimizer must be an optimizer, such as SGD(0.1), got 'adam'"),
    Misuse("Settings", "one function as callbacks", "fit(net, x, y, **settings | {'callbacks': print})", TypeError,
           'callbacks must be a list of functions, got builtin_function_or_method'),
    Misuse("Settings", "a truth value as batch size", "fit(net, x, y, **settings | {'batch_size': True})", TypeError,
           'batch_size must be an integer in [1, 40], got True'),
    Misuse("Settings", "a word for yes or no", "SGD(0.1, momentum=0.9, nesterov='no')", TypeError,
           "nesterov must be True or False, got 'no'"),
    Misuse("Networks", "the name of a file in the place of a network", "evaluate('net.npz', x, y, loss=cross_entropy)",
           TypeError, "network must be a network, such as mlp([64, 10], rng=rng), got 'net.npz'"),
    Misuse("Networks", "dense layers that do not fit",
           "Network([Dense(64, 16, rng=rng), ReLU(), Dense(15, 10, rng=rng)])", ValueError,
           "layer 2 (Dense) takes 15 values, but layer 0 (Dense) gives 16"),
    Misuse("Networks", "other layers that do not fit",
           "Network([Flatten(), Dense(49, 10, rng=rng)]).predict(x.reshape(40, 1, 8, 8))", ValueError,
           "layer 1 (Dense) after layer 0 (Flatten): x must have shape (N, 49), got (40, 64)"),
    Misuse("Networks", "a class in place of a layer", "Network([Dense(64, 10, rng=rng), ReLU])", TypeError,
           "layers must hold layers, got type at position 1"),
    Misuse("Networks", "one layer at two places",
           "relu = ReLU(); Network([relu, Dense(64, 64, rng=rng), relu])", ValueError,
           "layers must be made one by one, got layer 0 (ReLU) again as layer 2"),
    Misuse("Networks", "a layer whose gradients have other names than its parameters",
           "net.layers[2].grads['w'] = net.layers[2].grads.pop('W'); net.gradients()", ValueError,
           "layer 2 (Dense): grads must have the keys of params, ['W', 'b'], got ['b', 'w']"),
    Misuse("Networks", "a layer whose gradient has another shape than its parameter",
           "net.layers[2].grads['b'] = np.zeros((1, 10)); net.gradients()", ValueError,
           "layer 2 (Dense): grads['b'] must have shape (10,), got float64 of shape (1, 10)"),
    Misuse("Networks", "half precision", "mlp([64, 10], rng=rng, dtype=np.float16)", TypeError,
           "dtype must be float32 or float64, got float16"),
    Misuse("Networks", "nan in the outputs", "broken(net).predict(x)", ValueError,
           "outputs must hold finite float32 numbers, got nan at (0, 0)"),
    Misuse("Networks", "nan in the outputs, to evaluate", "evaluate(broken(net), x, y, loss=cross_entropy)",
           ValueError,
           "loss must be a finite number, got nan: outputs of the network are not, or too large"),
    Misuse("Networks", "nan in the parameters", "fit(broken(net), x, y, **settings)", ValueError,
           "parameters must hold finite float32 numbers, got nan at (0,)"),
    Misuse("Networks", "no layers", "Network([])", ValueError, "layers must hold at least one layer, got none"),
    Misuse("Networks", "float types that differ",
           "Network([Dense(64, 16, rng=rng), Dense(16, 10, rng=rng, dtype=np.float64)])", ValueError,
           "layers must share one float type, got float32, float64"),
    Misuse("Networks", "a layer of no units", "mlp([64, 0, 10], rng=rng)", ValueError,
           "sizes[1] must be an integer in [1, inf), got 0"),
    Misuse("Networks", "integers as float type", "Dense(64, 10, rng=rng, dtype=int)", TypeError,
           "dtype must be float32 or float64, got int64"),
    Misuse("Networks", "a stride of 0", "Conv2D(1, 8, 3, stride=0, rng=rng)", ValueError,
           "stride must be an integer in [1, inf), got 0"),
    Misuse("Networks", "a negative padding", "Conv2D(1, 8, 3, padding=-1, rng=rng)", ValueError,
           "padding must be an integer in [0, inf), got -1"),
    Misuse("Networks", "images with other channels",
           "Conv2D(3, 8, 3, rng=rng).forward(x.reshape(40, 1, 8, 8))", ValueError,
           "x must have shape (N, 3, H, W), got (40, 1, 8, 8)"),
    Misuse("Networks", "a window larger than the image",
           "Conv2D(1, 8, 9, rng=rng).forward(x.reshape(40, 1, 8, 8))", ValueError,
           "x must be at least 9 by 9, padding included, got 8 by 8"),
    Misuse("Networks", "backward before forward", "net.backward(np.ones((40, 10)))", RuntimeError,
           "Dense.backward needs a forward(x, training=True) of its own before it"),
    Misuse("Networks", "backward after a forward that was no training",
           "net.forward(x); net.backward(np.ones((40, 10)))", RuntimeError,
           "Dense.backward needs a forward(x, training=True) of its own before it"),
    Misuse("Networks", "backward twice",
           "dy = net.forward(x, training=True); net.backward(dy); net.backward(dy)", RuntimeError,
           "Dense.backward needs a forward(x, training=True) of its own before it"),
    Misuse("Networks", "a gradient of fewer examples, which would fit all of them",
           "net.forward(x, training=True); net.backward(np.ones((1, 10)))", ValueError,
           "dy must have shape (40, 10), got float64 of shape (1, 10)"),
    Misuse("Networks", "rows that are not equally long", "net.predict([[0.5] * 64, [0.5] * 63])", ValueError,
           "x must be an array, or lists of equal lengths, got list"),
    Misuse("Networks", "one optimizer for two networks",
           "fit(net, x, y, **settings); fit(mlp([64, 10], rng=rng), x, y, **settings)", ValueError,
           "theta must be that of the first step: every network needs its own optimizer"),
    Misuse("Networks", "a gradient of another shape", "SGD(0.1).step(np.ones(3), np.ones(1))", ValueError,
           "dtheta must be like theta, float64 of shape (3,), got float64 of shape (1,)"),
    Misuse("Networks", "a gradient check in float32", "check_layer(net.layers[0], x, rng=rng)", ValueError,
           "a gradient check needs float64, got float32"),
    Misuse("Networks", "a loss that becomes nan in training",
           "fit(mlp([64, 1], rng=rng), 1e4 * x, x[:, 0], **settings | "
           "{'loss': mean_squared_error, 'n_epochs': 99})", training.Diverged,
           "loss must be a finite number, got inf in epoch 2, batch 1: "
           "try a smaller lr, or clip the gradients by max_norm"),
    # ---- saved networks and runs
    Misuse("Networks", "the same layer twice", 'Network([layer := Dense(10, 10, rng=rng), layer])', ValueError,
           'layers must be made one by one, got layer 0 (Dense) again as layer 1'),
    Misuse("Networks", "half precision", 'mlp([64, 10], rng=rng, dtype=np.float16)', TypeError,
           'dtype must be float32 or float64, got float16'),
    Misuse("Networks", "the name of an activation", "mlp([64, 16, 10], activation='relu', rng=rng)", TypeError,
           "activation must be a function, such as ReLU, got 'relu'"),
    Misuse("Networks", "classes from a network that ends in a sigmoid",
           'Network([Dense(64, 1, rng=rng), Sigmoid()]).predict(x)', ValueError,
           'the outputs of the network must be logits to give classes, but end in layer 1 (Sigmoid): use forward(x)'),
    Misuse("Networks", "a text in place of examples", "net.predict('digits')", TypeError,
           'x must hold floats, got <U6 of shape ()'),
    Misuse("Networks", "no examples at all", 'net.predict(None)', TypeError,
           'x must hold floats, got NoneType'),
    Misuse("Networks", "weights that are nan",
           '(broken := mlp([64, 10], rng=rng)).parameters().fill(np.nan); broken.predict(x)', ValueError,
           'outputs must hold finite float32 numbers, got nan at (0, 0)'),
    Misuse("Networks", "gradients under other keys than the parameters",
           "(d := Dense(64, 10, rng=rng)).grads.update(w=d.grads.pop('W')); fit(Network([d]), x, y, **settings)",
           ValueError,
           "layer 0 (Dense): grads must have the keys of params, ['W', 'b'], got ['b', 'w']"),
    Misuse("Saved networks", "a file cut short", "cut('net.npz', 500); net.load('net.npz')", ValueError,
           "net.npz must be a whole .npz file of ours, got: File is not a zip file"),
    Misuse("Saved networks", "a foreign file", "put('net.npz', b'PNG'); net.load('net.npz')", ValueError,
           "net.npz must be a whole .npz file of ours, got: File is not a zip file"),
    Misuse("Saved networks", "a foreign .npz", "np.savez('net.npz', a=1); net.load('net.npz')", ValueError,
           "net.npz must be a whole .npz file of ours, got: 'format is not a file in the archive'"),
    Misuse("Saved networks", "another architecture", "mlp([64, 8, 10], rng=rng).load('net.npz')", files.OtherNetwork,
           "net.npz must have the architecture "
           "'float32: Dense(W=(64, 8), b=(8,)), ReLU(), Dense(W=(8, 10), b=(10,))', got "
           "'float32: Dense(W=(64, 16), b=(16,)), ReLU(), Dense(W=(16, 10), b=(10,))'"),
    Misuse("Saved networks", "a checkpoint where a network is expected", "net.load('run.npz')", files.WrongFile,
           "run.npz must have the format 'scratchmlp network 1', got 'scratchmlp checkpoint 3'"),
    Misuse("Saved networks", "a checkpoint of another architecture",
           "load_checkpoint('run.npz', mlp([64, 10], rng=rng), optimizer=SGD(0.1), rng=rng)", files.OtherNetwork,
           "run.npz must have the architecture 'float32: Dense(W=(64, 10), b=(10,))', got "
           "'float32: Dense(W=(64, 16), b=(16,)), ReLU(), Dense(W=(16, 10), b=(10,))'"),
    Misuse("Saved networks", "a checkpoint of another optimizer",
           "load_checkpoint('run.npz', net, optimizer=Adam(), rng=rng)", ValueError,
           "optimizer must be SGD, as in run.npz, got Adam"),
    Misuse("Saved networks", "a checkpoint of an optimizer with another setting",
           "load_checkpoint('run.npz', net, optimizer=SGD(0.1, momentum=0.9), rng=rng)", ValueError,
           "optimizer must have momentum=0.0, as in run.npz, got 0.9"),
    Misuse("Saved networks", "no space left while saving", "with full_disk(): net.save('net.npz')", OSError,
           "[Errno 28] No space left on device; what was there before is untouched: 'net.npz'"),
    # ---- data sets
    Misuse("Data sets", "an IDX file cut short", "read_idx(idx[:20], 'a.gz', n_axes=3)", ValueError,
           "a.gz must be a whole gzip file, got: Compressed file ended before the end-of-stream marker was "
           "reached"),
    Misuse("Data sets", "a foreign file in place of IDX", "read_idx(b'P5 28 28', 'a.gz', n_axes=3)", ValueError,
           "a.gz must be a whole gzip file, got: Not a gzipped file (b'P5')"),
    Misuse("Data sets", "labels in place of images", "read_idx(idx, 'a.gz', n_axes=1)", ValueError,
           "a.gz must begin with 0, 0, 8, 1 and 1 sizes, got [0, 0, 8, 3]"),
    Misuse("Data sets", "a header that announces more than there is",
           "read_idx(announcing(2**32 - 1), 'a.gz', n_axes=3)", ValueError,
           "a.gz must hold 3367254359280 bytes, as its header says: (4294967295, 28, 28), got 784"),
    Misuse("Data sets", "a CIFAR-10 batch cut short", "read_cifar(bytes(3072), 'a.bin')", ValueError,
           "a.bin must hold whole records of 3073 bytes, got 3072 bytes"),
    Misuse("Data sets", "a foreign file in place of CIFAR-10", "read_cifar(b'%' * 3073, 'a.bin')", ValueError,
           "a.bin must hold labels in [0, 10), got 37 in record 0"),
    Misuse("Data sets", "a table cut short", "read_table(b'1,2,3\\n4,5', 'a.csv', n_columns=3)", ValueError,
           "a.csv must hold 3 numbers in each line, got 2 in line 2"),
    Misuse("Data sets", "a foreign table", "read_table(b'1,2\\n3,4', 'a.csv', n_columns=3)", ValueError,
           "a.csv must hold 3 numbers in each line, got 2 in line 1"),
    Misuse("Data sets", "another checksum", "put('a.bin', b'?'); verified(Path('a.bin'), 'a.bin')", WrongChecksum,
           f"a.bin must have the sha256 {hashlib.sha256(b'!').hexdigest()}, got {hashlib.sha256(b'?').hexdigest()}"),
]
# fmt: on


def idx_file(sizes):
    """One image of 28 x 28 bytes as a gzipped IDX file, whose header announces other sizes."""
    return gzip.compress(bytes([0, 0, 8, 3]) + b"".join(n.to_bytes(4, "big") for n in sizes) + bytes(784))


@contextlib.contextmanager
def full_disk():
    """While this lasts, no file can take more than 100 bytes."""

    def write_array(file, *array, **settings):
        file.write(bytes(100))
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("numpy.lib.format.write_array", write_array)
        yield


class Table:
    """What a table of another library looks like to NumPy."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return self.array


def weights(network):
    """What the layers of a network hold."""
    return [layer.params for layer in network.layers]


def broken(network):
    """A network of the same layers' shapes with nan among its weights."""
    network = copy.deepcopy(network)
    network.layers[0].params["W"][0] = np.nan
    return network


def given():
    """What the lines of the table find: a network, 40 examples, and settings for fit."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (40, 64), dtype=np.uint8)
    net = mlp([64, 16, 10], rng=rng)
    optimizer = SGD(0.1)
    settings = {"loss": cross_entropy, "optimizer": optimizer, "n_epochs": 1, "batch_size": 20, "rng": rng}
    net.save("net.npz")
    save_checkpoint("run.npz", net, optimizer=optimizer, rng=rng, history=History())
    return {
        **{name: value for module in MODULES for name, value in vars(module).items()},
        "np": np,
        "Table": Table,
        "broken": broken,
        "full_disk": full_disk,
        "rng": rng,
        "images": images,
        "x": (images / 255).astype(np.float32),
        "y": np.arange(40) % 10,
        "net": net,
        "settings": settings,
        "idx": idx_file((1, 28, 28)),
        "announcing": lambda n: idx_file((n, 28, 28)),
        "cut": lambda name, n: Path(name).write_bytes(Path(name).read_bytes()[:n]),
        "put": lambda name, data: Path(name).write_bytes(data),
    }


@pytest.mark.parametrize("row", MISUSES, ids=lambda row: row.what)
def test_a_misuse_gets_the_error_that_the_table_says(row, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(datafiles, "checksums", lambda: {"a.bin": hashlib.sha256(b"!").hexdigest()})
    names = given()
    before, files = copy.deepcopy(weights(names["net"])), sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(row.error) as caught:
        exec(row.code, names)
    assert str(caught.value) == row.message
    assert type(caught.value) is row.error
    if "two networks" not in row.what and "schedule that turns" not in row.what:  # there, a step was right
        np.testing.assert_equal(weights(names["net"]), before)
    assert sorted({path.name for path in tmp_path.iterdir()} - {"a.bin"}) == files  # nothing half written


def test_the_lines_fail_for_the_reason_that_they_name_and_no_other(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = given()
    right = "fit(net, x, y, **settings); net.save('net.npz'); net.load('net.npz'); read_idx(idx, 'a.gz', n_axes=3)"
    exec(right, names)


def test_the_table_has_a_line_for_each_misuse(capsys):
    lines = table().splitlines()
    assert sum(line.startswith("| ") for line in lines) == len(MISUSES) + len({row.topic for row in MISUSES})
    assert all("\n" not in row.message for row in MISUSES)


def table():
    """The rows as Markdown."""
    parts = []
    for topic, rows in groupby(MISUSES, key=lambda row: row.topic):
        parts.append(f"## {topic}\n\n| what is wrong | for example | error |\n|---|---|---|")
        for row in rows:
            message = row.message.replace("|", "\\|")
            parts.append(f"| {row.what} | `{row.code}` | `{row.error.__name__}: {message}` |")
        parts.append("")
    return "\n".join(parts)


def test_the_page_of_the_documentation_holds_these_rows():
    page = Path(__file__).parent.parent / "docs" / "package" / "misuse.md"
    assert table().rstrip() in page.read_text(encoding="utf-8"), (
        "run `python tests/test_misuse.py`, and paste"
    )


if __name__ == "__main__":
    print(table())
