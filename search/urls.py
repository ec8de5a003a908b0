from django.urls import URLPattern, URLResolver, path

from search import views

app_name = "search"
urlpatterns: list[URLPattern | URLResolver] = [
    path("search", views.search, name="search"),
    path("autocomplete", views.autocomplete, name="autocomplete"),
    path("lists/<id:list_id>/people", views.list_members, name="list_members"),
]
