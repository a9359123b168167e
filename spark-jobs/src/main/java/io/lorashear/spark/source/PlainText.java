package io.lorashear.spark.source;

import io.lorashear.spark.source.record.RawRecord;
import io.lorashear.spark.source.text.Encodings;
import org.jspecify.annotations.Nullable;

/** A record that is plain text. */
final class PlainText implements Parser.OfDocuments {
  private static final long serialVersionUID = 1;

  @Override
  public @Nullable Reading parse(InputFile file, RawRecord record) {
    var place = file.place(record.position());
    var text = Encodings.unicode(record.bytes()).orElse(null);
    if (text == null) {
      return Dropped.at(place, DropReason.INVALID_ENCODING, record.bytes());
    } else if (text.isBlank()) {
      var afterLastSeparator = record.state() == RawRecord.State.LAST;
      return afterLastSeparator ? null : Dropped.at(place, DropReason.NO_TEXT, "");
    }
    return Markup.told(Document.at(place, Kind.TEXT, Encodings.lineFeeds(text).strip(), ""));
  }
}
