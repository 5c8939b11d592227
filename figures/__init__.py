"""One file per topic: ``SOURCES`` are recorded values, ``FIGURES`` the functions that draw them; nothing is measured."""
