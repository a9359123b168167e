package io.lorashear.spark.resample;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import io.lorashear.settings.Withers;
import java.nio.file.Path;

/**
 * Which documents may be drawn, by {@link io.lorashear.spark.select.ConditionalLossReduction}.
 *
 * @param prior loss report of the dense model on training rows
 * @param conditional loss report, on the same rows, of the dense model after training on text of
 *     the kind that is wanted: the ceiling, for example
 * @param keep share of each source's scored documents that may be drawn, above 0, up to 1
 */
public record FilterSettings(Path prior, Path conditional, @Default("0.25") double keep)
    implements Withers<FilterSettings> {

  void check(Problems problems) {
    problems.require(
        keep > 0 && keep <= 1,
        "keep",
        "is %s: give the share of a source's documents that may be drawn, above 0 and up to 1",
        keep);
  }
}
