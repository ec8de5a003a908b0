import io

from PIL import Image


def picture(kind="JPEG", size=(640, 480), colour=(200, 30, 30), mode="RGB", **options) -> io.BytesIO:
    file = io.BytesIO()
    Image.new(mode, size, colour).save(file, kind, **options)
    file.seek(0)
    file.name = f"picture.{kind.lower()}"
    return file
