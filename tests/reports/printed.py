"""How large the letters of a written workbook are on paper, found in the file as a program that prints it reads it."""

import re
import zlib

_INCH = 72.0
_WIDTHS = {(9, "portrait"): 8.27, (9, "landscape"): 11.69, (8, "landscape"): 16.54}  # inches, by paper and how it lies
_NARROWEST_SCALE = 0.1


def visible(book):
    return [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]


def sheet_points(sheet):
    """Return how wide the columns of a sheet are that are printed, in points: a digit of eleven points has 7 pixels."""
    used = {cell.column for row in sheet.iter_rows() for cell in row if cell.has_style or cell.value is not None}
    widths = {}
    for dimension in sheet.column_dimensions.values():
        for column in range(dimension.min, dimension.max + 1):
            widths[column] = 0.0 if dimension.hidden else dimension.width
    return sum(widths.get(column, 9.14) * 7 * 0.75 for column in used)


def printed_scale(sheet):
    """Return the scale a sheet is printed at: what its columns need, or what is set where it takes several pages."""
    if not sheet.sheet_properties.pageSetUpPr.fitToPage:
        return sheet.page_setup.scale / 100
    assert sheet.page_setup.fitToWidth in (None, 1)  # one page is what nothing means
    assert sheet.page_setup.fitToHeight == 0
    inches = _WIDTHS[sheet.page_setup.paperSize, sheet.page_setup.orientation]
    room = (inches - sheet.page_margins.left - sheet.page_margins.right) * _INCH
    return max(min(1.0, room / sheet_points(sheet)), _NARROWEST_SCALE)


def printed_points(sheet):
    """Return the size of the smallest letters on the printed sheet."""
    sizes = {cell.font.size for row in sheet.iter_rows() for cell in row if cell.value is not None}
    return printed_scale(sheet) * min(sizes)


def glyph_sizes(pdf):
    """Return the sizes of letters in a PDF file as LibreOffice writes it."""
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    pages = [zlib.decompressobj().decompress(stream) for stream in streams if stream[:1] == b"\x78"]
    return {float(size) for page in pages for size in re.findall(rb"/F\d+ ([\d.]+) Tf", page)}
