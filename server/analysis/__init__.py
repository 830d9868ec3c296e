"""The reading of files' content, in processes of its own that a bad file can end but not break out of."""
