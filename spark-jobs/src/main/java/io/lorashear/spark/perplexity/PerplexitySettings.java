package io.lorashear.spark.perplexity;

import io.lorashear.corpus.Sequence;
import io.lorashear.device.Place;
import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import io.lorashear.settings.Settings;
import io.lorashear.settings.Withers;
import io.lorashear.spark.engine.Engine;
import io.lorashear.spark.engine.RowPredictor;
import io.lorashear.torch.PrecisionChoice;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Which model is scored on which rows.
 *
 * @param corpus folder that {@code tokenize} published
 * @param checkpoint Hugging Face folder or GGUF file; every executor reads it at this path
 * @param output folder of the loss report
 * @param split split whose rows are scored: validation; or train, to weight documents by the rise
 *     of their loss
 * @param sources sources whose rows are drawn; all if the list is empty
 * @param rows rows drawn uniformly from every source; all of a source that has fewer
 * @param seed seed of the draw; the same for two reports that are to be compared
 * @param subset folder that {@code resample} published: its rows are scored instead of a draw
 * @param batchRows rows scored at a time
 * @param tokens whether the loss of every token is kept, in {@code tokens/}
 * @param keepTop number of likeliest tokens that are kept for every position, in {@code teacher/},
 *     for {@code recover} to learn from; 0: none
 * @param isolateDocuments whether documents of a packed row are hidden from each other, as with
 *     {@code train.isolateDocuments}
 * @param responses whether only the responses of instructions count, as in {@code recover} with
 *     {@code stage: instruct}; otherwise prompts count too
 * @param device cpu, gpu, or auto: a GPU if the executor has one
 * @param precision number type of the model; executors that differ are refused
 * @param engine library that turns ids into losses
 */
public record PerplexitySettings(
    Path corpus,
    Path checkpoint,
    Path output,
    @Default("validation") Split split,
    @Default("[]") List<String> sources,
    @Default("32") int rows,
    @Default("0") long seed,
    Optional<Path> subset,
    @Default("8") int batchRows,
    @Default("false") boolean tokens,
    @Default("0") int keepTop,
    @Default("false") boolean isolateDocuments,
    @Default("false") boolean responses,
    @Default("auto") Place device,
    @Default("auto") PrecisionChoice precision,
    @Default("built-in") Engine engine)
    implements Withers<PerplexitySettings> {

  /** Part of the corpus. */
  public enum Split {
    VALIDATION(Sequence.VALIDATION),
    TRAIN(Sequence.TRAIN);

    private final String folder;

    Split(String folder) {
      this.folder = folder;
    }

    /** Its name in rows and manifests. */
    String folder() {
      return folder;
    }
  }

  void check(Problems problems) {
    problems.require(rows >= 1, "rows", "is %d: at least one row a source is needed", rows);
    problems.require(batchRows >= 1, "batchRows", "is %d: give 1 row or more", batchRows);
    problems.require(
        sources.isEmpty() || subset.isEmpty(),
        "sources",
        "and subset are both set: a subset says itself which rows are scored");
    problems.require(
        keepTop >= 0, "keepTop", "is %d: give a number of tokens, for example 32, or 0", keepTop);
    problems.require(
        keepTop == 0 || !tokens,
        "tokens",
        "and keepTop are both set: give each a report of its own");
    engine.require(problems, RowPredictor.class, "scores with the same model");
    problems.require(
        engine == Engine.BUILT_IN
            || (keepTop == 0
                && !isolateDocuments
                && device == Place.AUTO
                && precision == PrecisionChoice.AUTO),
        "engine",
        "is %s, which knows neither keepTop (%d), isolateDocuments (%s), device (%s) nor"
            + " precision (%s): leave them or the engine out",
        Settings.word(engine),
        keepTop,
        isolateDocuments,
        Settings.word(device),
        Settings.word(precision));
  }
}
