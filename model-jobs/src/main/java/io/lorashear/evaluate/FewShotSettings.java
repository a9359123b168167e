package io.lorashear.evaluate;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import java.nio.file.Path;
import java.util.Map;

/**
 * Solved examples before each question.
 *
 * @param count number of examples before each question; 0: none
 * @param draw which examples are taken
 * @param seed seed of the draw; 1234 is lm-evaluation-harness' own
 * @param examples by task: a file in the task's own format, instead of its training part
 */
public record FewShotSettings(
    @Default("0") int count,
    @Default("sample") Draw draw,
    @Default("1234") long seed,
    @Default("{}") Map<String, Path> examples) {

  /** Which examples stand before a question. */
  public enum Draw {
    /** Others before every question, as the reference evaluator draws them. */
    SAMPLE,
    /** The first of the file before every question. */
    FIRST
  }

  void check(Problems problems) {
    problems.require(count >= 0, "count", "is %d: give a number of examples, or 0 for none", count);
  }
}
