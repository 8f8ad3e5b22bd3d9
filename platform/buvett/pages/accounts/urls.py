from django.urls import path

from buvett.pages.accounts import declarations, front, invitations, own, people, second_factor

urlpatterns = [
    path("", front.front, name="front"),
    path("sign-in/", front.sign_in, name="sign_in"),
    path("sign-in/code/", second_factor.code, name="mfa_authenticate"),  # allauth sends people here by this name
    path("sign-in/demo/", front.sign_in_by_click, name="sign_in_by_click"),
    path("sign-out/", front.sign_out, name="sign_out"),
    path("sign-out/everywhere/", own.sign_out_everywhere, name="sign_out_everywhere"),
    path("account/", own.account, name="own_account"),
    path("account/app/", second_factor.app, name="own_app"),
    path("account/key/", second_factor.key, name="own_key"),
    path("account/factor/<int:factor>/remove/", own.remove_factor, name="own_factor_remove"),
    path("account/recovery-codes/", second_factor.recovery_codes, name="own_recovery_codes"),
    path("account/password/", own.password, name="own_password"),
    path("invitation/", invitations.accept, name="invitation"),
    path("invitation/<str:token>/", invitations.follow, name="invitation_link"),
    path("role/", front.hat, name="hat"),
    path("language/<slug:language>/", front.language, name="language"),
    path("municipality/<slug:code>/declaration/", declarations.declaration, name="declaration"),
    path("municipality/<slug:code>/people/", people.people_page, name="people"),
    path("municipality/<slug:code>/people/new/", people.invite, name="person_new"),
    path("municipality/<slug:code>/people/<uuid:membership>/", people.person, name="person"),
]
