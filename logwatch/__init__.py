"""logwatch: one verdict, with proof, from worker logs."""

__version__ = "0.1.0"
