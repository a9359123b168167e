package io.lorashear.spark.source;

import io.lorashear.settings.Settings;

/** Warnings on documents that were read nevertheless. */
public enum Warning {
  /** An e-text whose bytes do not fit its declared encoding, or that declares no known one. */
  NOT_AS_DECLARED,
  /** A book without text between its markers: the whole file was taken. */
  TAKEN_WHOLE,
  /** A book that is shorter than the text removed from its file. */
  MOSTLY_CUT,
  /** A book with further markers of beginnings and ends inside; they were removed. */
  SEVERAL_PARTS,
  /** A page with unknown templates in its sentences: their text is guessed. */
  UNKNOWN_TEMPLATE,
  /** An instruction whose record has further parts: turns before or after it, other answers. */
  PARTS_LEFT_OUT,
  /** A text that was a list of passages, now separated by line ends. */
  JOINED_LIST,
  /** A text with tags of HTML or XML between its words. */
  LOOKS_LIKE_MARKUP,
  /** A text of keys and values. */
  LOOKS_LIKE_JSON,
  /** A text with commands of LaTeX. */
  LOOKS_LIKE_LATEX,
  /** A text with links or templates of a wiki. */
  LOOKS_LIKE_WIKITEXT,
  /** A text whose lines all have the same number of values. */
  LOOKS_LIKE_TABLE;

  /** Its code in manifests: {@code taken-whole}. */
  public String code() {
    return Settings.word(this);
  }
}
