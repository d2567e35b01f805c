"""The small model of our own: a program line by line, and for each line the edit that its place needs.

What a small network gets wrong is copying names and binding them. So names, numbers and texts are slots, given out anew
for each line, and the network says only what becomes of the line: which slots, which of the generator's own words.
"""

from importlib.resources import files
from pathlib import Path

EDITS = "edits.json"  # in the folder of a model that answers with edits
SHIPPED = Path(str(files("chatmpi.model"))) / "shipped"
SHIPPED_NAME = "chatmpi-small"
