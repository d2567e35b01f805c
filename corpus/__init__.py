"""Sequential programs as scientists write them, and an index that says what is expected of each."""
