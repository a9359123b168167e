package io.lorashear.report;

import org.jsoup.nodes.Element;

/** Elements of a page. jsoup escapes texts, so that they are never interpreted as markup. */
final class Html {
  /** CSS class of words from files: names of sources, axes, methods. */
  static final String NAME = "name";

  private Html() {}

  /** Adds an element with that text at the end of {@code parent}. */
  static Element add(Element parent, String tag, String text) {
    return parent.appendElement(tag).text(text);
  }

  /** An empty paragraph. */
  static Element paragraph(Element parent) {
    return parent.appendElement("p");
  }

  /** A line that says what the run lacks. */
  static void none(Element parent, String sentence) {
    add(parent, "p", sentence).addClass("none");
  }

  /** A word from a file. */
  static Element name(Element parent, String word) {
    return add(parent, "span", word).addClass(NAME);
  }

  /**
   * A number of a file: {@code <data value="0.69" data-from="losses.json#/mean"
   * data-as="perplexity">2.00</data>}. A dash if there is none.
   */
  static Element number(Element parent, Found found, Form form) {
    double value = found.number();
    if (!Double.isFinite(value)) {
      return add(parent, "span", "–").addClass("none");
    }
    var data =
        add(parent, "data", form.digits(value))
            .attr("value", found.node().asText())
            .attr("data-from", found.file() + "#" + found.pointer())
            .attr("data-as", form.word());
    parent.appendText(form.unit());
    return data;
  }
}
