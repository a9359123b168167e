package io.lorashear.report;

import org.jsoup.nodes.Element;

/** One part of the page. */
interface Section {
  /** The anchor in the page's address. */
  String id();

  String title();

  /** Writes what the run has of it; where it has nothing, one line that says so. */
  void write(Facts facts, Element section);
}
