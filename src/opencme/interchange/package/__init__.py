"""The folder format: read with every problem at once, or write so that reading gives the same again."""
