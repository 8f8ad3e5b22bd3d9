"""The texts in nynorsk and bokmål; the originals in the code are English."""
