package io.lorashear.spark.source;

/** What the text of a document is, as far as cleaning and tokenising must know. */
public enum Kind {
  /** Prose; a blank line ends a paragraph. */
  TEXT,
  /** One sentence a line, no paragraphs: sentences are joined into blocks before cleaning. */
  SENTENCES,
  /** A prompt (the text) and its response; loss is taken on the response alone. */
  INSTRUCTION
}
