package io.lorashear.report;

import org.jsoup.nodes.Element;

/** One section of the page. */
interface Section {
  /** The anchor of the section. */
  String id();

  String title();

  /** Writes the section; if the run has nothing for it, one line says so. */
  void write(Facts facts, Element section);
}
