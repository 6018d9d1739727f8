"""Makes curvature.csv: torch's products of Hessians and Gauss-Newton matrices with a vector, in float64.

pip install torch; python3 curvature.py > curvature.csv       (made with torch 2.15.0)

The Hessian's product is by double backward. The Gauss-Newton matrix is written out, J' H J, with the Jacobian of the outputs and the
Hessian of the loss with respect to them. Examples, weights and the vector are made by drawn, here and in the test, of the same bits.
A row is a parameter. Batch normalisation is with the batch's own moments in training, and with these as constants in evaluation.
"""

import math
import sys

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
MASK = 0xFFFFFFFF


def drawn(n, salt):  # n numbers from -1 to 1
    numbers = []
    for i in range(n):
        h = ((i + 1) * 2654435761 + salt * 2246822519) & MASK
        h = ((h ^ (h >> 16)) * 2246822507) & MASK
        h = ((h ^ (h >> 13)) * 3266489909) & MASK
        numbers.append((h ^ (h >> 16)) / 2.0**31 - 1)
    return torch.tensor(numbers)


def dense(units, activation=None):
    def layer(x, take, training):
        y = x @ take(units, x.shape[1]).T + take(units)
        return activation(y) if activation else y

    return layer


def padded(x, size, stride, value):  # as TensorFlow's SAME; x is images x height x width x channels
    pads = []
    for d in (1, 0):
        n = x.shape[1 + d]
        total = max((math.ceil(n / stride[d]) - 1) * stride[d] + size[d] - n, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x.permute(0, 3, 1, 2), pads, value=value)


def conv(filters, size, stride, same, activation=None):
    def layer(x, take, training):
        w, b = take(filters, size[0], size[1], x.shape[3]), take(filters)
        x = padded(x, size, stride, 0) if same else x.permute(0, 3, 1, 2)
        y = F.conv2d(x, w.permute(0, 3, 1, 2), b, stride).permute(0, 2, 3, 1)
        return activation(y) if activation else y

    return layer


def max_pool(size, stride):
    return lambda x, take, training: F.max_pool2d(padded(x, size, stride, -math.inf), size, stride).permute(0, 2, 3, 1)


def average_pool(size, stride):  # over what is there
    def layer(x, take, training):
        total, there = (F.avg_pool2d(padded(t, size, stride, 0), size, stride) for t in (x, torch.ones_like(x)))
        return (total / there).permute(0, 2, 3, 1)

    return layer


def norm(activation=None):
    def layer(x, take, training):
        scale, bias = take(x.shape[-1]), take(x.shape[-1])
        over = tuple(range(x.dim() - 1))
        mean, variance = x.mean(over), x.var(over, correction=0)
        if not training:
            mean, variance = mean.detach(), variance.detach()
        y = scale * (x - mean) / torch.sqrt(variance + 1e-5) + bias
        return activation(y) if activation else y

    return layer


def flatten(x, take, training):
    return x.reshape(x.shape[0], -1)


ACTIVATIONS = {
    "elu": F.elu,
    "gelu": F.gelu,
    "leaky-relu": F.leaky_relu,
    "relu": F.relu,
    "sigmoid": torch.sigmoid,
    "silu": F.silu,
    "softplus": F.softplus,
    "tanh": torch.tanh,
}
LOSSES = {
    "mean-squared-error": lambda z, y: F.mse_loss(z, y),
    "binary-cross-entropy": lambda z, y: F.binary_cross_entropy_with_logits(z, (y > 0).to(z.dtype)),
    "softmax-cross-entropy": lambda z, y: F.cross_entropy(z, ((y[:, 0] + 1) * 1.5).long()),
}
IMAGE = (5, 4, 2)
NETWORKS = {name: ((3,), 0, [dense(4, f), dense(3, f), dense(3)]) for name, f in ACTIVATIONS.items()}
NETWORKS |= {
    "l2": ((4,), 0.3, [dense(3, torch.tanh), dense(3)]),
    "batch-norm": ((3,), 0, [dense(4), norm(torch.tanh), dense(3)]),
    "convolution": (IMAGE, 0, [conv(2, (3, 3), (1, 1), False, torch.tanh), conv(2, (2, 3), (2, 1), True), flatten, dense(3)]),
    "max-pool": (IMAGE, 0, [conv(2, (2, 2), (1, 1), True, torch.tanh), max_pool((2, 2), (2, 2)), flatten, dense(3)]),
    "average-pool": (IMAGE, 0, [conv(2, (2, 2), (1, 1), True, F.silu), average_pool((3, 3), (2, 2)), flatten, dense(3)]),
    "batch-norm, images": (IMAGE, 0, [conv(2, (2, 2), (1, 1), False), norm(F.softplus), flatten, dense(3)]),
}
EXAMPLES = 6


def outputs(layers, w, x, training):
    at = 0

    def take(*shape):
        nonlocal at
        n = math.prod(shape)
        at += n
        return w[at - n : at].reshape(shape)

    for layer in layers:
        x = layer(x, take, training)
    outputs.size = at
    return x


def main():
    print(f"made with torch {torch.__version__}", file=sys.stderr)
    print("network,loss,mode,gradient,hessian,gauss_newton")
    for name, (shape, l2, layers) in NETWORKS.items():
        x, y = drawn(EXAMPLES * math.prod(shape), 1).reshape(EXAMPLES, *shape), drawn(EXAMPLES * 3, 2).reshape(EXAMPLES, 3)
        outputs(layers, drawn(1000, 3), x, True)
        w, v = drawn(outputs.size, 3), drawn(outputs.size, 4)
        for loss, of in LOSSES.items():
            for mode in ("training", "evaluation") if "norm" in name else ("training",):
                forward = lambda w: outputs(layers, w, x, mode == "training")
                at = w.clone().requires_grad_()
                (g,) = torch.autograd.grad(of(forward(at), y) + l2 / 2 * at @ at, at, create_graph=True)
                (hv,) = torch.autograd.grad(g @ v, at)
                j = torch.autograd.functional.jacobian(forward, w).reshape(-1, len(w))
                z = forward(w)
                h = torch.autograd.functional.hessian(lambda z: of(z, y), z).reshape(z.numel(), z.numel())
                gv = j.T @ (h @ (j @ v)) + l2 * v
                for row in zip(g.tolist(), hv.tolist(), gv.tolist()):
                    print(f'"{name}",{loss},{mode},' + ",".join(f"{number:.17g}" for number in row))


main()
