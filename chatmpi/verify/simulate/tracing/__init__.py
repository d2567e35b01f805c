"""Where a refuted run goes wrong: its history, recorded beside the sequential program's, and followed back."""
