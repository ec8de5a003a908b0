from django.urls import path

from core import views

app_name = "core"
urlpatterns = [
    path("health/live", views.alive, name="alive"),
    path("health/ready", views.ready, name="ready"),
    path("style", views.style, name="style"),
]
