package io.lorashear.spark.source;

import io.lorashear.spark.source.record.Layout;
import io.lorashear.spark.source.record.TarMembers;
import java.util.Collection;
import java.util.Optional;
import java.util.regex.Pattern;

/** Content of a file other than Parquet, detected from its beginning. */
enum Content {
  TAR(""),
  MEDIAWIKI(""),
  WIKIEXTRACTOR(""),
  /** JSON values, one per line. */
  JSON_LINES(""),
  /** JSON values over several lines, in arrays, or without separators. */
  JSON_VALUES(""),
  /** An HTML page. */
  HTML("an HTML page: extract its text first, for example with trafilatura"),
  /** A document of another vocabulary of XML. */
  XML("XML, and no dump of a MediaWiki: write its text as JSON lines"),
  /** A table with column names in the first line. */
  CSV(
      "a table (CSV or TSV): write it as JSON lines, for example with pandas:"
          + " pd.read_csv(\"x.csv\").to_json(\"x.jsonl\", orient=\"records\", lines=True)"),
  /** Printed Python dictionaries. */
  PYTHON("what Python prints of a dictionary, and no JSON: write it with json.dumps"),
  /** Any other text. */
  TEXT("");

  private static final Pattern BEFORE_XML =
      Pattern.compile("^\\s*(<\\?xml[^>]*>\\s*)?(<!--.*?-->\\s*)*", Pattern.DOTALL);
  private static final Pattern PAGE =
      Pattern.compile("^<(!doctype\\s+html|html|head|body)\\b", Pattern.CASE_INSENSITIVE);
  private static final Pattern VOCABULARY =
      Pattern.compile("^<[A-Za-z][\\w:.-]*\\s[^<>]*\\b(xmlns|version|xsi)\\b[^<>]*>");
  private static final Pattern DICTIONARY = Pattern.compile("^\\[?\\s*\\{\\s*'[^'\\n]{1,80}'\\s*:");

  private final String notRead;

  Content(String notRead) {
    this.notRead = notRead;
  }

  /** Words for a message, with the way to a readable form; empty if the content can be read. */
  Optional<String> notRead() {
    return Optional.of(notRead).filter(words -> !words.isEmpty());
  }

  /** Content of a file and, for JSON, the layout of its values. */
  record Detected(Content content, Layout layout) {
    Detected(Content content) {
      this(content, Layout.USUAL);
    }
  }

  /**
   * Detects the content of a file from its first bytes.
   *
   * @param bytes first bytes, unpacked
   * @param text the same as characters, without a byte-order mark
   * @param cutOff whether the file has more bytes
   * @param name name of the file
   * @param fields fields of records, any of which identifies an object as a record
   */
  static Detected of(
      byte[] bytes, String text, boolean cutOff, String name, Collection<String> fields) {
    if (TarMembers.isTar(bytes)) {
      return new Detected(TAR);
    }
    var start = text.stripLeading();
    if (start.startsWith("<")) {
      return new Detected(marked(start));
    } else if (DICTIONARY.matcher(start).find()) {
      return new Detected(PYTHON);
    }
    return new JsonBeginning(start, cutOff)
        .layout(fields)
        .map(layout -> new Detected(layout.equals(Layout.USUAL) ? JSON_LINES : JSON_VALUES, layout))
        .orElseGet(() -> new Detected(Table.has(text, name, fields) ? CSV : TEXT));
  }

  private static Content marked(String start) {
    var root = BEFORE_XML.matcher(start).replaceFirst("");
    if (root.startsWith("<doc ")) {
      return WIKIEXTRACTOR;
    } else if (PAGE.matcher(root).find()) {
      return HTML;
    } else if (start.contains("<mediawiki") || root.startsWith("<page>")) {
      return MEDIAWIKI;
    }
    return start.startsWith("<?xml") || VOCABULARY.matcher(root).find() ? XML : TEXT;
  }
}
