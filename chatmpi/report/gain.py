"""What can be gained by a plan, where that is little: how much work it leaves to every rank, and why."""

from __future__ import annotations

from chatmpi.plan.plan import Plan, Undivided

_WORTH_TELLING = 0.3  # of the work
_NEXT_TO_ALL = 0.8
_NEARLY = 0.995
_LITTLE = 1.3  # times as fast


def gain_text(plan: Plan) -> str:
    """`about 97 % of the work stays whole on every rank: expect no speed-up`, with the main reasons; "" where much is
    gained."""
    if not plan.is_distributed:
        return ""
    if plan.undivided is not None and plan.undivided.share >= _WORTH_TELLING:
        return _left_whole(plan.undivided)
    alone = next((a.cost for a in plan.alternatives if a.subject == "the program"), None)
    if alone is not None and alone < _LITTLE * plan.cost:
        return "by the model, communication takes about as long as dividing saves: expect next to no speed-up"
    return ""


def _left_whole(whole: Undivided) -> str:
    expected = "no speed-up" if whole.share >= _NEXT_TO_ALL else f"a speed-up of at most {1 / whole.share:.1f}"
    share = f"about {100 * whole.share:.0f} %" if whole.share < _NEARLY else "nearly all"
    said = f"{share} of the work stays whole on every rank: expect {expected}"
    return f"{said}; most of it is in {' and '.join(whole.loops)}" if whole.loops else said
