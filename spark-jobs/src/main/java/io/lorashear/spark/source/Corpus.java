package io.lorashear.spark.source;

import java.util.Locale;
import java.util.Optional;

/** The corpora whose published forms are known, with the terms of their text. */
public enum Corpus {
  OPENWEBTEXT("packaging CC0; the text of each page is its publisher's"),
  WIKIPEDIA("CC BY-SA 4.0 and GFDL: share alike, name the contributors"),
  GUTENBERG("public domain in the United States; check elsewhere"),
  BOOKCORPUS("books of many authors, each with its own terms: not for redistribution"),
  ALPACA("CC BY-NC 4.0: not for commercial use"),
  OTHER("");

  private final String licence;

  Corpus(String licence) {
    this.licence = licence;
  }

  /** Its name in settings. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The terms of its text; empty if the user must state them. */
  Optional<String> licence() {
    return licence.isEmpty() ? Optional.empty() : Optional.of(licence);
  }

  /** Whether models trained on it must not be used commercially. */
  boolean nonCommercial() {
    return this == ALPACA;
  }
}
