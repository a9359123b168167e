package io.lorashear.spark.source;

import io.lorashear.settings.Settings;

/** What should be known of a document that was read all the same. */
public enum Warning {
  /** An e-text whose bytes do not fit the encoding it declares, or that declares none known. */
  NOT_AS_DECLARED,
  /** A book between whose markers nothing stands: all of its file was taken. */
  TAKEN_WHOLE,
  /** A book shorter than what was taken off its file. */
  MOSTLY_CUT,
  /** A book with markers of beginnings and ends inside; they were taken out. */
  SEVERAL_PARTS,
  /** A page with templates in its sentences that are not known: what they would say is guessed. */
  UNKNOWN_TEMPLATE,
  /** An instruction beside which its record says more: turns before or after it, other answers. */
  PARTS_LEFT_OUT,
  /** A text that was a list of passages, now apart by line ends. */
  JOINED_LIST,
  /** A text with tags of HTML or XML between its words. */
  LOOKS_LIKE_MARKUP,
  /** A text that is keys and values. */
  LOOKS_LIKE_JSON,
  /** A text with commands of LaTeX. */
  LOOKS_LIKE_LATEX,
  /** A text with links or templates of a wiki. */
  LOOKS_LIKE_WIKITEXT,
  /** A text whose lines have the same number of values each. */
  LOOKS_LIKE_TABLE;

  /** As it stands in manifests: {@code taken-whole}. */
  public String code() {
    return Settings.word(this);
  }
}
