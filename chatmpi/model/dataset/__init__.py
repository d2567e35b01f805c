"""Data sets that are made: variations of programs and random ones, with answers that the gate has accepted."""
