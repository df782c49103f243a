"""What a decoder and its owner say to each other: one byte for what it is, four for the length of what follows."""

RENDER, TO_JPEG = b"r", b"j"  # what to do with a picture
GOES_ON, WAS_LAST = b"+", b"-"  # an answer, and whether the decoder takes another picture
BACKGROUND = "--background"  # an argument: others come first
