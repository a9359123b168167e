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
  PARTS_LEFT_OUT;

  /** As it stands in manifests: {@code taken-whole}. */
  public String code() {
    return Settings.word(this);
  }
}
