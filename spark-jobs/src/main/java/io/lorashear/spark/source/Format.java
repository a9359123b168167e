package io.lorashear.spark.source;

import io.lorashear.spark.source.record.Cutter;
import io.lorashear.spark.source.record.Delimited;
import io.lorashear.spark.source.record.JsonElements;
import io.lorashear.spark.source.record.Layout;
import io.lorashear.spark.source.record.LineChunks;
import io.lorashear.spark.source.record.ParquetRows;
import io.lorashear.spark.source.record.TarMembers;
import io.lorashear.spark.source.record.WholeFile;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Forms of corpora: how their bytes are divided into records, and how a record is parsed. */
public enum Format {
  /** Detected from the corpus and the first bytes of each file. */
  AUTO,
  /** JSON objects with the text in one field: one per line, in an array, or one after another. */
  JSON_LINES,
  /** A text file, which is one document, or several with the source's separator between them. */
  TEXT,
  /** An archive of text files, or of compressed archives of text files. */
  TAR,
  /** A dump of a MediaWiki in XML: pages-articles, pages-meta-current, Special:Export. */
  MEDIAWIKI,
  /** Output of WikiExtractor: {@code <doc id=… title=…>} … {@code </doc>}. */
  WIKIEXTRACTOR,
  /** An e-text of Project Gutenberg. */
  GUTENBERG,
  /** One sentence per line, without marks between books. */
  SENTENCES,
  /** Instructions with input and output, or conversations, in JSON objects as above. */
  INSTRUCTIONS;

  Cutter cutter(InputFile file) {
    var charset = StandardCharsets.UTF_8;
    return switch (this) {
      case JSON_LINES, INSTRUCTIONS ->
          file.layout() instanceof Layout.JsonValues values
              ? new JsonElements(values.list(), fields(file.options()))
              : new Delimited("\n", charset);
      case TAR -> new TarMembers();
      case MEDIAWIKI -> new Delimited("</page>", charset);
      case WIKIEXTRACTOR -> new Delimited("</doc>", charset);
      case SENTENCES -> new LineChunks(file.options().sentencesPerDocument());
      case TEXT ->
          file.options().separator().isEmpty()
              ? new WholeFile()
              : new Delimited(file.options().separator(), charset);
      case GUTENBERG, AUTO -> new WholeFile();
    };
  }

  /** Fields of a record, any of which identifies a JSON object or a table as this format. */
  List<String> fields(ReadOptions options) {
    return this == INSTRUCTIONS ? Instruction.OWN_FIELDS : List.of(options.textField());
  }

  /** Columns that are read from a table. */
  List<String> columns(ReadOptions options) {
    return this == INSTRUCTIONS ? Instruction.FIELDS : List.of(options.textField());
  }

  /**
   * The part of a Parquet file that is read, and how.
   *
   * @param text whether the text column holds plain text
   */
  ParquetRows.Selection selection(ReadOptions options, boolean text) {
    if (this == INSTRUCTIONS || !text) {
      return new ParquetRows.Selection(ParquetRows.Form.JSON, columns(options), 1);
    }
    return switch (this) {
      case SENTENCES ->
          new ParquetRows.Selection(
              ParquetRows.Form.LINES, List.of(options.textField()), options.sentencesPerDocument());
      default -> new ParquetRows.Selection(ParquetRows.Form.TEXT, List.of(options.textField()), 1);
    };
  }

  Parser parser() {
    return switch (this) {
      case JSON_LINES -> new SeveralValues(new JsonText());
      case MEDIAWIKI -> new WikiPage();
      case WIKIEXTRACTOR -> new ExtractedPage();
      case GUTENBERG -> new GutenbergBook();
      case SENTENCES -> new SentenceLines();
      case INSTRUCTIONS -> new SeveralValues(new Instruction());
      case TAR -> new ArchiveMember();
      case TEXT, AUTO -> new PlainText();
    };
  }

  /** Whether several tasks can read one uncompressed file. */
  boolean splitsPlain() {
    return switch (this) {
      case JSON_LINES, INSTRUCTIONS, MEDIAWIKI, WIKIEXTRACTOR, SENTENCES -> true;
      case AUTO, TEXT, TAR, GUTENBERG -> false;
    };
  }

  /** Whether several tasks can read one bzip2 file: only if records carry an id. */
  boolean splitsBzip2() {
    return this == MEDIAWIKI;
  }
}
