"""Writes the reference files beside it, with NumPy 2.4.6 and scikit-learn 1.9.1."""

import numpy as np
from sklearn.datasets import dump_svmlight_file, make_circles, make_moons

# npy_*.npy: the same 2 x 3 numbers, in each type and order that is read.
a = np.array([[1, 2, 3], [4, 5, 6]])
for t in "<f8 >f8 <f4 >f4 <i8 >i4 <i2 |i1 >u8 <u4 <u2 |u1".split():
    np.save(f"npy_{t[1:]}{'b' if t[0] == '>' else ''}.npy", a.astype(t))
np.save("npy_f8_fortran.npy", np.asfortranarray(a.astype(float)))
np.save("npy_u1_fortran.npy", np.asfortranarray(a.astype("u1")))
with open("npy_version2.npy", "wb") as f:
    np.lib.format.write_array(f, a.astype(float), version=(2, 0))
# Four images of 2 x 3 pixels and 2 channels that count from 0, in both orders.
images = np.arange(48).reshape(4, 2, 3, 2)
np.save("npy_images.npy", images.astype("f4"))
np.save("npy_images_fortran.npy", np.asfortranarray(images.astype("f4")))
np.save("npy_bool.npy", np.array([True, False, True, True]))
np.save("npy_object.npy", np.array([None, 1], dtype=object))

# sparse.libsvm: a 4 x 6 matrix with few values.
x = np.zeros((4, 6))
x[0, 2], x[1, 0], x[1, 5], x[3, 3] = 0.5, -1.25, 1e-3, 7
dump_svmlight_file(x, [1, -1, 1, -1], "sparse.libsvm", zero_based=False)

for name, (x, y) in {
    "moons": make_moons(12, shuffle=False),
    "circles": make_circles(12, shuffle=False, factor=0.5),
}.items():
    np.savetxt(f"{name}.csv", np.c_[x, y], delimiter=",", fmt="%.17g", header="x,y,class", comments="")
