"""`make bench`: what is promised of speed and memory, measured side by side on one machine."""
