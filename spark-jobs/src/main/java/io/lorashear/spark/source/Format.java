package io.lorashear.spark.source;

import io.lorashear.spark.source.record.Cutter;
import io.lorashear.spark.source.record.Delimited;
import io.lorashear.spark.source.record.JsonElements;
import io.lorashear.spark.source.record.LineChunks;
import io.lorashear.spark.source.record.ParquetRows;
import io.lorashear.spark.source.record.TarMembers;
import io.lorashear.spark.source.record.WholeFile;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Forms that corpora come in: how their bytes are cut into records, and what a record says. */
public enum Format {
  /** Told from the corpus and the first bytes of each file. */
  AUTO,
  /** One JSON object a line, with the text in one field. */
  JSON_LINES,
  /** A text file, which is one document, or several apart by the source's separator. */
  TEXT,
  /** An archive of text files, or of compressed archives of text files. */
  TAR,
  /** A dump of a MediaWiki in XML: pages-articles, pages-meta-current, Special:Export. */
  MEDIAWIKI,
  /** What WikiExtractor writes: {@code <doc id=… title=…>} … {@code </doc>}. */
  WIKIEXTRACTOR,
  /** An e-text of Project Gutenberg. */
  GUTENBERG,
  /** One sentence a line, books run together. */
  SENTENCES,
  /**
   * Instructions with input and output, or conversations: one JSON array, or one JSON object a
   * line.
   */
  INSTRUCTIONS;

  Cutter cutter(InputFile file) {
    var charset = file.charset();
    return switch (this) {
      case JSON_LINES -> new Delimited("\n", StandardCharsets.UTF_8);
      case TAR -> new TarMembers();
      case MEDIAWIKI -> new Delimited("</page>", charset);
      case WIKIEXTRACTOR -> new Delimited("</doc>", charset);
      case SENTENCES -> new LineChunks(file.options().sentencesPerDocument());
      case INSTRUCTIONS -> new JsonElements();
      case TEXT ->
          file.options().separator().isEmpty()
              ? new WholeFile()
              : new Delimited(file.options().separator(), charset);
      case GUTENBERG, AUTO -> new WholeFile();
    };
  }

  /** Which part of a Parquet file is read, and as what. */
  ParquetRows.Selection selection(ReadOptions options) {
    return switch (this) {
      case INSTRUCTIONS -> new ParquetRows.Selection(ParquetRows.Form.JSON, Instruction.FIELDS, 1);
      case SENTENCES ->
          new ParquetRows.Selection(
              ParquetRows.Form.LINES, List.of(options.textField()), options.sentencesPerDocument());
      default -> new ParquetRows.Selection(ParquetRows.Form.TEXT, List.of(options.textField()), 1);
    };
  }

  Parser parser() {
    return switch (this) {
      case JSON_LINES -> new JsonText();
      case MEDIAWIKI -> new WikiPage();
      case WIKIEXTRACTOR -> new ExtractedPage();
      case GUTENBERG -> new GutenbergBook();
      case SENTENCES -> new SentenceLines();
      case INSTRUCTIONS -> new Instruction();
      case TEXT, TAR, AUTO -> new PlainText();
    };
  }

  /** Whether several tasks can read one uncompressed file. */
  boolean splitsPlain() {
    return this == JSON_LINES || this == MEDIAWIKI || this == WIKIEXTRACTOR;
  }

  /** Whether several tasks can read one bzip2 file: only where records carry an id. */
  boolean splitsBzip2() {
    return this == MEDIAWIKI;
  }
}
