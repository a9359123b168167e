package io.lorashear.spark.source.wikitext;

import java.util.SortedMap;
import java.util.stream.Collectors;

/**
 * What is left of a page.
 *
 * @param text paragraphs and headings, apart by a blank line
 * @param unknown templates in its sentences that are not known, by name
 */
public record Prose(String text, SortedMap<String, Unknown> unknown) {
  /**
   * Calls of a template.
   *
   * @param times how many
   * @param example the beginning of the first
   */
  public record Unknown(int times, String example) {
    Unknown plus(int more) {
      return new Unknown(times + more, example);
    }
  }

  /** How often each unknown template is called: {@code first 2 | second 1}, by name. */
  public String unknownTemplates() {
    return unknown.entrySet().stream()
        .map(each -> each.getKey() + " " + each.getValue().times())
        .collect(Collectors.joining(" | "));
  }
}
