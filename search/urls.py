from django.urls import URLPattern, URLResolver, path

from search import views

app_name = "search"
urlpatterns: list[URLPattern | URLResolver] = [
    path("search", views.search, name="search"),
    path("lists/<id:list_id>/people", views.people_of_list, name="people_of_list"),
]
