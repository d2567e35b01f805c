"""What a program has to do with the world around it: input, streams, the answers of output calls, times."""
