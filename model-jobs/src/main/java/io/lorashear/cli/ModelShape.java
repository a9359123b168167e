package io.lorashear.cli;

import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.safetensors.ModelShards;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.ModelGraph;
import io.lorashear.run.FoundFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads the graph of a model from its config.json alone. */
public final class ModelShape {
  private static final String CONFIG = "config.json";
  private static final List<String> WEIGHTS = List.of(ModelShards.WEIGHTS, ModelShards.INDEX);

  private ModelShape() {}

  /** The graph of a Hugging Face directory, a GGUF file or a config.json; no weights are read. */
  static ModelGraph read(Path model) {
    var config = config(model);
    return Family.of(config).trace(config);
  }

  /** The configuration in a Hugging Face directory, a GGUF file or a config.json. */
  public static ModelConfig config(Path model) {
    var config = model.resolve(CONFIG);
    if (Files.isDirectory(model) && Files.isRegularFile(config) && !hasWeights(model)) {
      Checkpoint.refuseQuantized(model); // its weights may have other names
      return parsed(config);
    }
    if (model.toString().endsWith(".json")) {
      return parsed(model);
    }
    try (var checkpoint = Checkpoint.open(model)) {
      return checkpoint.config();
    }
  }

  private static ModelConfig parsed(Path file) {
    return ModelConfig.parse(JsonFile.read(file), file.toString());
  }

  /** Whether there are weights, which must then fit the config.json. */
  private static boolean hasWeights(Path model) {
    return WEIGHTS.stream().anyMatch(name -> Files.isRegularFile(model.resolve(name)));
  }

  /** Size of the files with the weights; 0 if there are none. */
  static long weightBytes(Path model) {
    if (!Files.exists(model)) {
      return 0;
    }
    if (Files.isRegularFile(model)) {
      return model.toString().endsWith(".json") ? 0 : FoundFiles.at(model).bytes();
    }
    try (var inside = Files.list(model)) {
      return inside
          .filter(file -> file.toString().endsWith(".safetensors"))
          .mapToLong(file -> FoundFiles.at(file).bytes())
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
