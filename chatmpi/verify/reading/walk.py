"""The lock-step walk: every statement of the sequential program and its counterpart in the candidate, in order.

What stands between counterparts must be an insertion that the plan calls for (insertions.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.tree import Stmt
from chatmpi.verify.reading import guards
from chatmpi.verify.reading.control import Control
from chatmpi.verify.reading.findings import LostTrack, Mismatch
from chatmpi.verify.reading.insertions import accept
from chatmpi.verify.reading.reading import Where
from chatmpi.verify.reading.row import Row, in_short, resembles


@dataclass
class Walk(Control):
    """A walk through one function."""

    def body(self, s: Stmt, c: Stmt, where: Where, outermost: bool = False) -> None:
        """The body of a loop, branch or function: braces around a single statement make no difference."""
        source = s.body if isinstance(s, tree.Block) else (s,)
        candidate = c.body if isinstance(c, tree.Block) else (c,)
        row = Row(tuple(source), outermost)
        for part in candidate:
            self.follow(row, part, where)
        self._finish(row, c, where)

    def follow(self, row: Row, c: Stmt, where: Where) -> None:
        """One statement of the candidate: an insertion, a group, or the counterpart of the row's next statement."""
        depth, heads = len(self.jumps), len(self.entries)
        try:
            accepted = accept(row, c, where, self)
            if accepted is not None:
                for part in accepted.body:
                    self.follow(row, part, accepted.inside or where)
                if accepted.completes:
                    self._arrive(row, c)
                return
            if isinstance(c, tree.Block) and not isinstance(row.next, tree.Block):
                for part in c.body:
                    self.follow(row, part, where)
                return
            self._advance(row, c, where)
        except Mismatch as found:
            del self.jumps[depth:], self.entries[heads:]
            self.reading.findings.record(found)

    def _finish(self, row: Row, c: Stmt, where: Where) -> None:
        """The end of a row: nothing of it is left, and all that belongs behind it has been done."""
        self._communicated(row, row.after(self.reading.intent), c, "after")
        for s in row.source[row.at :]:
            if not isinstance(s, tree.Empty):
                self.reading.findings.refute(c, f"the statement at {self.place(s)} is missing here: '{in_short(s)}'")

    def _communicated(self, row: Row, wanted: Sequence[int], c: tree.Node, side: str) -> None:
        """Every communication that belongs here has been found."""
        intent = self.reading.intent
        for number in wanted:
            planned = intent.communication(number)
            for part in sorted(row.parts(planned)):
                if (number, part) not in row.found and not row.found_alike(planned, part, intent):
                    self.reading.findings.refute(
                        c,
                        f"{row.describe(planned, part)} is missing {side} line {planned.start.line}",
                        row.loss(planned, part),
                    )

    def _advance(self, row: Row, c: Stmt, where: Where) -> None:
        """Pair the candidate's statement with the row's next."""
        s = row.next
        if s is None or not resembles(s, c, self.reading):
            s = self._realign(row, c)
        where = replace(where, fetched=dict(row.copies))
        self._arrive(row, c)
        guards.check_executed(s, c, where, self.reading)
        self.pair(s, c, where)

    def _arrive(self, row: Row, c: Stmt) -> None:
        """The row's next statement is reached: what belongs before it has been done."""
        self._communicated(row, row.after(self.reading.intent), c, "after")
        self._communicated(row, row.before(self.reading.intent), c, "before")
        row.step()

    def _realign(self, row: Row, c: Stmt) -> Stmt:
        """The statement that `c` is the counterpart of, where it is not the next; what is skipped is missing."""
        later = next((k for k in range(row.at + 1, len(row.source)) if resembles(row.source[k], c, self.reading)), None)
        if later is not None:
            for s in row.source[row.at : later]:
                self.reading.findings.refute(
                    c, f"the statement at {self.place(s)} is missing before this: '{in_short(s)}'"
                )
            row.at = later
            return row.source[later]
        self.reading.findings.record(self._surplus(row, c))
        raise LostTrack

    def _surplus(self, row: Row, c: Stmt) -> Mismatch:
        if row.at and resembles(row.source[row.at - 1], c, self.reading):
            return Mismatch(c, f"this is done once more than at {self.place(row.source[row.at - 1])}")
        if row.next is None:
            return Mismatch(c, "the sequential program has no such statement here")
        return Mismatch(c, f"this stands where '{in_short(row.next)}' stands at {self.place(row.next)}")

    def pair(self, s: Stmt, c: Stmt, where: Where) -> None:
        """Two statements that should do the same."""
        match s, c:
            case tree.Block(), tree.Block():
                self.body(s, c, where)
            case tree.Declaration(), tree.Declaration():
                self.declaration(s, c, where)
            case tree.ExprStmt(), tree.ExprStmt():
                self.expression(s, c, where)
            case tree.If(), tree.If():
                self.branch(s, c, where)
            case tree.For(), tree.For():
                self.counted(s, c, where)
            case tree.While(), tree.While():
                inside = self.inside(s, where)
                self.loop(s, lambda: self.repeat(s, c, inside))
            case tree.DoWhile(), tree.DoWhile():
                inside = self.inside(s, where)
                self.loop(s, lambda: self.repeat_after(s, c, inside))
            case tree.Return(), tree.Return():
                self.leave(s, c, where)
            case tree.Break(), tree.Break():
                self.jump(out=True)
            case tree.Continue(), tree.Continue():
                self.jump(out=False)
            case tree.Empty(), tree.Empty():
                pass
            case tree.UnknownStmt(), tree.UnknownStmt():
                self.other(s, c, where)
            case _:
                raise Mismatch(c, f"this stands where '{in_short(s)}' stands at {self.place(s)}")
