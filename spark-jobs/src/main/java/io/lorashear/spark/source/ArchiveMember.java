package io.lorashear.spark.source;

import io.lorashear.spark.source.record.RawRecord;
import io.lorashear.spark.source.record.WholeFile;
import io.lorashear.spark.source.text.TextEncoding;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A file in an archive: a text, or several records, whose positions are appended to the file's
 * name.
 */
final class ArchiveMember implements Parser {
  private static final long serialVersionUID = 1;
  private static final int LOOKED_AT = 1 << 12;

  @Override
  public List<Reading> readings(InputFile file, RawRecord member) {
    var name = member.position();
    var place = file.place(name);
    if (Leavings.has(name.substring(name.lastIndexOf('/') + 1))) {
      return List.of(Dropped.at(place, DropReason.NO_DOCUMENT, member.bytes()));
    }
    var first = Arrays.copyOf(member.bytes(), Math.min(member.bytes().length, LOOKED_AT));
    var foreign = Foreign.of(first);
    if (foreign.isPresent()) {
      return List.of(Dropped.at(place, DropReason.NOT_READ, foreign.get().words));
    }
    var encoding = TextEncoding.of(first);
    var text = encoding.beginning(first);
    var cutOff = first.length < member.bytes().length;
    var told = Content.of(first, text, cutOff, name, Format.JSON_LINES.fields(file.options()));
    return told.content().notRead().isPresent()
        ? List.of(Dropped.at(place, DropReason.NOT_READ, text))
        : records(file.member(told, encoding), member);
  }

  private static List<Reading> records(InputFile file, RawRecord member) {
    var cutter = file.format() == Format.TEXT ? new WholeFile() : file.format().cutter(file);
    var content = file.plain(new ByteArrayInputStream(member.bytes()));
    var parser = file.parser();
    var readings = new ArrayList<Reading>();
    try {
      cutter
          .cut(content, file.options().recordBytes())
          .forEachRemaining(record -> readings.addAll(of(parser, file, member, record)));
    } catch (IOException | UncheckedIOException e) {
      var place = file.place(member.position());
      readings.add(Dropped.at(place, DropReason.INVALID_JSON, String.valueOf(e.getMessage())));
    }
    return readings;
  }

  private static List<Reading> of(
      Parser parser, InputFile file, RawRecord member, RawRecord record) {
    var inside = record.position().isEmpty() ? "" : "#" + record.position();
    var placed = new RawRecord(member.position() + inside, record.bytes(), record.state());
    return SliceReadings.of(parser, file, placed);
  }
}
