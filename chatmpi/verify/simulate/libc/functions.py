"""The C library as far as the simulation knows it: each function with the kinds of its arguments.

`d`, `f`, `i`, `l`, `u`, `c`, `g`: converted to double, float, int, long, size_t, complex double and complex float;
`p`: a pointer or handle; `s`: a string, as text where it is a literal; `.`: all that follows.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from chatmpi.verify.simulate.libc.builtins import BUILTIN_SIGNATURES, under_other_names
from chatmpi.verify.simulate.libc.complex_numbers import COMPLEX_SIGNATURES
from chatmpi.verify.simulate.libc.conversions import CONVERSION_SIGNATURES
from chatmpi.verify.simulate.libc.mathematics import MATH_SIGNATURES
from chatmpi.verify.simulate.libc.options import OPTION_SIGNATURES
from chatmpi.verify.simulate.libc.sorting import SORTING_SIGNATURES
from chatmpi.verify.simulate.libc.strings import STRING_SIGNATURES
from chatmpi.verify.simulate.libc.times import TIME_SIGNATURES
from chatmpi.verify.simulate.terms import divided
from chatmpi.verify.simulate.variadic import VARIADIC_SIGNATURES

_UNARY = {
    **{"sqrt": math.sqrt, "cbrt": math.cbrt, "exp": math.exp, "exp2": math.exp2, "expm1": math.expm1},
    **{"log": math.log, "log2": math.log2, "log10": math.log10, "log1p": math.log1p, "fabs": abs},
    **{"sin": math.sin, "cos": math.cos, "tan": math.tan, "asin": math.asin, "acos": math.acos, "atan": math.atan},
    **{"sinh": math.sinh, "cosh": math.cosh, "tanh": math.tanh, "asinh": math.asinh, "acosh": math.acosh},
    **{"atanh": math.atanh, "erf": math.erf, "erfc": math.erfc, "tgamma": math.gamma, "lgamma": math.lgamma},
    **{"floor": math.floor, "ceil": math.ceil, "trunc": math.trunc, "rint": round, "nearbyint": round},
    "round": lambda x: math.floor(abs(x) + 0.5) * (1 if x >= 0 else -1),
}
_BINARY: dict[str, Callable[[float, float], float]] = {
    **{"pow": math.pow, "atan2": math.atan2, "fmod": math.fmod, "hypot": math.hypot, "copysign": math.copysign},
    "fdim": lambda a, b: max(a - b, 0.0),
    "remainder": math.remainder,
    "nextafter": math.nextafter,
}
UNARY: dict[str, Callable[[float], float]] = _UNARY  # type: ignore[assignment]
BINARY = _BINARY
EXTREMES = ("fmax", "fmin")
TESTS: dict[str, Callable[[float], bool]] = {
    "__builtin_isnan": math.isnan,
    "__builtin_isinf": math.isinf,
    "__builtin_isfinite": math.isfinite,
    "__builtin_signbit": lambda x: math.copysign(1.0, x) < 0,
    "isnan": math.isnan,
    "isinf": math.isinf,
}
NUMBERS = {
    **{"__builtin_huge_val": math.inf, "__builtin_huge_valf": math.inf, "__builtin_inff": math.inf},
    **{"__builtin_inf": math.inf},
}
_OTHERS = {
    **{"malloc": "u", "calloc": "uu", "realloc": "pu", "free": "p", "memcpy": "ppu", "memmove": "ppu"},
    **{"memset": "piu", "abs": "i", "labs": "l", "llabs": "l", "exit": "i", "abort": "", "rand": "", "srand": "u"},
    **{"printf": "s.", "fprintf": "ps.", "puts": "s", "fputs": "sp", "putchar": "i", "fputc": "ip", "putc": "ip"},
    **{"fflush": "p", "perror": "s", "fopen": "ss", "fclose": "p", "fscanf": "ps.", "scanf": "s."},
    **{"sscanf": "ss.", "fgets": "pip", "fgetc": "p", "getc": "p", "feof": "p", "ferror": "p", "getchar": ""},
    **{"getenv": "s", "fwrite": "puup", "fread": "puup"},
    **{"strcmp": "ss", "strlen": "s", "__builtin_nan": "s", "__builtin_nanf": "s", "lround": "d", "llround": "d"},
    "lrint": "d",
    **{"setbuf": "pp", "setvbuf": "ppiu", "usleep": "u", "sleep": "u", "strncmp": "ssu", "aligned_alloc": "uu"},
    **{"fma": "ddd", "gethostname": "pu", "getpid": "", "getppid": ""},
    **{
        "remove": "s",
        "rename": "ss",
        "getline": "ppp",
        "ungetc": "ip",
        "rewind": "p",
        "fseek": "pli",
        "clearerr": "p",
        "isatty": "i",
    },
    **{"posix_memalign": "puu", "bzero": "pu", "bcopy": "ppu", "ffs": "i", "imaxabs": "l"},
    **{"_Exit": "i", "_exit": "i", "quick_exit": "i", "erand48": "p", "nrand48": "p", "mrand48": ""},
    **{"__errno_location": "", "nanosleep": "pp", "rand_r": "p"},
    **{
        "toupper": "i",
        "tolower": "i",
        "isdigit": "i",
        "isspace": "i",
        "isalpha": "i",
        "__assert_fail": "..",
        "drand48": "",
        "srand48": "l",
        "lrand48": "",
        "random": "",
        "srandom": "u",
    },
}
_SYSTEM = {
    **{"mkdir": "si", "system": "s", "access": "si", "sysconf": "i", "omp_set_num_threads": "i"},
    **dict.fromkeys(("omp_get_max_threads", "omp_get_num_threads", "omp_get_num_procs", "omp_get_thread_num"), ""),
}
_REAL = {
    **dict.fromkeys(_UNARY, "d"),
    **{f"{name}f": "f" for name in _UNARY},
    **{f"{name}l": "d" for name in _UNARY},
    **dict.fromkeys((*_BINARY, *EXTREMES), "dd"),
    **{f"{name}f": "ff" for name in (*_BINARY, *EXTREMES)},
    **{f"{name}l": "dd" for name in (*_BINARY, *EXTREMES)},
}
SIGNATURES: dict[str, str] = {
    **_SYSTEM,
    **_REAL,
    **under_other_names(_REAL),
    **BUILTIN_SIGNATURES,
    **dict.fromkeys(TESTS, "d"),
    **dict.fromkeys(NUMBERS, ""),
    **_OTHERS,
    **STRING_SIGNATURES,
    **SORTING_SIGNATURES,
    **MATH_SIGNATURES,
    **COMPLEX_SIGNATURES,
    **CONVERSION_SIGNATURES,
    **TIME_SIGNATURES,
    **OPTION_SIGNATURES,
    **VARIADIC_SIGNATURES,
}


def real(function: Callable[..., float], *arguments: float) -> float:
    """A function's value; what Python refuses is not a number, what is too large is infinite."""
    try:
        return float(function(*arguments))
    except ValueError:
        return _at_the_edge(function, *arguments)
    except (OverflowError, ZeroDivisionError):
        return math.nan if any(a != a for a in arguments) else math.inf


def _at_the_edge(function: Callable[..., float], *arguments: float) -> float:
    if function in (math.log, math.log2, math.log10) and arguments[0] == 0:
        return -math.inf
    if function is math.pow and arguments[0] == 0:
        return divided(1.0, 0.0)
    if function in (math.floor, math.ceil, math.trunc, round):
        return arguments[0]
    return math.nan
