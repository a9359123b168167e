package io.lorashear.adapt;

import io.lorashear.checkpoint.OutputType;
import io.lorashear.lora.LoraSettings;
import io.lorashear.optim.AdamSettings;
import io.lorashear.rank.RankSettings;
import io.lorashear.recover.RecoverSettings.Kind;
import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import io.lorashear.train.TrainSettings;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Trains a LoRA adapter for a model that stays as it is.
 *
 * @param checkpoint the model that the adapter is for
 * @param corpus published sequences
 * @param subset published draw of the rows to train on; without it {@code rows} of every source
 * @param output the adapter's folder
 * @param base name of the model in the adapter's configuration, a folder or a name on Hugging Face;
 *     the checkpoint's folder if unset
 * @param merge whether the model with the adapter merged in is written too, into the folder
 *     "merged"
 * @param stage pretrain: learns every token of plain text, prompts of instructions included;
 *     instruct: learns only the responses of instructions
 * @param rows rows of each source in a uniform draw; 0: all
 * @param passes number of passes over the rows, if neither steps nor tokens are given
 * @param steps number of steps; rows repeat as often as needed; 0: by tokens or passes
 * @param tokens number of tokens to train on, padding included; 0: by steps or passes
 * @param seed of the draw, the order of rows and the first weights
 * @param prunedLora PrunedLoRA: pairs begin with a higher rank than {@code lora.rank}
 * @param validationRows held-out rows of each source
 * @param validations how often the held-out rows are scored during training, the end included
 * @param outputType number type that the merged model's weights are written in
 */
public record AdapterSettings(
    Path checkpoint,
    Path corpus,
    Optional<Path> subset,
    Path output,
    Optional<String> base,
    @Default("false") boolean merge,
    @Default("instruct") Kind stage,
    @Default("0") int rows,
    @Default("1") int passes,
    @Default("0") long steps,
    @Default("0") long tokens,
    @Default("16") int validationRows,
    @Default("4") int validations,
    @Default("1") long seed,
    @Default("keep") OutputType outputType,
    LoraSettings lora,
    RankSettings prunedLora,
    TrainSettings train,
    AdamSettings adam) {

  /** Reports what is out of range. */
  public void check(Problems problems) {
    problems.require(rows >= 0, "rows", "is %s: give rows of every source, or 0 for all", rows);
    problems.require(passes >= 1, "passes", "is %s: give at least 1", passes);
    problems.require(steps >= 0, "steps", "is %s: give how many, or 0 to go by passes", steps);
    problems.require(tokens >= 0, "tokens", "is %s: give how many, or 0 to go by passes", tokens);
    problems.require(
        steps == 0 || tokens == 0,
        "steps",
        "is %s and tokens is %s: give one of them, the other follows",
        steps,
        tokens);
    problems.require(
        validationRows >= 1,
        "validationRows",
        "is %s: the best state is found by at least one row of every source",
        validationRows);
    problems.require(
        merge || outputType == OutputType.KEEP,
        "outputType",
        "is %s, but merge is false, so no model is written: leave it out, or set merge"
            + " to true",
        outputType.toString().toLowerCase(Locale.ROOT));
    problems.require(validations >= 1, "validations", "is %s: give at least 1", validations);
    problems.require(
        !prunedLora.wanted() || prunedLora.startRank() > lora.rank(),
        "prunedLora.startRank",
        "is %s: give more than lora.rank, %s, which is left in the end",
        prunedLora.startRank(),
        lora.rank());
    problems.require(
        !prunedLora.wanted() || lora.adapter().isEmpty(),
        "prunedLora.startRank",
        "is %s, but the pairs of lora.adapter have their own ranks: leave one of the two out",
        prunedLora.startRank());
  }

  /** The pairs that training begins with. */
  LoraSettings start() {
    return prunedLora.wanted() ? lora.ofRank(prunedLora.startRank()) : lora;
  }

  /**
   * Steps of a run over so many rows.
   *
   * @param length tokens of a row
   */
  long steps(int rows, int length) {
    long perStep = (long) train.rows() * train.accumulate();
    if (steps > 0) {
      return steps;
    }
    long wanted = tokens > 0 ? (tokens + length - 1) / length : (long) rows * passes;
    return (wanted + perStep - 1) / perStep;
  }
}
