package io.lorashear.spark.source;

import io.lorashear.spark.source.record.RawRecord;
import io.lorashear.spark.source.text.Encodings;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.commons.text.StringEscapeUtils;
import org.jspecify.annotations.Nullable;

/** A page as WikiExtractor writes it: the title, then one paragraph per line. */
final class ExtractedPage implements Parser.OfDocuments {
  private static final long serialVersionUID = 1;
  private static final Pattern LEFT_OVER_TAG = Pattern.compile("</?[a-zA-Z][^<>]{0,300}>");

  @Override
  public @Nullable Reading parse(InputFile file, RawRecord record) {
    var place = file.place(record.position());
    var text = Encodings.unicode(record.bytes()).orElse(null);
    if (text == null) {
      return Dropped.at(place, DropReason.INVALID_ENCODING, record.bytes());
    }
    var opening = text.indexOf("<doc ");
    var end = text.indexOf('>', Math.max(opening, 0));
    if (text.isBlank()) {
      return null;
    } else if (opening < 0 || end < 0) {
      return Dropped.at(place, DropReason.MALFORMED_XML, text);
    } else if (record.state() == RawRecord.State.LAST) {
      return InputProblems.endsInside(file, "a page");
    }
    var body = body(text.substring(end + 1));
    return body.isEmpty()
        ? Dropped.at(place, DropReason.NO_TEXT, text.strip())
        : Document.at(place, Kind.TEXT, body, "");
  }

  private static String body(String content) {
    return content
        .lines()
        .filter(line -> !line.isBlank())
        .skip(1)
        .map(line -> LEFT_OVER_TAG.matcher(StringEscapeUtils.unescapeHtml4(line)).replaceAll(""))
        .map(String::strip)
        .collect(Collectors.joining("\n\n"));
  }
}
