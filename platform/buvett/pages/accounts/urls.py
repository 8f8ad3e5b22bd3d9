from django.urls import path

from buvett.pages.accounts import declarations, front

urlpatterns = [
    path("", front.front, name="front"),
    path("sign-in/", front.sign_in, name="sign_in"),
    path("sign-in/demo/", front.sign_in_by_click, name="sign_in_by_click"),
    path("sign-out/", front.sign_out, name="sign_out"),
    path("role/", front.hat, name="hat"),
    path("language/<slug:language>/", front.language, name="language"),
    path("municipality/<slug:code>/declaration/", declarations.declaration, name="declaration"),
]
