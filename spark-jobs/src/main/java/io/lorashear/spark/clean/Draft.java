package io.lorashear.spark.clean;

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
 * @param reason why the whole document goes, once a rule has said so
 */
public record Draft(
    Kind kind,
    List<String> paragraphs,
    String response,
    Map<String, Integer> removed,
    Optional<String> reason) {

  static Draft of(Kind kind, List<String> paragraphs, String response) {
    return new Draft(kind, paragraphs, response, Map.of(), Optional.empty());
  }

  /** The same with {@code change} made to every paragraph and to the response. */
  Draft rewritten(UnaryOperator<String> change) {
    var rewritten = paragraphs.stream().map(change).toList();
    return new Draft(kind, rewritten, change.apply(response), removed, reason);
  }

  /** The same without the paragraphs that {@code wanted} refuses, counted under {@code reason}. */
  Draft keeping(Predicate<String> wanted, String under) {
    var kept = new ArrayList<String>();
    for (var paragraph : paragraphs) {
      if (wanted.test(paragraph)) {
        kept.add(paragraph);
      }
    }
    var counts = new TreeMap<>(removed);
    if (kept.size() < paragraphs.size()) {
      counts.merge(under, paragraphs.size() - kept.size(), Integer::sum);
    }
    return new Draft(kind, List.copyOf(kept), response, counts, reason);
  }

  /** The same, dropped as a whole. */
  Draft dropped(String because) {
    return new Draft(kind, paragraphs, response, removed, Optional.of(because));
  }

  /** What is left, paragraphs apart by a blank line. */
  public String text() {
    return String.join("\n\n", paragraphs);
  }
}
