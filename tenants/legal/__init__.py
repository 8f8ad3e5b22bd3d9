"""What the law asks for before a record is opened or counted: heimel, purposes, teieplikt declarations."""
