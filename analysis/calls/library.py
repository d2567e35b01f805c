"""What the functions of C's library do, as far as a decomposition needs to know."""

from __future__ import annotations

import enum


class Does(enum.Enum):
    """The effect of a call beside its value."""

    NOTHING = "computes a value from its arguments"
    ALLOCATES = "allocates or frees memory"
    WRITES_ARGUMENTS = "writes to memory that its arguments point to"
    STEPS_STATE = "steps a hidden state that is the same on every rank"
    OUTPUT = "writes to standard output, standard error or a file"
    FILE = "reads or writes a file"
    INPUT = "reads standard input"
    CLOCK = "gives a value that differs between ranks"
    EXITS = "ends the program"
    ANSWERS = "uses what a call answers that rank 0 alone makes"
    ASSERTS = "ends the program if an assertion does not hold"


def _table(**names: str) -> dict[str, Does]:
    return {name: Does[kind] for kind, many in names.items() for name in many.split()}


_MATH = """
    fabs sqrt cbrt pow exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan atan2 sinh cosh tanh asinh
    acosh atanh floor ceil trunc round nearbyint rint fmod remainder fmax fmin fdim hypot fma erf erfc tgamma
    lgamma copysign nextafter ldexp scalbn scalbln logb ilogb lround llround lrint llrint nan
"""
_TESTS = "isnan isinf isfinite isnormal signbit fpclassify isgreater isgreaterequal isless islessequal islessgreater"
_TESTS = " ".join(f"{f} __builtin_{f}" for f in f"{_TESTS} isunordered".split())
_COMPLEX = """
    creal cimag cabs carg conj cproj cexp clog csqrt cpow csin ccos ctan casin cacos catan csinh ccosh ctanh casinh
    cacosh catanh
"""
_COMPLEX = "__builtin_complex " + " ".join(f"{f} {f}f {f}l __builtin_{f}" for f in _COMPLEX.split())
_VARIANTS = " ".join(f"{f} {f}f {f}l __builtin_{f} __builtin_{f}f" for f in _MATH.split())

_BUILTINS = " ".join(f"__builtin_{f}{s}" for f in ("popcount", "clz", "ctz", "parity") for s in ("", "l", "ll"))
_BUILTINS += " __builtin_ffs __builtin_prefetch __builtin_va_start __builtin_va_end __builtin_va_copy"

LIBRARY: dict[str, Does] = _table(
    NOTHING=f"""{_VARIANTS} {_COMPLEX} {_TESTS} strerror __errno_location
        j0 j1 jn y0 y1 yn abs labs llabs imaxabs ffs {_BUILTINS} __builtin_expect __builtin_abs __builtin_labs
        __builtin_huge_val __builtin_inf __builtin_nan __builtin_inff __builtin_nanf __builtin_huge_valf
        __isnan __isinf __isnanf __isinff __finite __finitef __fpclassify __signbit
        atoi atol atoll atof strlen strnlen strcmp strncmp strcasecmp strncasecmp strcoll strchr strrchr strstr
        strpbrk strspn strcspn memcmp memchr isdigit isalpha isalnum isspace isblank isupper islower ispunct isprint
        isgraph iscntrl isxdigit toupper tolower div ldiv lldiv imaxdiv difftime bsearch""",
    ALLOCATES="malloc calloc realloc free aligned_alloc posix_memalign strdup strndup",
    WRITES_ARGUMENTS="""memcpy memmove memset strcpy strncpy strcat strncat sprintf snprintf vsprintf vsnprintf strtol
        strtoul strtoll strtoull strtoimax strtoumax strtod strtof strtold modf modff modfl frexp frexpf frexpl remquo
        remquof remquol qsort sscanf bzero bcopy strtok strtok_r""",
    STEPS_STATE="""rand srand random srandom drand48 srand48 lrand48 mrand48 erand48 nrand48 rand_r setlocale
        omp_set_num_threads fesetround getopt
        sleep usleep nanosleep""",
    OUTPUT="""printf fprintf puts putchar fputs fputc putc perror fflush vprintf vfprintf fwrite setvbuf setbuf
        remove rename mkdir system""",
    FILE="""fopen fclose freopen tmpfile fread fseek ftell rewind feof ferror fscanf fgets fgetc getc
        ungetc getline""",
    INPUT="scanf getchar gets",
    CLOCK="""time clock gettimeofday clock_gettime omp_get_wtime getpid getenv gethostname localtime gmtime ctime
        mktime strftime asctime getrusage times timespec_get clock_getres omp_get_wtick sysconf access
        omp_get_max_threads omp_get_num_threads omp_get_thread_num omp_get_num_procs getcwd""",
    EXITS="exit abort _exit _Exit quick_exit",
    ASSERTS="__assert_fail __assert_rtn __assert",
)

# Functions that go on with a text that they were given in an earlier call.
KEEPING = frozenset({"strtok", "strtok_r"})

# Functions that read or write a block of memory as a whole.
OF_BLOCKS = frozenset({"memcpy", "memmove", "memset", "fread", "fwrite"})

# Functions that give memory of a size that they are told.
ALLOCATING = frozenset({"malloc", "calloc", "realloc", "aligned_alloc"})

ENDING = frozenset({Does.EXITS, Does.ASSERTS})

# Output functions whose stream is an argument, and which one.
STREAM_ARGUMENT = {"fprintf": 0, "fputs": 1, "fputc": 1, "putc": 1, "fflush": 0, "vfprintf": 0, "fwrite": 3}

# Functions that write where their arguments point, from this one on, and do not keep the addresses.
RESULTS = {
    **{"scanf": 1, "fscanf": 2, "sscanf": 2, "modf": 1, "modff": 1, "frexp": 1, "frexpf": 1},
    **{"modfl": 1, "frexpl": 1, "remquo": 2, "remquof": 2, "remquol": 2},
    **{"strtol": 1, "strtoul": 1, "strtoll": 1, "strtoull": 1, "strtoimax": 1, "strtoumax": 1},
    **{"strtod": 1, "strtof": 1, "strtold": 1, "clock_getres": 1},
    **{"time": 0, "gettimeofday": 0, "clock_gettime": 1, "timespec_get": 0},
}
