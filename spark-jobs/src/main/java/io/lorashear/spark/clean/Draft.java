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
 * A document on its way through the rules.
 *
 * @param paragraphs what is left of the text; of an instruction, the prompt as one
 * @param response the answer to an instruction, otherwise empty
 * @param removed paragraphs taken out so far, by reason
 * @param examples the beginning of the first paragraph taken out, by reason
 * @param drop why the whole document goes, once a rule has said so
 */
public record Draft(
    Kind kind,
    List<String> paragraphs,
    String response,
    Map<String, Integer> removed,
    Map<String, String> examples,
    Optional<Drop> drop) {

  /**
   * Why a document goes.
   *
   * @param reason code of the rule
   * @param detail what of the document was against it, with the figure
   */
  public record Drop(String reason, String detail) {}

  static Draft of(Kind kind, List<String> paragraphs, String response) {
    return new Draft(kind, paragraphs, response, Map.of(), Map.of(), Optional.empty());
  }

  /** Code of the rule the document goes for. */
  public Optional<String> reason() {
    return drop.map(Drop::reason);
  }

  /** The same with {@code change} made to every paragraph and to the response. */
  Draft rewritten(UnaryOperator<String> change) {
    var rewritten = paragraphs.stream().map(change).toList();
    return new Draft(kind, rewritten, change.apply(response), removed, examples, drop);
  }

  /** The same without the paragraphs that {@code wanted} refuses, counted under {@code reason}. */
  Draft keeping(Predicate<String> wanted, String under) {
    return reduced(paragraph -> wanted.test(paragraph) ? paragraph : "", under);
  }

  /**
   * The same with paragraphs made shorter; those that {@code change} leaves nothing of vanish.
   * Every changed one is counted under {@code reason}.
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

  /** The same, dropped as a whole. */
  Draft dropped(String because, String detail) {
    var dropped = Optional.of(new Drop(because, detail));
    return new Draft(kind, paragraphs, response, removed, examples, dropped);
  }

  /** Whether nothing is left but white space. */
  boolean isBlank() {
    return paragraphs.stream().allMatch(String::isBlank);
  }

  /** What is left, paragraphs apart by a blank line. */
  public String text() {
    return String.join("\n\n", paragraphs);
  }
}
