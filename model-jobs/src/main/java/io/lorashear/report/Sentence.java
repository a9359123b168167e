package io.lorashear.report;

import org.jsoup.nodes.Element;

/** A paragraph of words, numbers and names. */
record Sentence(Element paragraph) {

  static Sentence in(Element parent) {
    return new Sentence(Html.paragraph(parent));
  }

  Sentence text(String words) {
    paragraph.appendText(words);
    return this;
  }

  Sentence number(Found found, Form form) {
    Html.number(paragraph, found, form);
    return this;
  }

  Sentence name(String word) {
    Html.name(paragraph, word);
    return this;
  }
}
