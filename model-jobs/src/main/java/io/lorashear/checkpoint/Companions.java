package io.lorashear.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Set;

/** Tokenizer and generation files that are copied from one model to another made from it. */
public final class Companions {
  /** The ids before tokens were removed, in the folder of a model that lost some. */
  public static final String VOCABULARY = "vocabulary.json";

  private static final String INPUTS = "model_input_names";

  /**
   * Tokenizer classes that do not declare the model's inputs, so that transformers 4 passes too
   * many.
   */
  private static final Set<String> UNNAMED =
      Set.of("PreTrainedTokenizerFast", "PreTrainedTokenizer", "TokenizersBackend");

  private Companions() {}

  /**
   * Copies {@code companions} into {@code directory}, with the permissions of new files there. A
   * tokenizer without a tokenizer_config.json gets one, which declares ids and mask as the model's
   * inputs: otherwise transformers 4 also passes token types, which its {@code generate} refuses.
   */
  public static void copy(List<Path> companions, Path directory) throws IOException {
    for (var companion : companions) {
      var target = directory.resolve(String.valueOf(companion.getFileName()));
      try (var content = Files.newInputStream(companion)) { // without its permissions
        Files.copy(content, target, StandardCopyOption.REPLACE_EXISTING);
      }
    }
    if (Files.exists(directory.resolve(CheckpointFiles.TOKENIZER))) {
      nameInputs(directory.resolve(CheckpointFiles.TOKENIZER_CONFIG));
    }
  }

  private static void nameInputs(Path file) {
    var config = Files.exists(file) ? JsonFile.read(file) : JsonFile.object();
    var kind = config.path("tokenizer_class");
    if (!config.has(INPUTS) && (!kind.isTextual() || UNNAMED.contains(kind.asText()))) {
      config.putArray(INPUTS).add("input_ids").add("attention_mask");
      JsonFile.write(file, config);
    }
  }
}
