"""Mutants of right MPI programs, and what `chatmpi verify` says of them.

`python -m mutation.campaign` (in `tests/`) makes and judges some 450 mutants of translations of the corpus and of the
baselines, and runs those that are not refuted under real MPI beside the sequential program. Those that it accepts are
in `survivors.tsv`, each with the reason why it does the same.
"""
