package io.lorashear.spark.dedup;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;

/**
 * Which repeated texts are removed. Near duplicates are found by MinHash in bands (Leskovec,
 * Rajaraman and Ullman, Mining of Massive Datasets, section 3.4), and the likeness of each pair
 * found is measured before it counts:
 *
 * <pre>
 *   likeness(A, B) = |A ∩ B| / |A ∪ B|        over sets of runs of consecutive words
 *   P(a pair of likeness s is found) = 1 − (1 − s^rows)^bands
 * </pre>
 *
 * datatrove's 14 bands of 8 rows find 0.92 of the pairs at 0.8; 20 of 7 find 0.99.
 *
 * @param exact whether only one of several documents with the same words is kept
 * @param near whether only one of several nearly equal documents is kept
 * @param paragraphs whether paragraphs that nearly repeat one of another document are removed
 * @param likeness Jaccard index from which two texts count as nearly equal
 * @param words words of a shingle
 * @param bands bands of the signature; more bands find more pairs
 * @param rows hashes of a band; more hashes find fewer dissimilar pairs
 * @param bucket number of texts at the start of a band's bucket that all its texts are compared
 *     with, unless they are already connected
 */
public record DuplicateSettings(
    @Default("true") boolean exact,
    @Default("true") boolean near,
    @Default("false") boolean paragraphs,
    @Default("0.8") double likeness,
    @Default("5") int words,
    @Default("20") int bands,
    @Default("7") int rows,
    @Default("100") int bucket) {

  /** The defaults. */
  public static final DuplicateSettings USUAL =
      new DuplicateSettings(true, true, false, 0.8, 5, 20, 7, 100);

  /** Minimum share of the pairs at the threshold that must be found. */
  static final double RECALL = 0.95;

  /** The expected share of pairs of likeness {@code s} that share a band. */
  double found(double s) {
    return 1 - Math.pow(1 - Math.pow(s, rows), bands);
  }

  void check(Problems problems) {
    problems.require(
        likeness > 0 && likeness <= 1,
        "likeness",
        "is %s: give a Jaccard likeness over 0 and up to 1, for example 0.8",
        likeness);
    problems.require(words >= 1, "words", "is %d: give 1 or more, for example 5", words);
    problems.require(bucket >= 1, "bucket", "is %d: give 1 or more, for example 100", bucket);
    if (bands < 1 || rows < 1 || (long) bands * rows > 10_000) {
      problems.require(
          false,
          "bands",
          "is %d, and rows is %d: give 1 or more each, and at most 10000 hashes together",
          bands,
          rows);
      return;
    }
    problems.require(
        found(likeness) >= RECALL,
        "bands",
        "is %d: with %d rows each, only %.2f of the pairs at likeness %s are found:"
            + " give more bands or fewer rows",
        bands,
        rows,
        found(likeness),
        likeness);
  }
}
