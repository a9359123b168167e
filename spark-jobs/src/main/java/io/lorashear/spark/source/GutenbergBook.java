package io.lorashear.spark.source;

import io.lorashear.spark.source.record.RawRecord;
import io.lorashear.spark.source.text.DeclaredEncoding;
import io.lorashear.spark.source.text.GutenbergText;

/** A Project Gutenberg e-text, of any year and encoding. */
final class GutenbergBook implements Parser.OfDocuments {
  private static final long serialVersionUID = 1;

  @Override
  public Reading parse(InputFile file, RawRecord record) {
    var place = file.place(record.position());
    var read = DeclaredEncoding.read(record.bytes()).orElse(null);
    if (read == null) {
      return Dropped.at(place, DropReason.INVALID_ENCODING, record.bytes());
    }
    var found = GutenbergText.of(read.text());
    return found.book().isBlank()
        ? Dropped.at(place, DropReason.NO_TEXT, read.text())
        : warned(Document.at(place, Kind.TEXT, found.book(), ""), read, found);
  }

  private static Document warned(Document book, DeclaredEncoding.Read read, GutenbergText found) {
    var told = book;
    if (!read.asDeclared()) {
      var how = "declares \"%s\", is read as %s".formatted(read.declared(), read.charset());
      told = told.warning(Warning.NOT_AS_DECLARED, how);
    }
    if (found.whole()) {
      told = told.warning(Warning.TAKEN_WHOLE, "between its markers stands nothing");
    } else if (found.cut() > read.text().length() / 2) {
      var share = "%d of %d characters".formatted(found.cut(), read.text().length());
      told = told.warning(Warning.MOSTLY_CUT, share + " were taken for a licence");
    }
    if (found.inside() > 0) {
      var markers = "%d markers of Project Gutenberg inside".formatted(found.inside());
      told = told.warning(Warning.SEVERAL_PARTS, markers);
    }
    return told;
  }
}
