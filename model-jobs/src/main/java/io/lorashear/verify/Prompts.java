package io.lorashear.verify;

import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The inputs of a model before and after it is written.
 *
 * @param rows token ids, each row short
 */
record Prompts(List<int[]> rows) {
  private static final int LENGTH = 16;
  private static final int ROWS = 3;

  private static final List<String> TEXTS =
      List.of(
          "The capital of France is Paris, and the river that runs through it is",
          "def add(a, b):\n    return a + b  # 3.14, 2026",
          "Zürich, 東京 and Αθήνα: 4 × 7 = 28.");

  /** The texts' first tokens; if the model has no tokenizer, ids from its whole vocabulary. */
  static Prompts of(Checkpoint model) {
    int length = Math.min(LENGTH, model.config().maximumPositions());
    int vocabulary = model.config().vocabularySize();
    if (!model.hasTokenizer()) {
      return new Prompts(
          IntStream.range(0, ROWS).mapToObj(row -> spread(row, length, vocabulary)).toList());
    }
    try (var tokenizer = Tokenizer.open(model.tokenizer())) {
      return new Prompts(
          TEXTS.stream()
              .map(tokenizer::encode)
              .map(ids -> Arrays.stream(ids).filter(id -> id < vocabulary).limit(length).toArray())
              .filter(ids -> ids.length > 0)
              .toList());
    }
  }

  /** The same, with no row longer than {@code positions}. */
  Prompts within(int positions) {
    return new Prompts(
        rows.stream()
            .map(row -> row.length > positions ? Arrays.copyOf(row, positions) : row)
            .toList());
  }

  /** Ids at multiples of the golden ratio, which are spread over the whole vocabulary. */
  private static int[] spread(int row, int length, int vocabulary) {
    double section = (Math.sqrt(5) - 1) / 2;
    return IntStream.rangeClosed(1, length)
        .map(i -> (int) ((section * (i + row * length)) % 1 * vocabulary))
        .toArray();
  }

  /** The first text that two tokenizers encode differently, and how. */
  static Optional<String> firstDifference(Path expected, Path found) {
    try (var ours = Tokenizer.open(expected);
        var theirs = Tokenizer.open(found)) {
      return TEXTS.stream()
          .filter(text -> !Arrays.equals(ours.encode(text), theirs.encode(text)))
          .findFirst()
          .map(
              text ->
                  "its tokenizer reads '%s' as %s, not as %s"
                      .formatted(
                          text,
                          Arrays.toString(theirs.encode(text)),
                          Arrays.toString(ours.encode(text))));
    }
  }
}
