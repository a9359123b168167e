package io.lorashear.spark.source;

import io.lorashear.spark.source.record.Compression;
import io.lorashear.spark.source.record.ParquetRows;
import io.lorashear.spark.source.record.TarMembers;
import io.lorashear.spark.source.text.Encodings;
import io.lorashear.spark.source.wikitext.Namespaces;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/** Looks at the beginning of each file of a source: packed how, written how, in which format. */
final class Inspection {
  /** Enough packed bytes for the first block of any compression, and unpacked for a header. */
  private static final int PACKED = 1 << 20;

  private static final int UNPACKED = 1 << 16;

  /** Rows that tell sentences from books, and bytes a sentence has at most on the average. */
  private static final int LOOKED_AT = 100;

  private static final int SENTENCE = 1000;

  private final Configuration configuration;
  private final SourceSettings source;
  private final ReadOptions options;

  Inspection(Configuration configuration, SourceSettings source, LimitSettings limits) {
    this.configuration = configuration;
    this.source = source;
    options =
        new ReadOptions(
            source.textField(),
            source.separator().orElse(""),
            source.sentencesPerDocument(),
            source.firstRecords().orElse(Long.MAX_VALUE),
            limits.recordBytes());
  }

  /** Adds the file to {@code files}, or what is wrong with it to {@code problems}. */
  void look(FileStatus status, String name, List<InputFile> files, List<Unreadable> problems) {
    var file = file(status, name, Compression.NONE, new byte[0]);
    try {
      var packed = beginning(status);
      var compression = Compression.ofBytes(packed);
      file = file(status, name, compression, unpacked(packed, compression));
      var wrong = wrong(file, packed);
      if (wrong.isPresent()) {
        problems.add(wrong.get());
      } else {
        files.add(file);
      }
    } catch (IOException e) {
      problems.add(InputProblems.broken(file, e));
    }
  }

  private Optional<Unreadable> wrong(InputFile file, byte[] packed) throws IOException {
    var promised = Compression.ofName(file.name());
    if (packed.length == 0) {
      return Optional.of(InputProblems.empty(file));
    } else if (promised != Compression.NONE && promised != file.compression()) {
      return Optional.of(InputProblems.notPackedAsNamed(file, promised, packed));
    } else if (isZip(packed)) {
      return Optional.of(InputProblems.zip(file));
    } else if (file.parquet()) {
      return withoutColumn(file);
    }
    return file.format() == Format.AUTO
        ? Optional.of(InputProblems.unknownFormat(file, source.corpus(), packed))
        : Optional.empty();
  }

  private static boolean isZip(byte[] first) {
    return first.length >= 4
        && first[0] == 'P'
        && first[1] == 'K'
        && first[2] <= 8
        && first[3] == first[2] + 1;
  }

  private Optional<Unreadable> withoutColumn(InputFile file) throws IOException {
    var columns = ParquetRows.columns(new Path(file.path()), configuration);
    var wanted = file.format().selection(options).columns();
    return columns.stream().anyMatch(wanted::contains)
        ? Optional.empty()
        : Optional.of(InputProblems.noColumn(file, wanted, columns));
  }

  private InputFile file(FileStatus status, String name, Compression compression, byte[] text) {
    var charset = Encodings.charset(text);
    var header = new String(text, charset);
    var parquet = ParquetRows.isParquet(text) && compression == Compression.NONE;
    var told = parquet ? ofRows(status) : format(text, header);
    var format = source.format() == Format.AUTO ? told : source.format();
    return new InputFile(
        source.label(),
        name,
        Inputs.text(status.getPath()),
        status.getLen(),
        format,
        compression,
        parquet,
        charset.name(),
        format == Format.MEDIAWIKI ? Namespaces.of(header) : Namespaces.ENGLISH,
        options);
  }

  /** AUTO where the beginning fits no format the corpus comes in. */
  private Format format(byte[] text, String header) {
    var start = header.stripLeading();
    start = start.startsWith("\ufeff") ? start.substring(1).stripLeading() : start;
    if (TarMembers.isTar(text)) {
      return Format.TAR;
    }
    return switch (source.corpus()) {
      case WIKIPEDIA -> wikipedia(start);
      case ALPACA ->
          start.startsWith("[") || start.startsWith("{") ? Format.INSTRUCTIONS : Format.AUTO;
      case GUTENBERG -> start.startsWith("{\"") ? Format.JSON_LINES : Format.GUTENBERG;
      case BOOKCORPUS -> books(start);
      case OPENWEBTEXT, OTHER -> start.startsWith("{\"") ? Format.JSON_LINES : Format.TEXT;
    };
  }

  /** What the rows of a Parquet file of the corpus are; of BookCorpus, sentences or whole books. */
  private Format ofRows(FileStatus status) {
    return switch (source.corpus()) {
      case ALPACA -> Format.INSTRUCTIONS;
      case GUTENBERG -> Format.GUTENBERG;
      case BOOKCORPUS -> shortRows(status) ? Format.SENTENCES : Format.TEXT;
      case OPENWEBTEXT, WIKIPEDIA, OTHER -> Format.TEXT;
    };
  }

  private boolean shortRows(FileStatus status) {
    var selection = Format.TEXT.selection(options);
    var limit = options.recordBytes();
    var lengths = new ArrayList<Integer>();
    try (var rows =
        new ParquetRows(status.getPath(), configuration, 0, status.getLen(), selection, limit)) {
      while (lengths.size() < LOOKED_AT && rows.hasNext()) {
        lengths.add(rows.next().bytes().length);
      }
    } catch (IOException | RuntimeException e) {
      return false; // reading it will tell what is wrong
    }
    return lengths.stream().mapToInt(length -> length).average().orElse(0) < SENTENCE;
  }

  private static Format wikipedia(String start) {
    if (start.startsWith("<doc ")) {
      return Format.WIKIEXTRACTOR;
    } else if (start.startsWith("{")) {
      return Format.JSON_LINES;
    }
    var dump = start.contains("<mediawiki") || start.contains("<page>");
    return dump ? Format.MEDIAWIKI : Format.AUTO;
  }

  /** A book has blank lines between its paragraphs; a file of sentences has none. */
  private static Format books(String start) {
    if (start.startsWith("{\"")) {
      return Format.JSON_LINES;
    }
    var lines = start.lines().toList();
    var blank = lines.stream().filter(String::isBlank).count();
    return lines.size() >= 8 && blank * 50 < lines.size() ? Format.SENTENCES : Format.TEXT;
  }

  private byte[] beginning(FileStatus status) throws IOException {
    var path = status.getPath();
    try (var stream = path.getFileSystem(configuration).open(path)) {
      return stream.readNBytes((int) Math.min(status.getLen(), PACKED));
    }
  }

  /** The first bytes inside; fewer where the data breaks off, which reading will report. */
  private static byte[] unpacked(byte[] packed, Compression compression) {
    if (compression == Compression.NONE) {
      return Arrays.copyOf(packed, Math.min(packed.length, UNPACKED));
    }
    var bytes = new ByteArrayOutputStream();
    try (InputStream stream = compression.open(new ByteArrayInputStream(packed))) {
      while (bytes.size() < UNPACKED) {
        var next = stream.read();
        if (next < 0) {
          break;
        }
        bytes.write(next);
      }
    } catch (IOException e) {
      return bytes.toByteArray();
    }
    return bytes.toByteArray();
  }
}
