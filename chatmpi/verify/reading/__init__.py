"""Reading a candidate: that its text carries out a given plan, statement by statement."""
