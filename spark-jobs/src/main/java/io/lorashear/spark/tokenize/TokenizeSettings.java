package io.lorashear.spark.tokenize;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import io.lorashear.settings.Renamed;
import io.lorashear.settings.Settings;
import io.lorashear.settings.Withers;
import io.lorashear.spark.engine.Engine;
import io.lorashear.spark.engine.TextIds;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How documents become sequences.
 *
 * @param documents folder that {@code ingest} published
 * @param tokenizer the model's {@code tokenizer.json}, or its folder
 * @param output folder of the corpus
 * @param grows corpus that this one extends: its rows are kept, and those of {@code documents} are
 *     added; unset for a new corpus
 * @param earlier folders of all documents that {@code grows} was made from, so that validation text
 *     of one is never training text of the other
 * @param sequenceLength token ids of a row
 * @param separator token id that ends every document and fills short rows; the tokenizer's
 *     end-of-text token if unset
 * @param tail what happens to the last, short row of a shard
 * @param examples how many instructions a row contains
 * @param validation passages that are only measured and never trained on
 * @param passageCharacters longer texts are cut at blank lines into passages of at most this
 *     length; each passage is drawn for validation by itself
 * @param shardCharacters approximate amount of text in a shard
 * @param engine library that turns text into ids
 * @param hubModel name at the Hugging Face hub of the model with this tokenizer, for an engine that
 *     needs it
 */
@Renamed(from = "validationShare", to = "validation.share")
public record TokenizeSettings(
    Path documents,
    Path tokenizer,
    Path output,
    Optional<Path> grows,
    @Default("[]") List<Path> earlier,
    @Default("512") int sequenceLength,
    Optional<Integer> separator,
    @Default("pad") Tail tail,
    @Default("packed") Examples examples,
    ValidationSettings validation,
    @Default("20000") int passageCharacters,
    @Default("32000000") long shardCharacters,
    @Default("built-in") Engine engine,
    Optional<String> hubModel)
    implements Withers<TokenizeSettings> {
  /** Least number of ids in a row. */
  static final int SHORTEST = 8;

  /** What happens to the last row of a shard of running text, if it is short. */
  public enum Tail {
    /** It is padded with the separator, which does not count in the loss. */
    PAD,
    /** It is left out; its tokens are counted as dropped. */
    DROP
  }

  /**
   * How many instructions a row contains. Instructions are never cut; their rows are padded with
   * the separator.
   */
  public enum Examples {
    /** As many whole instructions as fit. */
    PACKED,
    /** One instruction per row. */
    SINGLE
  }

  void check(Problems problems) {
    problems.require(
        grows.isPresent() || earlier.isEmpty(),
        "earlier",
        "names documents, but grows no corpus: give the corpus they were tokenized into");
    problems.require(
        grows.isEmpty() || !earlier.isEmpty(),
        "earlier",
        "is empty, but grows is %s: name the folders of all documents it was made of",
        grows.map(Path::toString).orElse(""));
    problems.require(
        sequenceLength >= SHORTEST,
        "sequenceLength",
        "is %d: give %d ids or more",
        sequenceLength,
        SHORTEST);
    problems.require(
        passageCharacters >= 100,
        "passageCharacters",
        "is %d: give 100 characters or more",
        passageCharacters);
    problems.require(
        shardCharacters >= passageCharacters,
        "shardCharacters",
        "is %d: a shard holds a passage of %d characters at least",
        shardCharacters,
        passageCharacters);
    engine.require(problems, TextIds.class, "runs the same tokenizers library");
    problems.require(
        (engine == Engine.BUILT_IN) == hubModel.isEmpty(),
        "hubModel",
        "is %s and engine is %s: djl-spark needs the name of a model at the Hugging Face"
            + " hub, built-in takes none",
        hubModel.orElse("not given"),
        Settings.word(engine));
  }
}
