"""What the study did, in words that can be pasted, with references."""
