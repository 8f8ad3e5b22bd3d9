"""Who may do what: permissions as an enum, roles as data, grants on cases. The only room that imports guardian."""
