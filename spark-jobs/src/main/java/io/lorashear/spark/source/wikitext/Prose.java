package io.lorashear.spark.source.wikitext;

import java.util.SortedMap;
import java.util.stream.Collectors;

/**
 * The prose of a page.
 *
 * @param text paragraphs and headings, separated by blank lines
 * @param unknown unknown templates in its sentences, by name
 */
public record Prose(String text, SortedMap<String, Unknown> unknown) {
  /**
   * Calls of a template.
   *
   * @param times number of calls
   * @param example beginning of the first call
   */
  public record Unknown(int times, String example) {
    Unknown plus(int more) {
      return new Unknown(times + more, example);
    }
  }

  /** The number of calls of each unknown template: {@code first 2 | second 1}, by name. */
  public String unknownTemplates() {
    return unknown.entrySet().stream()
        .map(each -> each.getKey() + " " + each.getValue().times())
        .collect(Collectors.joining(" | "));
  }
}
