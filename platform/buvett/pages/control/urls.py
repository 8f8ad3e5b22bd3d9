from django.urls import path

from buvett.pages.control import keeping, log, papers

urlpatterns = [
    path("municipality/<slug:code>/log/", log.log, name="log"),
    path("municipality/<slug:code>/papers/", papers.papers, name="papers"),
    path("municipality/<slug:code>/papers/bases/", keeping.adopt, name="bases"),
    path("municipality/<slug:code>/papers/bases/<uuid:basis>/", keeping.basis, name="basis"),
    path("municipality/<slug:code>/papers/agreement/<uuid:agreement>/", keeping.file_paper, name="paper_new"),
    path("municipality/<slug:code>/papers/<uuid:paper>/", keeping.paper, name="paper"),
]
