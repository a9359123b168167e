package io.lorashear.spark.perplexity;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import java.nio.file.Path;

/**
 * What is scored.
 *
 * @param corpus folder that {@code tokenize} published
 * @param checkpoint Hugging Face folder or GGUF file; every executor reads it at this path
 * @param output folder of the loss report
 * @param rows rows drawn uniformly from the validation rows of every source; all where there are
 *     fewer
 * @param seed that draws them; the same for two reports that are to be compared
 * @param batchRows rows scored at a time
 * @param device cpu, gpu, or auto: a GPU where the executor has one
 */
public record PerplexitySettings(
    Path corpus,
    Path checkpoint,
    Path output,
    @Default("32") int rows,
    @Default("0") long seed,
    @Default("8") int batchRows,
    @Default("auto") DeviceChoice device) {

  /** Where models run. */
  public enum DeviceChoice {
    AUTO,
    CPU,
    GPU
  }

  void check(Problems problems) {
    problems.require(rows >= 1, "rows is %d: at least one row a source is needed", rows);
    problems.require(batchRows >= 1, "batchRows is %d: give 1 row or more", batchRows);
  }
}
