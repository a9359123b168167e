package io.lorashear.train;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import java.nio.file.Path;

/**
 * A small Llama-shaped model trained from random weights.
 *
 * @param corpus published sequences, of which the training split is used
 * @param tokenizer the tokenizer.json that the corpus was tokenized with
 * @param output checkpoint folder
 * @param hidden channels of the residual stream, a multiple of twice {@code heads}
 * @param layers number of layers
 * @param heads query heads, a multiple of {@code keyValueHeads}
 * @param keyValueHeads key-value heads
 * @param channels channels of each MLP
 * @param tokens number of tokens to train on; the corpus repeats if it has fewer
 * @param seed seed of the first weights and of the order of rows
 * @param train how the loss is lowered
 */
public record PretrainSettings(
    Path corpus,
    Path tokenizer,
    Path output,
    @Default("128") int hidden,
    @Default("4") int layers,
    @Default("8") int heads,
    @Default("4") int keyValueHeads,
    @Default("384") int channels,
    @Default("1000000") long tokens,
    @Default("1") long seed,
    TrainSettings train) {

  /** Reports what does not fit together. */
  public void check(Problems problems) {
    problems.require(
        heads >= 1 && hidden % (2 * heads) == 0,
        "hidden",
        "is %s: give a multiple of twice the %s heads",
        hidden,
        heads);
    problems.require(
        keyValueHeads >= 1 && heads % keyValueHeads == 0,
        "keyValueHeads",
        "is %s: give a divisor of the %s heads",
        keyValueHeads,
        heads);
    problems.require(layers >= 1, "layers", "is %s: give at least 1", layers);
    problems.require(channels >= 1, "channels", "is %s: give at least 1", channels);
    problems.require(tokens >= 1, "tokens", "is %s: give how many to train on", tokens);
  }
}
