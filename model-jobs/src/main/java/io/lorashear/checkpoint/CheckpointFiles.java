package io.lorashear.checkpoint;

import io.lorashear.InputException;
import io.lorashear.checkpoint.safetensors.Safetensors;
import io.lorashear.checkpoint.safetensors.ShardedTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What lies in a Hugging Face directory. */
record CheckpointFiles(Path directory) {
  static final String CONFIG = "config.json";
  static final String GENERATION = "generation_config.json";
  static final String WEIGHTS = "model.safetensors";
  static final String INDEX = "model.safetensors.index.json";
  static final String TOKENIZER = "tokenizer.json";
  static final String TOKENIZER_CONFIG = "tokenizer_config.json";
  private static final List<String> COMPANIONS =
      List.of(
          TOKENIZER,
          TOKENIZER_CONFIG,
          GENERATION,
          "special_tokens_map.json",
          "added_tokens.json",
          "tokenizer.model",
          "vocab.json",
          "merges.txt",
          "chat_template.jinja");

  /** The config.json, or why this is no checkpoint. */
  Path config() {
    var config = directory.resolve(CONFIG);
    if (Files.isRegularFile(config)) {
      return config;
    }
    var names = names();
    if (names.isEmpty()) {
      throw new InputException(
          "%s is empty: give a Hugging Face directory (config.json, model.safetensors,"
              + " tokenizer.json) or a .gguf file",
          directory);
    }
    var gguf = names.stream().filter(name -> name.endsWith(".gguf")).findFirst();
    if (gguf.isPresent()) {
      throw new InputException(
          "%s has no config.json, but %s: give that file", directory, gguf.get());
    }
    throw new InputException("%s has no config.json: it is no Hugging Face directory", directory);
  }

  TensorSource openTensors() {
    if (Files.isRegularFile(directory.resolve(INDEX))) {
      return ShardedTensors.open(directory.resolve(INDEX));
    }
    if (Files.isRegularFile(directory.resolve(WEIGHTS))) {
      return Safetensors.open(directory.resolve(WEIGHTS));
    }
    for (var name : names()) {
      if (name.endsWith(".bin") || name.endsWith(".pt") || name.endsWith(".pth")) {
        throw new InputException(
            "%s has its weights in %s, a pickled file, which can run code when it is read: refused."
                + " Convert it once with transformers:"
                + " AutoModelForCausalLM.from_pretrained(old).save_pretrained(new)",
            directory, name);
      }
    }
    throw new InputException(
        "%s has neither %s nor %s: the weights are missing", directory, WEIGHTS, INDEX);
  }

  /** Tokenizer and generation files, as far as they are there. */
  List<Path> companions() {
    return COMPANIONS.stream().map(directory::resolve).filter(Files::isRegularFile).toList();
  }

  private List<String> names() {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new InputException(e, "%s cannot be read: %s", directory, e.getMessage());
    }
  }
}
