"""Integer expressions: polynomials, pieces, isl sets, and what is known of variables."""
