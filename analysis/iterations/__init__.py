"""What the iterations of a loop do to each other: dependences, and values that they combine, keep or look for."""
