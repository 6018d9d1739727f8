"""Makes deepobs.csv: what NumPy's legacy generator draws, and DeepOBS's quadratic_deep as its definition reads.

pip install numpy; python3 deepobs.py > deepobs.csv       (made with numpy 2.x on x86-64, glibc 2.36)
"""

import numpy as np


def rotation(dimension, rng):
    t = 2 * np.pi * rng.uniform()
    r = np.array([[np.cos(t), np.sin(t)], [-np.sin(t), np.cos(t)]])
    for d in range(2, dimension):
        v = rng.normal(size=d + 1)
        x = np.eye(d + 1)[0] - v / np.linalg.norm(v)
        x /= np.linalg.norm(x)
        grown = np.eye(d + 1)
        grown[1:, 1:] = r
        r = grown - 2 * np.outer(x, x @ grown)
    return -r


def show(name, values):
    for i, value in enumerate(values):
        print(f"{name},{i},{value!r}".replace("np.float64(", "").replace(")", ""))


print("name,index,value")
show("uniform42", np.random.RandomState(42).uniform(size=20))
show("normal42", np.random.RandomState(42).normal(size=300))
show("normal43", np.random.RandomState(43).normal(size=300))
rng = np.random.RandomState(42)
eigenvalues = np.concatenate((rng.uniform(0, 1, 90), rng.uniform(30, 60, 10)))
r = rotation(100, rng)
q = r.T @ np.diag(eigenvalues) @ r
show("matrix", q[17])
start = np.ones(100)
for name, seed, rows in (("train", 42, 1000), ("test", 43, 896)):
    d = start - np.random.RandomState(seed).normal(0, 0.6, (1000, 100))[:rows]
    show(name + "_loss", [np.mean(np.einsum("ij,jk,ik->i", d, q, d)) / 2])
    show(name + "_gradient", (d @ q).mean(axis=0)[:10])
for name, column in (("tilt_x", 0), ("tilt_y", 1)):
    draws = np.random.RandomState(42).normal(size=20000).reshape(2, 10000)[column]
    show(name, draws[:5])
    show(name + "_mean", [draws.mean()])
