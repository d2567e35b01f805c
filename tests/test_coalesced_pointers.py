"""Pointers that take over what others hold: read by the names of those, spelled by their own."""

from __future__ import annotations

import pytest
from deciding import HEAD, array, exchanged

from chatmpi.analysis import tree
from chatmpi.analysis.calls.specialise import read_program
from chatmpi.analysis.facts import Facts, analyze
from chatmpi.analysis.memory.pointer_exchanges import pointer_exchanges
from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.restyle.passes import restyled
from chatmpi.analysis.source import Source
from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import decide

SWEEP = "for (int i = 1; i < n - 1; i++) r[i] = t[i - 1] + t[i + 1];"
TURN = "double *x = t; t = r; r = x;"
RELAX = f"""
static void relax(double *result, double *temp, int n, int steps) {{
  double *r = result, *t = temp;
  for (int s = 0; s < steps; s++) {{ {SWEEP} {TURN} }}
}}
"""
SUM = 's = 0; for (int i = 1; i < n; i++) s += {0}[i] * {0}[i - 1]; printf("%g", s);'


def facts_of(main: str, before: str = "") -> Facts:
    made = "double *a = malloc(n * sizeof *a), *b = malloc(n * sizeof *b), s;"
    filled = "for (int i = 0; i < n; i++) { a[i] = i; b[i] = 2 * i; }"
    text = f"{before}\nint main(int argc, char **argv) {{\nint n = atoi(argv[1]), steps = atoi(argv[2]);\n"
    text = f"{HEAD}{text}{made}\n{filled}\n{main}\nfree(a); free(b); return 0; }}\n"
    facts = analyze(read_program(Source.from_str("t.c", text)))
    assert facts is not None
    return facts


def divided(facts: Facts) -> set[str]:
    return {a.name for a in decide(facts).arrays if a.partition}


@pytest.mark.parametrize(
    ("main", "before"),
    [
        (f"relax(a, b, n, steps); double *out = steps & 1 ? a : b; {SUM.format('out')}", RELAX),
        (f"relax(a, b, n, steps); {SUM.format('a')} {SUM.format('b')}", RELAX),
        (f"double *r = a, *t = b; for (int k = 0; k < steps; k++) {{ {SWEEP} {TURN} }} {SUM.format('t')}", ""),
        (f"double *t = b, *r; r = a; for (int k = 0; k < steps; k++) {{ {SWEEP} {TURN} }} {SUM.format('a')}", ""),
    ],
)
def test_what_they_lead_to_is_divided(main: str, before: str) -> None:
    assert divided(facts_of(main, before)) == {"a", "b"}


def test_each_place_speaks_of_the_pointer_that_it_has() -> None:
    main = f"relax(a, b, n, steps); double *out = steps & 1 ? a : b; {SUM.format('out')} {SUM.format('a')}"
    facts = facts_of(main, RELAX)
    text = generate(facts, decide(facts)).text
    in_helper, in_main = text.split("int main")
    assert "MPI_Sendrecv(&t[1]" in in_helper
    assert [line.split("&")[1].split("[")[0] for line in in_main.splitlines() if "MPI_Sendrecv" in line] == ["out", "a"]


def test_which_of_them_has_which_memory_afterwards_is_left_open() -> None:
    facts = facts_of(f"relax(a, b, n, steps); {SUM.format('a')}", RELAX)
    sweep, after = (s for s in pointer_exchanges(facts.function.body))
    assert {t.name for t, _ in sweep.moves} == {t.name for t, _ in after.moves} == {"a", "b"}
    around = [s for s in tree.statements(facts.function.body) if isinstance(s, tree.If)]
    assert [s.then.id for s in around if set(after.statements) <= {t.id for t in tree.statements(s)}]


def test_a_choice_exchanges_them_by_its_own_condition() -> None:
    facts = facts_of(f"double *out = steps & 1 ? a : b; {SUM.format('out')} {SUM.format('b')}")
    first, last = (s for s in tree.statements(facts.function.body) if isinstance(s, tree.If))
    assert isinstance(first.condition, tree.Unary)
    assert isinstance(last.condition, tree.Name)
    assert exchanged(decide(facts)).count("halo a") == 1


def test_what_is_taken_over_twice_is_spoken_of_by_the_last() -> None:
    inner = f"double *out = steps & 1 ? r : t; {SUM.format('out')}"
    facts = facts_of(f"double *r = a, *t = b; for (int k = 0; k < steps; k++) {{ {SWEEP} {TURN} }} {inner}")
    text = generate(facts, decide(facts)).text
    assert [c for c in ("&r[", "&t[", "&out[", "&a[", "&b[") if c in text] == ["&t[", "&out["]


@pytest.mark.parametrize(
    "main",
    [
        # something else looks at the memory meanwhile
        f"double *r = a, *t = b; for (int k = 0; k < steps; k++) {{ {SWEEP} a[0] = k; {TURN} }} {SUM.format('t')}",
        f"b[0] = a[1]; double *r = a, *t = a; for (int k = 0; k < steps; k++) {{ {SWEEP} {TURN} }} {SUM.format('t')}",
        f"double *r = a, *t = b, **q = &r; for (int k = 0; k < steps; k++) {{ {SWEEP} {TURN} *q = b; }}",
        # what it leads to afterwards is more than a question of which
        f"double *r = a, *t = b; for (int k = 0; k < steps; k++) {{ {SWEEP} t = r; }} {SUM.format('a')}",
        f"double *r = a, *t = b; for (int k = 0; k < steps; k++) {{ {SWEEP} {TURN} r++; }} {SUM.format('a')}",
        # it is used before it is given, or elsewhere
        f"double *r = b, *t = b; if (argc > 4) r = a; {{ {SWEEP} }} {SUM.format('r')} {SUM.format('a')}",
    ],
)
def test_what_may_be_the_same_memory_is_not_divided(main: str) -> None:
    assert "a" not in divided(facts_of(main))


def test_a_variable_of_the_file_may_be_taken_over() -> None:
    before = f"""
double *kept; int n, steps;
static void start(void) {{ kept = malloc(n * sizeof *kept); for (int i = 0; i < n; i++) kept[i] = i; }}
static void run(void) {{
  double *r, *t; start(); t = kept; r = malloc(n * sizeof *r); double s;
  for (int k = 0; k < steps; k++) {{ {SWEEP} {TURN} }}
  {SUM.format("t")} free(t); free(r);
}}
"""
    text = f"{HEAD}{before}int main(int argc, char **argv) {{ n = atoi(argv[1]); steps = atoi(argv[2]); run(); }}"
    facts = analyze(read_program(Source.from_str("t.c", text)))
    assert facts is not None
    assert array(decide(facts), "kept").partition == array(decide(facts), "run::r").partition == "item"


def test_pointers_that_lead_to_two_arrays_are_given_up_in_any_order() -> None:
    for k in range(16):  # which is looked at first differs by their names
        r, t, x = f"r{k}", f"t{k}", f"x{k}"
        begin = f"double *a = malloc(72), *b = malloc(72), *{r} = a, *{t} = b;"
        loop = f"for (int k = 0; k < 9; k++) {{ {r}[k] = {t}[k]; double *{x} = {t}; {t} = {r}; {r} = {x}; }}"
        text = f"{HEAD}int main(int argc, char **argv) {{ {begin} {loop} return {t}[2] > 3; }}"
        shown = restyled(parse(Source.from_str("t.c", text)), ParseOptions()).source.shown
        assert f"{t}[k]" in shown
