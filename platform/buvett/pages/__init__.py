"""Server-rendered pages, one file per noun."""
