"""One file per format of images and outlines; the list of them is `_registry.py`."""
