package io.lorashear.spark.source;

import io.lorashear.spark.source.record.Layout;
import io.lorashear.spark.source.record.TarMembers;
import java.util.Collection;
import java.util.Optional;
import java.util.regex.Pattern;

/** What a file that is no Parquet holds: a closed list of answers, told from its beginning. */
enum Content {
  TAR(""),
  MEDIAWIKI(""),
  WIKIEXTRACTOR(""),
  /** JSON values, a line each. */
  JSON_LINES(""),
  /** JSON values over several lines, in arrays, or without anything between them. */
  JSON_VALUES(""),
  /** A page for a browser. */
  HTML("an HTML page: extract its text first, for example with trafilatura"),
  /** A document of another vocabulary of XML. */
  XML("XML, and no dump of a MediaWiki: write its text as JSON lines"),
  /** A table with the names of its columns in the first line. */
  CSV(
      "a table (CSV or TSV): write it as JSON lines, for example with pandas:"
          + " pd.read_csv(\"x.csv\").to_json(\"x.jsonl\", orient=\"records\", lines=True)"),
  /** What Python prints of its dictionaries. */
  PYTHON("what Python prints of a dictionary, and no JSON: write it with json.dumps"),
  /** None of these. */
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

  /** As it stands behind "is", with the way to what is read; empty of what is. */
  Optional<String> notRead() {
    return Optional.of(notRead).filter(words -> !words.isEmpty());
  }

  /** What a file is and, of JSON, how its values lie. */
  record PhaseProgress(Content content, Layout layout) {
    PhaseProgress(Content content) {
      this(content, Layout.USUAL);
    }
  }

  /**
   * What begins so.
   *
   * @param bytes unpacked
   * @param text the same as characters, without a byte-order mark
   * @param cutOff whether there is more than that
   * @param name of the file
   * @param fields of records, any of which shows that an object is one
   */
  static PhaseProgress of(
      byte[] bytes, String text, boolean cutOff, String name, Collection<String> fields) {
    if (TarMembers.isTar(bytes)) {
      return new PhaseProgress(TAR);
    }
    var start = text.stripLeading();
    if (start.startsWith("<")) {
      return new PhaseProgress(marked(start));
    } else if (DICTIONARY.matcher(start).find()) {
      return new PhaseProgress(PYTHON);
    }
    return new JsonBeginning(start, cutOff)
        .layout(fields)
        .map(
            layout ->
                new PhaseProgress(layout.equals(Layout.USUAL) ? JSON_LINES : JSON_VALUES, layout))
        .orElseGet(() -> new PhaseProgress(Table.has(text, name, fields) ? CSV : TEXT));
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
