package io.lorashear.spark.tokenize;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import io.lorashear.settings.Withers;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How a corpus gets the ids of a smaller vocabulary.
 *
 * @param shards published corpus whose rows get new ids
 * @param from {@code tokenizer.json} that made it, or its folder
 * @param tokenizer {@code tokenizer.json} of the model whose vocabulary is smaller, or its folder
 * @param output folder of the new corpus
 * @param sequenceLength token ids of a row; that of {@code shards} if unset
 * @param tail what happens to the last, short row of a shard
 * @param examples how many instructions a row contains
 */
public record RetokenizeSettings(
    Path shards,
    Path from,
    Path tokenizer,
    Path output,
    Optional<Integer> sequenceLength,
    @Default("pad") TokenizeSettings.Tail tail,
    @Default("packed") TokenizeSettings.Examples examples)
    implements Withers<RetokenizeSettings> {

  void check(Problems problems) {
    int length = sequenceLength.orElse(TokenizeSettings.SHORTEST);
    problems.require(
        length >= TokenizeSettings.SHORTEST,
        "sequenceLength",
        "is %d: give %d ids or more",
        length,
        TokenizeSettings.SHORTEST);
  }
}
