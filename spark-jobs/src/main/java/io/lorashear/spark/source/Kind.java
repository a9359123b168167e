package io.lorashear.spark.source;

/** Kinds of text that cleaning and tokenizing distinguish. */
public enum Kind {
  /** Prose; a blank line ends a paragraph. */
  TEXT,
  /** One sentence per line, no paragraphs: sentences are joined into blocks before cleaning. */
  SENTENCES,
  /** A prompt (the text) and its response; only the response counts in the loss. */
  INSTRUCTION
}
