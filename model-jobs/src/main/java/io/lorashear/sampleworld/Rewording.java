package io.lorashear.sampleworld;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Copies of a text with some words exchanged, as many as a wanted likeness leaves room for. */
final class Rewording {
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+");

  /** None of these occurs in a grammar, so an exchanged word never repairs a shingle. */
  private static final List<String> STRANGERS =
      List.of("quartz", "velvet", "zephyr", "lichen", "amber", "pewter", "walnut", "saffron");

  private Rewording() {}

  /**
   * The paragraphs with so many words exchanged that their Jaccard likeness comes closest to {@code
   * wanted}.
   */
  static List<String> of(List<String> paragraphs, double wanted, Random random) {
    var original = String.join("\n\n", paragraphs);
    var shingles = Shingles.of(original);
    var count = Shingles.words(original).size();
    var order = new ArrayList<>(IntStream.range(0, count).boxed().toList());
    Collections.shuffle(order, random);
    var low = 0;
    var high = count;
    while (low < high) {
      var middle = (low + high) / 2;
      if (Shingles.jaccard(shingles, Shingles.of(exchanged(original, order.subList(0, middle))))
          > wanted) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return List.of(exchanged(original, order.subList(0, Math.max(1, low))).split("\n\n"));
  }

  private static String exchanged(String text, List<Integer> positions) {
    var chosen = new HashSet<>(positions);
    var position = new int[1];
    return WORD.matcher(text)
        .replaceAll(
            match -> {
              var at = position[0]++;
              return chosen.contains(at) ? STRANGERS.get(at % STRANGERS.size()) : match.group();
            });
  }
}
