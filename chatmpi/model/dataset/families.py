"""The families of the data sets, and the programs that they are varied from.

Training has the paper's choice (ChatMPI, section 4). What tests it was not trained on.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

SETS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "train": {
            "AXPY": "serial/map/axpy.c",
            "DOT": "kernels/dot.c",
            "GEMV": "serial/row_block/gemv.c",
            "GEMM": "serial/row_block/gemm_ijk.c",
            "TRMV": "kernels/trmv.c",
            "TRMM": "serial/row_block/trmm.c",
            "CSR": "serial/sparse/csr.c",
            "CSC": "serial/sparse/csc.c",
            "3-point 1-D": "serial/stencil/heat1d.c",
            "5-point 2-D": "serial/stencil/jacobi_swap.c",
            "7-point 3-D": "serial/stencil/heat3d.c",
        },
        "refine": {
            "ROT": "serial/map/rot.c",
            "IAMAX": "serial/reduction/iamax.c",
            "GEMV transposed": "serial/row_block/gemv_transposed.c",
            "GESUMMV": "serial/row_block/gesummv.c",
            "SYR2K": "serial/row_block/syr2k.c",
            "ELL": "serial/sparse/ell.c",
            "DIA": "serial/sparse/dia.c",
            "wave 1-D": "serial/stencil/wave_fourth_order.c",
            "diffusion 2-D": "serial/stencil/variable_diffusion.c",
            "Jacobi, dense": "serial/solver/jacobi_dense.c",
        },
        "test": {
            "SCAL": "kernels/scal.c",
            "ASUM": "kernels/asum.c",
            "NRM2": "kernels/nrm2.c",
            "GER": "serial/row_block/ger.c",
            "SYMV": "serial/row_block/symv.c",
            "SYMM": "serial/row_block/symm.c",
            "COO": "serial/sparse/coo.c",
            "tridiagonal": "serial/row_block/tridiagonal_matvec.c",
            "9-point 2-D": "serial/stencil/nine_point.c",
            "11-point 3-D": "serial/stencil/eleven_point3d.c",
            "CG": "serial/solver/cg_tridiagonal.c",
        },
    }
)


def program_path(name: str) -> Path:
    """Of a program of the corpus, by its path there."""
    return Path(str(files("chatmpi.corpus"))) / name
