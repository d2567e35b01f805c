"""Decide how a program's data and loops are divided: distributions, communication, cost. No text, no parser."""
