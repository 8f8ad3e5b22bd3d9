"""Why a file is refused as a whole, and what to do: in the language of the page."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from tenants.register.importing import RefusedCode

REFUSED_FILES: Mapping[RefusedCode, str | Promise] = {
    RefusedCode.NOT_FOUND: gettext_lazy("The file is not there. Choose it once more."),
    RefusedCode.NOT_A_FILE: gettext_lazy("This is no file. Choose a file."),
    RefusedCode.NOT_READABLE: gettext_lazy("The file cannot be read. Save it anew and try again."),
    RefusedCode.EMPTY_FILE: gettext_lazy("The file is empty. Choose another one."),
    RefusedCode.TOO_LARGE: gettext_lazy("The file is larger than any register. Choose another one."),
    RefusedCode.UNSAFE_ARCHIVE: gettext_lazy("The file is built in a way that is not safe. Save it anew as CSV."),
    RefusedCode.PASSWORD_PROTECTED: gettext_lazy("The file has a password. Save it without one and try again."),
    RefusedCode.OLD_FORMAT: gettext_lazy("The file has an old format. Save it as XLSX, ODS or CSV."),
    RefusedCode.UNKNOWN_FORMAT: gettext_lazy("The file is no register. CSV, XLSX and ODS files are read."),
    RefusedCode.DAMAGED: gettext_lazy("The file is damaged. Save it anew and try again."),
    RefusedCode.NO_HEADER: gettext_lazy(
        "No row names the columns of a register. The first row should hold Fødselsnummer, Busituasjon, Målgrupper …"
    ),
    RefusedCode.MISSING_COLUMNS: gettext_lazy(
        "A column that every row needs is missing: Fødselsnummer, Fødselsår, Busituasjon, Målgrupper, Bistandsnivå,"
        " Bustadtype or Registrert. Add it and try again."
    ),
    RefusedCode.MISSING_FLAG_COLUMNS: gettext_lazy(
        "The column Adressesperre or Motsegn is missing. Without it nobody can see who must not be counted. Add it,"
        " even if it is empty."
    ),
    RefusedCode.DUPLICATE_COLUMN: gettext_lazy("Two columns mean the same. Take one of them away."),
    RefusedCode.NO_DATA_ROWS: gettext_lazy("There is no row below the header. Choose another file."),
    RefusedCode.MAPPING_INVALID: gettext_lazy("The columns cannot be understood. Use the names of the template."),
}
