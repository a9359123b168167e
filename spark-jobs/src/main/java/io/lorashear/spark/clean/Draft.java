package io.lorashear.spark.clean;

import io.lorashear.spark.source.Dropped;
import io.lorashear.spark.source.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * A document while the cleaning rules are applied.
 *
 * @param paragraphs remaining paragraphs; the prompt of an instruction is a single one
 * @param response the answer to an instruction, otherwise empty
 * @param removed number of paragraphs removed so far, by reason
 * @param examples beginning of the first removed paragraph, by reason
 * @param drop why the whole document is dropped, if a rule dropped it
 */
public record Draft(
    Kind kind,
    List<String> paragraphs,
    String response,
    Map<String, Integer> removed,
    Map<String, String> examples,
    Optional<Drop> drop) {

  /**
   * Why a document is dropped.
   *
   * @param reason code of the rule
   * @param detail the part of the document that broke the rule, with the figure
   */
  public record Drop(String reason, String detail) {}

  static Draft of(Kind kind, List<String> paragraphs, String response) {
    return new Draft(kind, paragraphs, response, Map.of(), Map.of(), Optional.empty());
  }

  /** Code of the rule that dropped the document. */
  public Optional<String> reason() {
    return drop.map(Drop::reason);
  }

  /** This draft with {@code change} applied to every paragraph and to the response. */
  Draft rewritten(UnaryOperator<String> change) {
    var rewritten = paragraphs.stream().map(change).toList();
    return new Draft(kind, rewritten, change.apply(response), removed, examples, drop);
  }

  /**
   * This draft without the paragraphs that {@code wanted} rejects; they are counted under {@code
   * reason}.
   */
  Draft keeping(Predicate<String> wanted, String under) {
    return reduced(paragraph -> wanted.test(paragraph) ? paragraph : "", under);
  }

  /**
   * This draft with shortened paragraphs; paragraphs that become empty are removed. Every changed
   * one is counted under {@code reason}.
   */
  Draft reduced(UnaryOperator<String> change, String under) {
    var kept = new ArrayList<String>();
    var counts = new TreeMap<>(removed);
    var first = new TreeMap<>(examples);
    for (var paragraph : paragraphs) {
      var left = change.apply(paragraph);
      if (!left.equals(paragraph)) {
        counts.merge(under, 1, Integer::sum);
        first.computeIfAbsent(under, reason -> Dropped.excerpt(paragraph));
      }
      if (!left.isEmpty()) {
        kept.add(left);
      }
    }
    return new Draft(kind, List.copyOf(kept), response, counts, first, drop);
  }

  /** This draft, dropped as a whole. */
  Draft dropped(String because, String detail) {
    var dropped = Optional.of(new Drop(because, detail));
    return new Draft(kind, paragraphs, response, removed, examples, dropped);
  }

  /** Whether only white space is left. */
  boolean isBlank() {
    return paragraphs.stream().allMatch(String::isBlank);
  }

  /** The remaining text, with blank lines between paragraphs. */
  public String text() {
    return String.join("\n\n", paragraphs);
  }
}
