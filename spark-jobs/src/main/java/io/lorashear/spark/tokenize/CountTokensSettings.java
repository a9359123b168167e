package io.lorashear.spark.tokenize;

import io.lorashear.settings.Problems;
import io.lorashear.settings.Withers;
import java.nio.file.Path;
import java.util.List;

/**
 * Which corpora are counted.
 *
 * @param corpora folders that {@code tokenize} published, all with one tokenizer
 * @param output folder of the counts
 */
public record CountTokensSettings(List<Path> corpora, Path output)
    implements Withers<CountTokensSettings> {

  void check(Problems problems) {
    problems.require(
        !corpora.isEmpty(), "corpora", "is empty: name a folder that tokenize published");
  }
}
