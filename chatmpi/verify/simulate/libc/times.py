"""Times and dates. No two runs agree in one, so all are equal, but for programs that wait; as text they are the same
words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.memory import CHARS, codes, literal, typed
from chatmpi.verify.simulate.terms import Term, Terms, Ticks
from chatmpi.verify.simulate.values import NULL, Layout, Object, Pointer, bad_access

TIME_SIGNATURES = {
    **{"time": "p", "clock": "", "clock_gettime": "ip", "clock_getres": "ip", "timespec_get": "pi"},
    **{"gettimeofday": "pp", "difftime": "ll", "mktime": "p", "localtime": "p", "gmtime": "p", "localtime_r": "pp"},
    **{"gmtime_r": "pp", "asctime": "p", "ctime": "p", "strftime": "pusp", "omp_get_wtime": "", "omp_get_wtick": ""},
}
_NUMBERS = 9  # of a date, before its zone
_DATE = Layout(
    "struct tm",
    56,
    (*("int",) * _NUMBERS, "long", "pointer"),
    (*range(0, 4 * _NUMBERS, 4), 40, 48),
    [*(0,) * (_NUMBERS + 1), NULL],
)
_SHOWN = "(a time)"


def time_functions(terms: Terms, now: Callable[[], Term], moment: Callable[[], int]) -> dict[str, Callable[..., Any]]:
    """By their names in C; `now` gives the time in seconds, `moment` as a number that may grow."""

    def ticks(target: Pointer = NULL) -> int:
        found = Ticks(moment())
        if target[0] is not NULL[0]:
            target[0][target[1]] = found
        return found

    def both(target: Pointer) -> int:
        cells, index = target
        if not 0 <= index <= len(cells) - 2:
            raise bad_access(cells, index)
        cells[index : index + 2] = [Ticks(moment()), Ticks(1)]
        return 0

    def date(*_: Any) -> Pointer:
        return (Object([*[Ticks(1)] * (_NUMBERS + 1), literal(_SHOWN)], _DATE, "a date", _DATE.size), 0)

    def date_into(_from: Any, target: Pointer) -> Pointer:
        made, _ = date()
        target[0][target[1] : target[1] + len(made)] = made
        return target

    def written(to: Pointer, most: int, _form: Any, _date: Any) -> int:
        text = codes(_SHOWN)
        target, index = typed(to, CHARS)
        if most < len(text):
            return 0
        if not 0 <= index <= len(target) - len(text):
            raise bad_access(target, index)
        target[index : index + len(text)] = text
        return len(text) - 1

    return {
        **{"time": ticks, "clock": ticks, "mktime": lambda _date: Ticks(1)},
        **{"clock_gettime": lambda _which, to: both(to), "clock_getres": lambda _which, to: both(to)},
        **{"timespec_get": lambda to, _base: both(to) + 1, "gettimeofday": lambda to, _zone: both(to)},
        **{"difftime": lambda _end, _begin: terms.applied("time", 0.0), "omp_get_wtime": now, "omp_get_wtick": now},
        **{"localtime": date, "gmtime": date, "localtime_r": date_into, "gmtime_r": date_into, "strftime": written},
        **{"asctime": lambda _date: literal(f"{_SHOWN}\n"), "ctime": lambda _time: literal(f"{_SHOWN}\n")},
    }
