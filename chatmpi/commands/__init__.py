"""The subcommands, a file each, and what they share: options, and writing the output."""
