"""Plans and verdicts for people and programs to read: text and JSON."""
