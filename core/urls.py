from django.urls import path

from core import views

app_name = "core"
urlpatterns = [
    path("health/live", views.alive, name="alive"),
    path("health/ready", views.ready, name="ready"),
    path("health/jobs", views.jobs, name="jobs"),
    path("robots.txt", views.robots, name="robots"),
    path("live/since", views.since, name="since"),
    path("words/<slug:language>.js", views.js_messages, name="js_messages"),
    path("style", views.style, name="style"),
]
