package io.lorashear.spark.source;

import java.util.Locale;
import java.util.Optional;

/** The corpora whose published forms are known, with the terms their text is under. */
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

  /** As it is written in settings. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The terms of its text; empty where they are the user's to state. */
  Optional<String> licence() {
    return licence.isEmpty() ? Optional.empty() : Optional.of(licence);
  }

  /** Whether who trains on it must not sell the result. */
  boolean nonCommercial() {
    return this == ALPACA;
  }
}
