"""Random sequential programs: affine loop nests over arrays, free of undefined behaviour at every size from 1 up."""
