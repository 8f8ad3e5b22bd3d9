"""Who has the cases: a local leader sees it, gives access, takes it back, hands a colleague's cases on."""
