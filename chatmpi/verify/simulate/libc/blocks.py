"""The C library's functions on memory: what allocates and frees it, copies and fills it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind, Unsupported
from chatmpi.verify.simulate.memory import run_of_bytes, store, typed
from chatmpi.verify.simulate.values import NULL, POISON, Layout, Object, Pointer


def free(pointer: Pointer) -> None:
    target, index = pointer
    if target is NULL[0]:
        return
    if target.state == "freed":
        raise Fault(f"memory is freed twice (of '{target.name}')", kind=Kind.MEMORY)
    if index != 0:
        raise Fault("a pointer is freed that malloc did not give", kind=Kind.MEMORY)
    target.clear()
    target.state = "freed"


def memory_functions(allocate: Callable[..., Pointer]) -> dict[str, Callable[..., Any]]:
    def posix_memalign(place: Pointer, _alignment: int, size: int, layout: Layout | None = None) -> int:
        made = allocate(size)
        store(*place, typed(made, layout) if layout else made)
        return 0

    def realloc(pointer: Pointer, size: int) -> Pointer:
        made = allocate(size)
        old = pointer[0]
        if old is not NULL[0] and made is not NULL:
            if old.layout is not None:
                cells = size // old.layout.size * len(old.layout.kinds)
                made[0].extend((list(old) + [POISON] * max(0, cells - len(old)))[:cells])
                made[0].layout, made[0].name = old.layout, old.name
            free(pointer)
        return made

    return {
        "malloc": lambda size: allocate(size),  # the place of the call is two frames up
        "calloc": lambda count, size: allocate(count * size, True),
        "aligned_alloc": lambda _alignment, size: allocate(size),
        **{"posix_memalign": posix_memalign, "bzero": _bzero, "bcopy": _bcopy},
        **{"free": free, "realloc": realloc, "memcpy": _memcpy, "memmove": _memmove, "memset": _memset},
    }


def _bzero(to: Pointer, size: int) -> None:
    _memset(to, 0, size)


def _bcopy(source: Pointer, to: Pointer, size: int) -> None:
    _memmove(to, source, size)


def _memcpy(to: Pointer, source: Pointer, size: int) -> Pointer:
    if size != 0 and to[0].layout is None and source[0].layout is not None and to[0].state == "live":
        raise Unsupported("memcpy into memory without a type")
    return _moved("memcpy", to, source, size, apart=True)


def _memmove(to: Pointer, source: Pointer, size: int) -> Pointer:
    return _moved("memmove", to, source, size, apart=False)


def _moved(name: str, to: Pointer, source: Pointer, size: int, apart: bool) -> Pointer:
    if size == 0:
        return to
    a, i, many = run_of_bytes(to, size)
    b, j, count = run_of_bytes(source, size)
    if not _alike(a, i, b, j, many, count):
        raise Unsupported(f"{name} between objects of different types")
    if apart and a is b and abs(i - j) < count:
        raise Fault(f"{name} between ranges that overlap", kind=Kind.MEMORY)
    a[i : i + count] = b[j : j + count]
    return to


def _memset(to: Pointer, byte: int, size: int) -> Pointer:
    if size == 0:
        return to
    target, index, count = run_of_bytes(to, size)
    assert target.layout is not None
    zeros = target.layout.zeros
    if byte != 0:
        zeros = [_repeated(kind, byte) for kind in target.layout.kinds]
    target[index : index + count] = [zeros[(index + k) % len(zeros)] for k in range(count)]
    return to


def _alike(a: Object, i: int, b: Object, j: int, many: int, count: int) -> bool:
    """Whether two runs of cells hold values of the same kinds."""
    mine, theirs = _kinds(a), _kinds(b)
    if a.layout is b.layout and (i - j) % len(mine) == 0:
        return many == count
    if many != count:
        return False
    if len({*mine, *theirs}) == 1:
        return True
    return all(mine[(i + k) % len(mine)] == theirs[(j + k) % len(theirs)] for k in range(count))


def _kinds(target: Object) -> tuple[str, ...]:
    return target.layout.kinds if target.layout is not None else ()


def _repeated(kind: str, byte: int) -> int:
    if kind in ("char", "signed char"):
        return (byte + 128) % 256 - 128
    if kind == "unsigned char":
        return byte % 256
    if kind in ("int", "short", "long", "long long") and byte % 256 == 255:
        return -1
    raise Unsupported(f"memset of {kind} by {byte}")
