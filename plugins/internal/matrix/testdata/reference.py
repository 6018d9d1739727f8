#!/usr/bin/env python3
"""Writes scipy.json: what SciPy makes of the matrices of matrix_test.go. Needs numpy and scipy."""

import json
import pathlib

import numpy as np
import scipy.linalg


def sines(rows, columns):
    return np.array([[np.sin(1.3 * i + 0.7 * j * j + i * j) for j in range(columns)] for i in range(rows)])


answers = {"scipy": scipy.__version__}
for rows, columns in [(5, 3), (3, 5), (6, 6), (1, 4), (40, 70)]:
    a = sines(rows, columns)
    answers[f"polar {rows} {columns}"] = scipy.linalg.polar(a)[0].ravel().tolist()
for n in [1, 4, 9]:
    a = sines(n, n + 3)
    damped = a @ a.T
    damped += 1e-3 * np.linalg.eigvalsh(damped)[-1] * np.eye(n)
    answers[f"eigen {n}"] = scipy.linalg.eigvalsh(a @ a.T)[::-1].tolist()
    answers[f"root {n}"] = scipy.linalg.fractional_matrix_power(damped, -0.25).ravel().tolist()
    answers[f"qr {n}"] = scipy.linalg.qr(a[:, :n])[0].ravel().tolist()
    upper = np.triu(a[:, :n]) + 2 * np.eye(n)
    answers[f"divided {n}"] = scipy.linalg.solve_triangular(upper, a[:, :n].T, trans="T").T.ravel().tolist()
pathlib.Path(__file__).with_name("scipy.json").write_text(json.dumps(answers, indent=0) + "\n")
