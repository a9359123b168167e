package io.lorashear.spark.source;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Known forms of files that are not read, each with the way to a readable form. */
enum Foreign {
  ARROW(
      "an Arrow file",
      "write it as Parquet: ds.to_parquet(\"x.parquet\"), with ds from datasets.load_from_disk or"
          + " Dataset.from_file",
      start -> binary(start, "ARROW1") || arrowStream(start) || binary(start, "FEA1")),
  ORC(
      "an ORC file",
      "write it as Parquet, with Spark or pyarrow.orc",
      start -> binary(start, "ORC")),
  AVRO(
      "an Avro file",
      "write it as Parquet or JSON lines, with avro-tools tojson",
      start -> begins(start, "Obj\1")),
  ENCRYPTED_PARQUET(
      "a Parquet file with an encrypted footer, for which there is no key here",
      "write it without encryption",
      start -> binary(start, "PARE")),
  SQLITE(
      "an SQLite database",
      "write its text as JSON lines: sqlite3 -json x.db 'select …' gives an array",
      start -> begins(start, "SQLite format 3\0")),
  PICKLE(
      "a Python pickle", "write it as JSON lines or Parquet, from Python", start -> pickle(start)),
  NUMPY("a NumPy array", "write its text as JSON lines", start -> begins(start, "\u0093NUMPY")),
  HDF5("an HDF5 file", "write its text as JSON lines", start -> begins(start, "\u0089HDF\r\n")),
  GGUF("a model in GGUF", "correct the path", start -> binary(start, "GGUF")),
  PDF(
      "a PDF",
      "extract its text first, for example with pdftotext",
      start -> begins(start, "%PDF-")),
  POSTSCRIPT(
      "PostScript",
      "extract its text first, for example with ps2ascii",
      start -> begins(start, "%!PS")),
  RTF(
      "a document in RTF",
      "write it as plain text, for example with unrtf or pandoc",
      start -> begins(start, "{\\rtf")),
  OLE(
      "a document of older Microsoft Office",
      "write it as plain text, for example with LibreOffice's --convert-to txt",
      start -> begins(start, "\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1")),
  EPUB(
      "an EPUB book",
      "write it as plain text, for example with pandoc -t plain",
      start -> zip(start) && start.contains("application/epub+zip")),
  WORD(
      "a Word document",
      "write it as plain text, for example with pandoc -t plain",
      start -> zip(start) && start.contains("word/")),
  EXCEL(
      "an Excel workbook",
      "write its text as JSON lines, for example with pandas",
      start -> zip(start) && start.contains("xl/")),
  ZIP("a zip archive, which is not read", "unpack it", Foreign::zip),
  SEVEN_ZIP(
      "a 7z archive, which is not read",
      "unpack it",
      start -> begins(start, "7z\u00bc\u00af'\u001c")),
  RAR("a rar archive, which is not read", "unpack it", start -> begins(start, "Rar!\u001a\7")),
  COMPRESS(
      "packed with compress, which is not read",
      "unpack it with gunzip",
      start -> begins(start, "\u001f\u009d")),
  LZIP("packed with lzip, which is not read", "unpack it", start -> begins(start, "LZIP\1")),
  MOBI(
      "a Kindle book",
      "write it as plain text, for example with Calibre's ebook-convert",
      start -> start.startsWith("BOOKMOBI", 60)),
  IMAGE(
      "an image",
      "leave it out of the paths",
      start ->
          begins(start, "\u0089PNG")
              || begins(start, "\u00ff\u00d8\u00ff")
              || begins(start, "GIF87a")
              || begins(start, "GIF89a")),
  WARC(
      "a WARC file, as Common Crawl has them",
      "extract the text of its pages as JSON lines, for example with warcio and trafilatura",
      start -> begins(start, "WARC/")),
  LFS_POINTER(
      "a pointer of Git LFS, and not the file itself",
      "fetch the file with git lfs pull",
      start -> begins(start, "version https://git-lfs.github.com/spec/")),
  SQL_DUMP(
      "a dump of a database in SQL",
      "write its text as JSON lines",
      start ->
          Pattern.compile("^(--\\s*\\n)?-- (MySQL|MariaDB|PostgreSQL|phpMyAdmin)\\b")
              .matcher(start)
              .find());

  private static final int PICKLED = 0x80;
  private static final int FAR = 64;

  /** Words for a message. */
  final String words;

  final String wayOut;
  private final Predicate<String> begins;

  Foreign(String words, String wayOut, Predicate<String> begins) {
    this.words = words;
    this.wayOut = wayOut;
    this.begins = begins;
  }

  /** Detects the form from the first unpacked bytes of a file. */
  static Optional<Foreign> of(byte[] first) {
    var start = new String(first, StandardCharsets.ISO_8859_1);
    return Arrays.stream(values()).filter(each -> each.begins.test(start)).findFirst();
  }

  /** Detects the form from the end of a name, for forms without a signature. */
  static Optional<String> ofName(String name) {
    var lower = name.toLowerCase(Locale.ROOT);
    if (lower.endsWith(".br")) {
      return Optional.of(
          "brotli data, which is read inside Parquet alone: unpack it with brotli -d");
    } else if (lower.endsWith(".tfrecord") || lower.endsWith(".tfrecords")) {
      return Optional.of("a file of TFRecords: write its text as JSON lines, with TensorFlow");
    } else if (lower.endsWith(".lzma")) {
      return Optional.of("packed with lzma, which is not read: unpack it with unlzma");
    }
    return Optional.empty();
  }

  private static boolean begins(String start, String magic) {
    return start.startsWith(magic);
  }

  /** Whether the signature is binary: one of letters only may also begin a text. */
  private static boolean binary(String start, String magic) {
    return begins(start, magic) && start.chars().limit(FAR).anyMatch(code -> code < '\t');
  }

  private static boolean zip(String start) {
    return begins(start, "PK\3\4") || begins(start, "PK\5\6") || begins(start, "PK\7\b");
  }

  /** A mark of four bytes and the length of a schema, which is a multiple of eight. */
  private static boolean arrowStream(String start) {
    return start.length() > 8
        && begins(start, "\u00ff\u00ff\u00ff\u00ff")
        && start.charAt(7) == 0
        && start.charAt(4) % 8 == 0;
  }

  /** Protocols 2 to 5; from the fourth on a frame follows. */
  private static boolean pickle(String start) {
    return start.length() > 3
        && start.charAt(0) == PICKLED
        && start.charAt(1) >= 2
        && start.charAt(1) <= 5
        && (start.charAt(1) < 4 ? "]}c(".indexOf(start.charAt(2)) >= 0 : start.charAt(2) == 0x95);
  }
}
