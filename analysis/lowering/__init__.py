"""Changes of the tree before it is analysed: `lowerings.py` lists them, each module is one."""
