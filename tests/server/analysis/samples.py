"""Small files of many formats, made here: each says what its test looks for, and nothing else."""

import io
import random
import struct
import tarfile
import wave
import zipfile
import zlib
from collections.abc import Callable
from email.message import EmailMessage

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

Make = Callable[..., bytes]
Pack = Callable[[bytes], bytes]

OFFICE = "http://schemas.openxmlformats.org"
OASIS = "urn:oasis:names:tc:opendocument:xmlns"
PROSE = {
    "en": "The committee met in the morning and decided that the bridge should be repaired before winter. ",
    "de": "Der Ausschuss traf sich am Morgen und beschloss, dass die Brücke vor dem Winter repariert wird. ",
    "fr": "Le comité s'est réuni dans la matinée et a décidé que le pont serait réparé avant l'hiver. ",
}


def zipped(entries: dict[str, str | bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content, zipfile.ZIP_STORED if name == "mimetype" else None)
    return made.getvalue()


def tarred(entries: dict[str, bytes], mode: str = "w", links: dict[str, str] | None = None) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in entries.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        for name, target in (links or {}).items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            archive.addfile(entry)
    return made.getvalue()


def package(part: str, content: str, others: dict[str, str | bytes] | None = None) -> bytes:
    """An office document of one main part."""
    relation = f"{OFFICE}/officeDocument/2006/relationships"
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{OFFICE}/package/2006/content-types">'
            '<Default Extension="rels"'
            ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{OFFICE}/package/2006/relationships">'
            f'<Relationship Id="r1" Type="{relation}/officeDocument" Target="{part}"/></Relationships>',
            "docProps/core.xml": "<cp:coreProperties"
            f' xmlns:cp="{OFFICE}/package/2006/metadata/core-properties" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>A plan</dc:title>'
            "<dc:creator>Ada</dc:creator></cp:coreProperties>",
            part: content,
            **(others or {}),
        }
    )


def word(*pages: str) -> bytes:
    text = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'.join(
        f"<w:p><w:r><w:t>{page}</w:t></w:r></w:p>" for page in pages
    )
    namespace = f"{OFFICE}/wordprocessingml/2006/main"
    return package(
        "word/document.xml", f'<w:document xmlns:w="{namespace}"><w:body>{text}</w:body></w:document>'
    )


def slides(*texts: str) -> bytes:
    drawing, relation = f"{OFFICE}/drawingml/2006/main", f"{OFFICE}/officeDocument/2006/relationships"
    namespaces = f'xmlns:p="{OFFICE}/presentationml/2006/main" xmlns:a="{drawing}" xmlns:r="{relation}"'
    numbers = range(1, len(texts) + 1)
    ids = "".join(f'<p:sldId id="{255 + n}" r:id="r{n}"/>' for n in numbers)
    relations = "".join(
        f'<Relationship Id="r{n}" Type="{relation}/slide" Target="slides/slide{n}.xml"/>' for n in numbers
    )
    others: dict[str, str | bytes] = {
        "ppt/_rels/presentation.xml.rels": f'<Relationships xmlns="{OFFICE}/package/2006/relationships">'
        f"{relations}</Relationships>"
    }
    for n, text in enumerate(texts, 1):
        others[f"ppt/slides/slide{n}.xml"] = (
            f"<p:sld {namespaces}><p:cSld><p:spTree><p:sp><p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p>"
            "</p:txBody></p:sp></p:spTree></p:cSld></p:sld>"
        )
    content = f"<p:presentation {namespaces}><p:sldIdLst>{ids}</p:sldIdLst></p:presentation>"
    return package("ppt/presentation.xml", content, others)


def workbook(sheets: dict[str, list[list[str]]]) -> bytes:
    main, relation = f"{OFFICE}/spreadsheetml/2006/main", f"{OFFICE}/officeDocument/2006/relationships"
    listed = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(sheets, 1))
    relations = "".join(
        f'<Relationship Id="r{n}" Type="{relation}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    others: dict[str, str | bytes] = {
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{OFFICE}/package/2006/relationships">'
        f"{relations}</Relationships>"
    }
    for n, rows in enumerate(sheets.values(), 1):
        cells = "".join(
            "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row) + "</row>"
            for row in rows
        )
        others[f"xl/worksheets/sheet{n}.xml"] = (
            f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>'
        )
    content = f'<workbook xmlns="{main}" xmlns:r="{relation}"><sheets>{listed}</sheets></workbook>'
    return package("xl/workbook.xml", content, others)


def open_text(text: str) -> bytes:
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{OASIS}:manifest:1.0"/>',
            "content.xml": f'<office:document-content xmlns:office="{OASIS}:office:1.0"'
            f' xmlns:text="{OASIS}:text:1.0">'
            f"<office:body><office:text><text:p>{text}</text:p></office:text></office:body></office:document-content>",
        }
    )


def book(*chapters: str) -> bytes:
    items = "".join(
        f'<item id="c{n}" href="{n}.xhtml" media-type="application/xhtml+xml"/>' for n in range(len(chapters))
    )
    order = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    texts = {
        f"{n}.xhtml": f"<html><body><p>{chapter}</p></body></html>" for n, chapter in enumerate(chapters)
    }
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": f'<container xmlns="{OASIS}:container"><rootfiles>'
            '<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/>'
            "</rootfiles></container>",
            "book.opf": '<package xmlns="http://www.idpf.org/2007/opf"><metadata '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>A book</dc:title></metadata>'
            f"<manifest>{items}</manifest><spine>{order}</spine></package>",
            **texts,
        }
    )


def storage(stream: str) -> bytes:
    """The head of an OLE storage and, in its fourth sector, a directory with one stream."""
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(22) + struct.pack("<H16xI", 9, 3)
    return header.ljust(4 * 512, b"\0") + stream.encode("utf-16-le").ljust(512, b"\0")


def mail(text: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "ada@example.org", "max@example.org", "Grüße"
    message.set_content(text)
    message.add_attachment(b"\0" * 100, maintype="application", subtype="octet-stream", filename="plan.bin")
    return bytes(message)


def pdf(*pages: str, width: float = 595, height: float = 842) -> bytes:
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for n, page in enumerate(pages):
        shown = f"BT /F 24 Tf 50 700 Td ({page}) Tj ET"
        objects += [
            (
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents {5 + 2 * n} 0 R "
                "/Resources << /Font << /F 3 0 R >> >> >>"
            ),
            f"<< /Length {len(shown)} >>\nstream\n{shown}\nendstream",
        ]
    objects.append("<< /Title (A paper) /Author (Ada) >>")
    made, places = b"%PDF-1.5\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n{content}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    trailer = f"trailer << /Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R >>"
    return (
        made
        + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode()
        + f"{trailer}\nstartxref\n{len(made)}\n%%EOF".encode()
    )


def picture(width: int = 640, height: int = 480) -> Image.Image:
    """Something that no other size or turning of it looks like."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    image.paste((200, 30, 30), (0, 0, width // 2, height // 3))
    image.paste((20, 60, 200), (width // 5, height // 2, width // 3, height))
    return image


def saved(image: Image.Image, format_: str, **options: object) -> bytes:
    made = io.BytesIO()
    image.save(made, format_, **options)
    return made.getvalue()


def photograph(orientation: int = 1) -> bytes:
    """A JPEG that says where it was taken."""
    exif = Image.Exif()
    exif[Base.Make], exif[Base.Orientation] = "Kodak", orientation
    exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = "2024:05:06 07:08:09"
    exif.get_ifd(IFD.GPSInfo).update(
        {
            GPS.GPSLatitudeRef: "N",
            GPS.GPSLatitude: (48.0, 30.0, 0.0),
            GPS.GPSLongitudeRef: "W",
            GPS.GPSLongitude: (9.0, 15.0, 36.0),
        }
    )
    return saved(picture(), "JPEG", exif=exif)


def png(width: int, height: int) -> bytes:
    """A black PNG of any size, whose pixels need not fit into memory."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    pixels = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def sound(seconds: int = 2) -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(random.Random(1).randbytes(4 * 8000 * seconds))
    return made.getvalue()


def gzip_bomb(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(megabytes)) + packer.flush()
