from django.urls import path

from buvett.pages.delivery import counts, deliveries, preparations, withdrawing

urlpatterns = [
    path("municipality/<slug:code>/counts/", counts.counts, name="counts"),
    path("municipality/<slug:code>/delivery/", deliveries.deliveries, name="deliveries"),
    path("municipality/<slug:code>/delivery/<uuid:run>/", deliveries.delivery, name="delivery"),
    path("municipality/<slug:code>/preparations/", preparations.preparations, name="preparations"),
    path("release/<uuid:release>/withdraw/", withdrawing.withdrawing, name="withdraw_release"),
]
