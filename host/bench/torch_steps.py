"""Times full training steps in PyTorch, float64, with Adam: torch_steps.py NETWORK THREADS SECONDS prints the median in
microseconds. The networks are those of networks.go."""

import sys
import time

import torch
from torch import nn

name, threads, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
torch.set_num_threads(threads)
torch.set_default_dtype(torch.float64)
torch.manual_seed(1)

networks = {
    "2-16-1, batch 32": (32, (2,), lambda: [nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1)], 1),
    "784-128-1, batch 64": (64, (784,), lambda: [nn.Linear(784, 128), nn.Tanh(), nn.Linear(128, 1)], 1),
    "DeepOBS perceptron, batch 128": (
        128,
        (784,),
        lambda: [nn.Linear(784, 1000), nn.ReLU(), nn.Linear(1000, 500), nn.ReLU(), nn.Linear(500, 100), nn.ReLU(), nn.Linear(100, 10)],
        10,
    ),
    "DeepOBS 2c2d, batch 128": (
        128,
        (1, 28, 28),
        lambda: [
            nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(64 * 49, 1024), nn.ReLU(), nn.Linear(1024, 10),
        ],
        10,
    ),
}
batch, shape, layers, outputs = networks[name]
model = nn.Sequential(*layers())
data = torch.rand(4096, *shape)
if outputs == 1:
    loss_of = nn.BCEWithLogitsLoss()
    targets = torch.randint(2, (4096, 1)).double()
else:
    loss_of = nn.CrossEntropyLoss()
    targets = torch.randint(outputs, (4096,))
adam = torch.optim.Adam(model.parameters())
times, losses = [], []
start = time.perf_counter()
k = 0
while len(times) < 5 or time.perf_counter() - start < seconds:
    begin = time.perf_counter()
    rows = torch.arange(k * batch, (k + 1) * batch) * 7 % 4096
    adam.zero_grad()
    loss = loss_of(model(data[rows]), targets[rows])
    loss.backward()
    adam.step()
    losses.append(loss.item())
    if k >= 3:
        times.append(time.perf_counter() - begin)
    k += 1
times.sort()
print(times[len(times) // 2] * 1e6)
