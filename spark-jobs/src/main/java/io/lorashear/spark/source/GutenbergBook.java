package io.lorashear.spark.source;

import io.lorashear.spark.source.record.RawRecord;
import io.lorashear.spark.source.text.Encodings;
import io.lorashear.spark.source.text.GutenbergText;

/** A Project Gutenberg e-text, of any year and encoding. */
final class GutenbergBook implements Parser.OfDocuments {
  private static final long serialVersionUID = 1;

  @Override
  public Reading parse(InputFile file, RawRecord record) {
    var place = file.place(record.position());
    var text = Encodings.book(record.bytes()).orElse(null);
    if (text == null) {
      return Dropped.at(place, DropReason.INVALID_ENCODING, record.bytes());
    }
    var book = GutenbergText.book(text);
    return book.isBlank()
        ? Dropped.at(place, DropReason.NO_TEXT, text)
        : Document.at(place, Kind.TEXT, book, "");
  }
}
