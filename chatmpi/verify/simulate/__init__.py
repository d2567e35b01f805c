"""Run the sequential program and all ranks of a candidate side by side, at small sizes, with symbolic values."""
