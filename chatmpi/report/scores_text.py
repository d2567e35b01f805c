"""Scores of models as Markdown with a chart of bars, and as JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from chatmpi.evaluate import Outcome, Score
from chatmpi.report.generator_text import first_line

_BAR = 30


def scores_markdown(title: str, scores: Sequence[Score], memory: int | None = None) -> str:
    """A row for each family; `memory` that was used, in MiB."""
    ks = [k for k, _ in scores[-1].pass_at] if scores else []
    head = ["family", "items", "text match", "reads", "build@1", *(f"pass@{k}" for k in ks)]
    head += ["own edits"] if any(s.own_edits is not None for s in scores) else []
    head += ["communication", "tokens/s", "refused by"]
    rows = [_row(score, "own edits" in head) for score in scores]
    table = [head, ["---"] * len(head), *rows]
    lines = [f"# {title}", "", *(f"| {' | '.join(row)} |" for row in table), ""]
    lines += ["Communication is that of the accepted programs by the cost model, the template's being 1.", ""]
    lines += [f"Memory: {memory} MiB.", ""] if memory is not None else []
    return "\n".join([*lines, *_chart([(s.family, s.pass_at[0][1]) for s in scores], "pass@1")])


def _row(s: Score, with_edits: bool) -> list[str]:
    shares = [f"{s.matches:.2f}", f"{s.reads:.2f}", "-" if s.build_at_1 is None else f"{s.build_at_1:.2f}"]
    shares += [f"{p:.2f}" for _, p in s.pass_at]
    shares += ["-" if s.own_edits is None else f"{s.own_edits:.2f}"] if with_edits else []
    traffic = "-" if s.traffic is None else f"{s.traffic:.2f}"
    refused = ", ".join(f"{stage} {count}" for stage, count in s.refused) or "none"
    return [s.family or "-", str(s.items), *shares, traffic, f"{s.tokens_per_second:.0f}", refused]


def comparison_markdown(found: Mapping[str, Sequence[Score]]) -> str:
    """Models side by side: pass@1 by family, and of all pass@k where several candidates were asked for."""
    families = list(dict.fromkeys(s.family for scores in found.values() for s in scores if s.family != "all"))
    head = ["family", *found]
    rows = []
    for family in [*families, "all"]:
        by_model = [next((s for s in scores if s.family == family), None) for scores in found.values()]
        rows.append([family, *("-" if s is None else f"{s.pass_at[0][1]:.2f}" for s in by_model)])
    for k in sorted({k for scores in found.values() for s in scores for k, _ in s.pass_at if k > 1}):
        of_all = [dict(scores[-1].pass_at).get(k) if scores else None for scores in found.values()]
        rows.append([f"all, pass@{k}", *("-" if p is None else f"{p:.2f}" for p in of_all)])
    table = [head, ["---"] * len(head), *rows]
    lines = ["# pass@1", "", *(f"| {' | '.join(row)} |" for row in table), ""]
    totals = [(name, scores[-1].pass_at[0][1]) for name, scores in found.items() if scores]
    return "\n".join([*lines, *_chart(totals, "all")])


def _chart(values: Sequence[tuple[str, float]], title: str) -> list[str]:
    width = max((len(name) for name, _ in values), default=0)
    bars = [f"{name:{width}} {'█' * round(_BAR * v):{_BAR}} {v:.0%}" for name, v in values]
    return ["```", title, *bars, "```", ""]


def scores_document(name: str, scores: Sequence[Score], outcomes: Sequence[Outcome], about: Mapping[str, Any]) -> Any:
    """All numbers, and what became of every candidate."""
    return {
        "model": name,
        **about,
        "scores": [dataclasses.asdict(score) for score in scores],
        "outcomes": [
            {
                "item": o.item,
                "family": o.family,
                "candidate": o.attempt.number,
                "repair": o.attempt.repair,
                "accepted": o.attempt.accepted,
                "stage": o.attempt.stage,
                "why": first_line(o.attempt.why),
                "matches": o.matches,
                "builds": o.builds,
                "communication": o.traffic,
                "tokens": o.attempt.proposal.tokens,
                "seconds": o.attempt.proposal.seconds,
                "code": o.attempt.proposal.code,
            }
            for o in outcomes
        ],
    }
