"""The obligations of a plan, by what they are about: `prove.py` asks for them all."""
