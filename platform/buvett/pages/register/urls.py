from django.urls import path

from buvett.pages.register import cases, columns, editing, moving, uploads

OWN = "municipality/<slug:code>"

urlpatterns = [
    path("cases/", cases.own_cases, name="own_cases"),
    path(f"{OWN}/cases/", cases.case_list, name="cases"),
    path(f"{OWN}/cases/new/", editing.new_case, name="case_new"),
    path(f"{OWN}/cases/<uuid:case>/", cases.case, name="case"),
    path(f"{OWN}/cases/<uuid:case>/edit/", editing.edit_case, name="case_edit"),
    path(f"{OWN}/cases/<uuid:case>/state/<slug:verb>/", moving.move_case, name="case_move"),
    path(f"{OWN}/cases/<uuid:case>/looks/", cases.looks, name="case_looks"),
    path(f"{OWN}/uploads/", uploads.upload_list, name="uploads"),
    path(f"{OWN}/uploads/<uuid:run>/", uploads.upload, name="upload"),
    path(f"{OWN}/uploads/columns/", columns.column_list, name="columns"),
    path(f"{OWN}/uploads/<uuid:run>/columns/", columns.upload_columns, name="upload_columns"),
    path(f"{OWN}/uploads/<uuid:run>/rows/<int:row>/", uploads.upload_row, name="upload_row"),
    path(f"{OWN}/uploads/<uuid:run>/refused/", uploads.upload_refused, name="upload_refused"),
    path(f"{OWN}/uploads/<uuid:run>/undo/", uploads.upload_undo, name="upload_undo"),
]
