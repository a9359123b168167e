package io.lorashear.report;

import org.jsoup.nodes.Element;

/** Parts of a page. Texts are texts: jsoup writes them so that none is ever read as markup. */
final class Html {
  /** The class of words that are a file's own: names of sources, axes, methods. */
  static final String NAME = "name";

  private Html() {}

  /** A new element of that text at the end of {@code parent}. */
  static Element add(Element parent, String tag, String text) {
    return parent.appendElement(tag).text(text);
  }

  /** A paragraph to be filled. */
  static Element paragraph(Element parent) {
    return parent.appendElement("p");
  }

  /** What a run does not have, in one line. */
  static void none(Element parent, String sentence) {
    add(parent, "p", sentence).addClass("none");
  }

  /** A word that a file says. */
  static Element name(Element parent, String word) {
    return add(parent, "span", word).addClass(NAME);
  }

  /**
   * A number of a file: {@code <data value="0.69" data-from="losses.json#/mean"
   * data-as="perplexity">2.00</data>}. A dash where there is none.
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
