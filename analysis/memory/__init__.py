"""Where values are: arrays, their extents and rows, pointers into them, structs."""
