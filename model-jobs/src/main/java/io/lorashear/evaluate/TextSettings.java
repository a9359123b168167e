package io.lorashear.evaluate;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import java.nio.file.Path;

/**
 * A text whose perplexity is measured.
 *
 * @param file UTF-8, plain or packed by gzip or bzip2
 * @param documents what counts as one document of the file
 * @param windows how documents longer than the model's context are cut
 * @param length tokens predicted at a time (rolling) or in a window (strided); 0: the model's
 *     number of positions
 * @param stride tokens from one strided window to the next; 0: {@code length}
 * @param partial whether the last strided window counts if it is shorter
 */
public record TextSettings(
    Path file,
    @Default("whole") Documents documents,
    @Default("rolling") Windows windows,
    @Default("0") int length,
    @Default("0") int stride,
    @Default("true") boolean partial) {

  /** What one document of a file is. */
  public enum Documents {
    /** The file. */
    WHOLE,
    /** The text of one line's JSON object, under "text". */
    LINES,
    /** An article of a WikiText file, as lm-evaluation-harness takes it. */
    WIKITEXT
  }

  /** How long documents are cut. */
  public enum Windows {
    /** Every token of every document predicted once, the first behind an end-of-text token. */
    ROLLING,
    /** One stream of all documents in overlapping windows; only what is new in a window counts. */
    STRIDED
  }

  void check(Problems problems) {
    problems.require(
        length == 0 || length > 1, "length", "is %d: give at least 2 tokens, or 0", length);
    problems.require(
        stride >= 0 && (length == 0 || stride <= length),
        "stride",
        "is %d: give at most length, which is %d",
        stride,
        length);
  }
}
