"""How large a register may be. A region's registers have tens of rows; these bounds only keep a hostile file cheap."""

MAX_FILE_BYTES = 25_000_000
MAX_UNPACKED_BYTES = 150_000_000
MAX_ARCHIVE_ENTRIES = 2_000
# A sheet of repeated words packs about 1:30 and pure padding 1:1000; nothing above this is a register.
MAX_PACKING_RATIO = 250
PACKING_RATIO_COUNTS_FROM_BYTES = 20_000_000
MAX_ROWS = 50_000
MAX_COLUMNS = 128
MAX_CELLS = 3_000_000
MAX_SHEETS = 100
MAX_CELL_CHARACTERS = 32_767
# The last row number that a spreadsheet can have; a larger one is made up.
LAST_ROW_NUMBER = 1_048_576
