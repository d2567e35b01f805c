"""The second generator and the loop around it: data sets, LoRA tuning, decoding. It needs the extra `[model]`.

torch, transformers and peft are imported by the modules that name them only, and these by the commands that need them.
"""
