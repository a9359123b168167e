package io.lorashear.spark.source;

import io.lorashear.spark.source.record.Compression;
import io.lorashear.spark.source.record.Layout;
import io.lorashear.spark.source.record.ParquetRows;
import io.lorashear.spark.source.text.TextEncoding;
import io.lorashear.spark.source.wikitext.Namespaces;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/** Inspects the beginning of each file of a source: compression, encoding, format. */
final class Inspection {
  /**
   * Number of packed bytes read, enough for the first block of any compression; and of unpacked
   * bytes, enough for a header.
   */
  private static final int PACKED = 1 << 20;

  private static final int UNPACKED = 1 << 16;

  /**
   * Number of rows that are read to distinguish sentences from books, and maximum average bytes of
   * a sentence.
   */
  private static final int LOOKED_AT = 100;

  private static final int SENTENCE = 1000;

  private final Configuration configuration;
  private final SourceSettings source;
  private final ReadOptions options;
  private final List<Unreadable> withoutColumn = new ArrayList<>();
  private final Set<String> columns = new LinkedHashSet<>();

  Inspection(Configuration configuration, SourceSettings source, LimitSettings limits) {
    this.configuration = configuration;
    this.source = source;
    options =
        new ReadOptions(
            source.textField(),
            source.separator().orElse(""),
            source.sentencesPerDocument(),
            source.firstRecords().orElse(Long.MAX_VALUE),
            limits.recordBytes(),
            limits.windowBytes());
  }

  /** Adds the file to {@code files}, or its fault to {@code problems}. */
  void look(FileStatus status, String name, List<InputFile> files, List<Unreadable> problems) {
    var file = plain(status, name, Compression.NONE);
    try {
      var packed = beginning(status);
      var compression = Compression.ofBytes(packed);
      file = plain(status, name, compression);
      var wrong = wrong(file, packed);
      if (wrong.isPresent()) {
        problems.add(wrong.get());
      } else if (ParquetRows.isParquet(packed)) {
        file = rows(file, source.format(), true);
        lookAtRows(file, files);
      } else {
        lookInside(file, unpacked(packed, compression), files, problems);
      }
    } catch (IOException e) {
      problems.add(InputProblems.broken(file, e));
    }
  }

  /** Parquet files that lack the text column. */
  List<Unreadable> withoutColumn() {
    return withoutColumn;
  }

  /** The columns of all Parquet files. */
  Set<String> columns() {
    return columns;
  }

  private static Optional<Unreadable> wrong(InputFile file, byte[] packed) {
    var promised = Compression.ofName(file.name());
    var foreign = Foreign.of(packed);
    if (packed.length == 0) {
      return Optional.of(InputProblems.empty(file));
    } else if (foreign.isPresent()) {
      return Optional.of(InputProblems.foreign(file, foreign.get()));
    } else if (promised != Compression.NONE && promised != file.compression()) {
      return Optional.of(InputProblems.notPackedAsNamed(file, promised, packed));
    }
    return Foreign.ofName(file.name()).map(words -> InputProblems.notRead(file, words));
  }

  private void lookInside(
      InputFile file, byte[] first, List<InputFile> files, List<Unreadable> problems) {
    var foreign = Foreign.of(first);
    var again = Compression.ofBytes(first);
    if (foreign.isPresent()) {
      problems.add(InputProblems.foreign(file, foreign.get()));
    } else if (file.compression() != Compression.NONE && again != Compression.NONE) {
      problems.add(InputProblems.packedTwice(file, InputProblems.name(again)));
    } else if (ParquetRows.isParquet(first)) {
      problems.add(InputProblems.packedParquet(file));
    } else {
      read(file, first, files, problems);
    }
  }

  private void read(
      InputFile file, byte[] first, List<InputFile> files, List<Unreadable> problems) {
    var encoding = TextEncoding.of(first);
    var header = encoding.beginning(first);
    var fields = usual().fields(options);
    var told = Content.of(first, header, first.length == UNPACKED, file.name(), fields);
    var format = source.format() == Format.AUTO ? format(told.content(), header) : source.format();
    if (format == Format.AUTO) {
      problems.add(
          told.content()
              .notRead()
              .filter(words -> readsText())
              .map(words -> InputProblems.noText(file, words))
              .orElseGet(() -> InputProblems.unknownFormat(file, source.corpus(), header)));
      return;
    }
    var namespaces = format == Format.MEDIAWIKI ? Namespaces.of(header) : Namespaces.ENGLISH;
    files.add(file.as(format, told.layout(), encoding, namespaces));
  }

  /** The format of the source's JSON. */
  private Format usual() {
    var instructions =
        source.format() == Format.INSTRUCTIONS
            || source.format() == Format.AUTO && source.corpus() == Corpus.ALPACA;
    return instructions ? Format.INSTRUCTIONS : Format.JSON_LINES;
  }

  private boolean readsText() {
    return source.corpus() != Corpus.WIKIPEDIA && source.corpus() != Corpus.ALPACA;
  }

  private InputFile plain(FileStatus status, String name, Compression compression) {
    return new InputFile(
        source.label(),
        name,
        Inputs.text(status.getPath()),
        status.getLen(),
        source.format(),
        compression,
        Layout.USUAL,
        TextEncoding.PLAIN,
        Namespaces.ENGLISH,
        options);
  }

  /** The format for some content; AUTO if the corpus is not published in that form. */
  private Format format(Content content, String header) {
    return switch (content) {
      case TAR -> Format.TAR;
      case MEDIAWIKI -> Format.MEDIAWIKI;
      case WIKIEXTRACTOR -> Format.WIKIEXTRACTOR;
      case JSON_LINES, JSON_VALUES -> usual();
      case HTML, XML, CSV, PYTHON -> Format.AUTO;
      case TEXT ->
          switch (source.corpus()) {
            case WIKIPEDIA ->
                header.contains("<mediawiki") || header.contains("<page>")
                    ? Format.MEDIAWIKI
                    : Format.AUTO;
            case ALPACA -> Format.AUTO;
            case GUTENBERG -> Format.GUTENBERG;
            case BOOKCORPUS -> books(header);
            case OPENWEBTEXT, OTHER -> Format.TEXT;
          };
    };
  }

  private void lookAtRows(InputFile file, List<InputFile> files) throws IOException {
    var told = ofRows(file);
    var format = source.format() == Format.AUTO ? told : source.format();
    var wanted = format.columns(options);
    var there = ParquetRows.columns(new Path(file.path()), configuration, wanted);
    columns.addAll(there.keySet());
    if (there.keySet().stream().noneMatch(wanted::contains)) {
      withoutColumn.add(InputProblems.noColumn(file, wanted, List.copyOf(there.keySet())));
      return;
    }
    var text = format != Format.INSTRUCTIONS && there.getOrDefault(options.textField(), false);
    files.add(rows(file, format, text));
  }

  private static InputFile rows(InputFile file, Format format, boolean text) {
    return file.as(format, new Layout.Rows(text), TextEncoding.PLAIN, Namespaces.ENGLISH);
  }

  /**
   * The format of the rows of a Parquet file; those of BookCorpus may be sentences or whole books.
   */
  private Format ofRows(InputFile file) {
    return switch (source.corpus()) {
      case ALPACA -> Format.INSTRUCTIONS;
      case GUTENBERG -> Format.GUTENBERG;
      case BOOKCORPUS -> shortRows(file) ? Format.SENTENCES : Format.TEXT;
      case OPENWEBTEXT, WIKIPEDIA, OTHER -> Format.TEXT;
    };
  }

  private boolean shortRows(InputFile file) {
    var selection = Format.TEXT.selection(options, true);
    var path = new Path(file.path());
    var limit = options.recordBytes();
    var lengths = new ArrayList<Integer>();
    try (var rows = new ParquetRows(path, configuration, 0, file.size(), selection, limit)) {
      while (lengths.size() < LOOKED_AT && rows.hasNext()) {
        lengths.add(rows.next().bytes().length);
      }
    } catch (IOException | RuntimeException e) {
      return false; // reading it will report it
    }
    return lengths.stream().mapToInt(length -> length).average().orElse(0) < SENTENCE;
  }

  /**
   * The format of a file of BookCorpus: a book has blank lines between its paragraphs, a file of
   * sentences has none.
   */
  private static Format books(String start) {
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

  /** The first unpacked bytes; fewer if the data is truncated, which reading will report. */
  private static byte[] unpacked(byte[] packed, Compression compression) {
    if (compression == Compression.NONE) {
      return Arrays.copyOf(packed, Math.min(packed.length, UNPACKED));
    }
    var bytes = new ByteArrayOutputStream();
    try (InputStream stream = compression.open(new ByteArrayInputStream(packed))) {
      for (var next = stream.read(); next >= 0 && bytes.size() < UNPACKED; next = stream.read()) {
        bytes.write(next);
      }
    } catch (IOException | RuntimeException e) { // reading it will report it
      return bytes.toByteArray();
    }
    return bytes.toByteArray();
  }
}
