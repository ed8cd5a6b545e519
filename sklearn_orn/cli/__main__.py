"""``python -m sklearn_orn.cli``, as ``sklearn-orn``."""

import sys

from sklearn_orn.cli import main

if __name__ == "__main__":
    sys.exit(main())
