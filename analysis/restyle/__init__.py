"""Programs spelled in the style that the analysis reads: `passes.py` lists the passes, each module is one."""
