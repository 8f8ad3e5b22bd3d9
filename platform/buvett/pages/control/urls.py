from django.urls import path

from buvett.pages.control import log, papers

urlpatterns = [
    path("municipality/<slug:code>/log/", log.log, name="log"),
    path("municipality/<slug:code>/papers/", papers.papers, name="papers"),
]
