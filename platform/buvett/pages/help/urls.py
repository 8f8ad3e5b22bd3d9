from django.urls import path

from buvett.pages.help import glossary

urlpatterns = [path("words/", glossary.glossary, name="glossary")]
