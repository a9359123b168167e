package io.lorashear.recover;

import io.lorashear.checkpoint.OutputType;
import io.lorashear.lora.LoraSettings;
import io.lorashear.optim.AdamSettings;
import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import io.lorashear.settings.Settings;
import io.lorashear.settings.Withers;
import io.lorashear.train.LearnSettings;
import io.lorashear.train.TrainSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * One round of recovery.
 *
 * @param checkpoint the pruned model, or the result of the previous round
 * @param corpus published sequences
 * @param subset published draw of this round; without it {@code rows} rows are drawn uniformly from
 *     every source
 * @param output the recovered checkpoint
 * @param stage pretrain: learns every token of plain text, prompts of instructions included;
 *     instruct: learns only the responses of instructions
 * @param rows rows of each source in a uniform draw
 * @param sources sources of a uniform draw; all if the list is empty
 * @param passes number of passes over the subset
 * @param validationRows held-out rows of each source
 * @param validations how often the held-out rows are scored during training, the end included
 * @param average share of the steps, the last ones, over which the trained weights are averaged, in
 *     [0, 1); the average is kept if it has the lowest held-out loss; 0: none
 * @param seed seed of the uniform draw, of the order of rows and of LoRA's initial weights
 * @param outputType number type that the weights are written in
 * @param keepZeros whether weights that are zero stay zero, so that a sparse model stays sparse;
 *     unset: only if the checkpoint's folder contains a record of {@code sparsify}
 * @param learn which weights learn; LoRA pairs alone unless it says otherwise
 * @param distillation learning from the dense model; off unless it has a weight
 */
public record RecoverSettings(
    Path checkpoint,
    Path corpus,
    Optional<Path> subset,
    Path output,
    @Default("pretrain") Kind stage,
    @Default("26") int rows,
    @Default("[]") List<String> sources,
    @Default("1") int passes,
    @Default("4") int validationRows,
    @Default("4") int validations,
    @Default("0") double average,
    @Default("1") long seed,
    @Default("keep") OutputType outputType,
    Optional<Boolean> keepZeros,
    LearnSettings learn,
    LoraSettings lora,
    TrainSettings train,
    AdamSettings adam,
    DistillationSettings distillation)
    implements Withers<RecoverSettings> {

  /** The two stages of Algorithm 5, in this order. */
  public enum Kind {
    PRETRAIN,
    INSTRUCT
  }

  /** Reports what is out of range. */
  public void check(Problems problems) {
    problems.require(rows >= 1, "rows", "is %s: at least one row of every source is needed", rows);
    problems.require(
        sources.isEmpty() || subset.isEmpty(),
        "sources",
        "and subset are both set: a subset says itself what is drawn");
    problems.require(passes >= 1, "passes", "is %s: give at least 1", passes);
    problems.require(
        validationRows >= 1,
        "validationRows",
        "is %s: the best state is found by at least one row of every source",
        validationRows);
    problems.require(
        average >= 0 && average < 1,
        "average",
        "is %s: give a share of the steps in [0, 1), for example 0.25",
        average);
    var filler = KeptZeros.filler(this);
    problems.require(
        !keepZeros.orElse(false) || filler.isEmpty(),
        "keepZeros",
        "is true, and %s is set: %s",
        filler.orElse(""),
        KeptZeros.reason(this));
    problems.require(validations >= 1, "validations", "is %s: give at least 1", validations);
    requireUse(problems, lora.adapter().isEmpty(), "lora.adapter");
    requireUse(problems, lora.dropout() == 0, "lora.dropout");
    requireUse(problems, lora.targets().isEmpty(), "lora.targets");
  }

  /** How many of {@code steps} steps are averaged. */
  long averaged(long steps) {
    return average > 0 ? Math.max(1, Math.round(average * steps)) : 0;
  }

  /** A setting of pairs has no effect where there are none. */
  private void requireUse(Problems problems, boolean unset, String key) {
    problems.require(
        unset || learn.pairs(),
        key,
        "is set, but with learn.weights: %s there are no pairs: leave one of the two out",
        Settings.word(learn.weights()));
  }
}
