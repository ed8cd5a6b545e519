"""Files as they are read and written, whatever room they are of."""
