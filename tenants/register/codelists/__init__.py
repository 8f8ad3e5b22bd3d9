"""Versioned code lists of the kartlegging, and what files call their codes and columns: data, with a small loader."""

from tenants.register.codelists.columns import Column, Kind, RowWords, columns, row_words
from tenants.register.codelists.loader import Answer, Code, CodeList, code_list, list_ids

__all__ = ["Answer", "Code", "CodeList", "Column", "Kind", "RowWords", "code_list", "columns", "list_ids", "row_words"]
