"""The page, its figures and tables, and all files of a study."""
