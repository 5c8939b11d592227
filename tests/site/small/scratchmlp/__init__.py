"""The package of the small house."""
