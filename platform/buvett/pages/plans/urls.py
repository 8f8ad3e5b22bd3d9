from django.urls import path

from buvett.pages.plans import drafts, paper, sent

urlpatterns = [
    path("plans/", sent.plans, name="plans"),
    path("plans/<uuid:version>/", sent.plan, name="plan"),
    path("plans/<uuid:version>/paper.pdf", paper.paper, name="plan_paper"),
    path("drafts/", drafts.draft_list, name="drafts"),
    path("drafts/<uuid:plan>/", drafts.draft_page, name="draft"),
    path("drafts/<uuid:plan>/chapter/", drafts.chapter, name="chapter_new"),
    path("drafts/<uuid:plan>/chapter/<uuid:chapter>/", drafts.chapter, name="chapter"),
    path("drafts/<uuid:plan>/measure/", drafts.measure, name="measure_new"),
    path("drafts/<uuid:plan>/measure/<uuid:measure>/", drafts.measure, name="measure"),
    path("drafts/<uuid:plan>/measure/<uuid:measure>/number/", drafts.number, name="measure_number"),
]
