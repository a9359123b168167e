package io.lorashear.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.gguf.Gguf;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.ModelGraph;
import io.lorashear.run.CacheFolder;
import io.lorashear.run.KnownHashes;
import io.lorashear.run.Sha256;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A model on disk: a Hugging Face directory or a GGUF file, opened and checked for completeness.
 * Names, shapes and number types of all tensors, and the size of the tokenizer, are checked against
 * the configuration, and if it was published or downloaded, its bytes are checked against their
 * hashes the first time.
 */
public final class Checkpoint implements AutoCloseable {
  private final Path path;
  private final ModelConfig config;
  private final ModelGraph graph;
  private final TensorSource tensors;
  private final List<Path> companions;
  private final List<String> quantized;

  private Checkpoint(Path path, ModelConfig config, TensorSource tensors, List<Path> companions) {
    this.path = path;
    this.config = config;
    this.graph = Family.of(config).trace(config);
    this.tensors = TiedHead.restored(HeadlessNames.restored(tensors, graph), config, graph);
    this.companions = companions;
    this.quantized = tensors instanceof Gguf gguf ? gguf.quantized() : List.of();
  }

  /** {@link #open(Path, Path)} with the user's cache folder. */
  public static Checkpoint open(Path path) {
    return open(path, CacheFolder.ofUser().folder());
  }

  /**
   * Opens a model.
   *
   * @param path a Hugging Face directory, or a GGUF file
   * @param cache folder for the tokenizer of a GGUF file, under a name made from its content, and
   *     for the hashes of files that were checked
   * @throws InputException if it is missing or incomplete, or if its parts contradict each other
   */
  public static Checkpoint open(Path path, Path cache) {
    if (Files.isDirectory(path)) {
      var files = CheckpointFiles.of(path);
      var config = files.config();
      files.check(KnownHashes.in(cache));
      files.refuseQuantized();
      return checked(path, config, JsonFile.read(config), files.openTensors(), files.companions());
    }
    if (!Files.exists(path)) {
      throw new InputException(
          "%s does not exist: give a Hugging Face directory (config.json, model.safetensors,"
              + " tokenizer.json) or a .gguf file",
          path);
    }
    CheckpointFiles.checkDownload(path, KnownHashes.in(cache));
    var gguf = Gguf.open(path);
    return checked(path, path, gguf.config(), gguf, TokenizerCache.of(cache).keep(gguf));
  }

  /**
   * Checks the configuration of a Hugging Face directory for quantised weights, without reading the
   * weights.
   *
   * @throws InputException if the weights are quantised to fewer bits
   */
  public static void refuseQuantized(Path directory) {
    CheckpointFiles.of(directory).refuseQuantized();
  }

  private static Checkpoint checked(
      Path path, Path where, ObjectNode fields, TensorSource tensors, List<Path> companions) {
    ModelFit.checkUnpacked(path, tensors);
    ModelFit.checkLayers(where, fields, tensors);
    var said =
        new Checkpoint(path, ModelConfig.parse(fields, where.toString()), tensors, companions);
    var config = TiedHead.own(said.tensors, said.config, said.graph).orElse(said.config);
    var checkpoint = new Checkpoint(path, config, tensors, companions);
    ModelFit.checkTensors(path, config, checkpoint.graph, checkpoint.tensors);
    if (checkpoint.hasTokenizer()) {
      ModelFit.checkTokenizer(checkpoint.tokenizer(), config.vocabularySize());
    }
    return checkpoint;
  }

  /** The path that was opened. */
  public Path path() {
    return path;
  }

  /** The configuration: that of config.json, or, for a GGUF file, its equivalent. */
  public ModelConfig config() {
    return config;
  }

  /** The forward pass; its parameters are tensors of {@link #tensors()}. */
  public ModelGraph graph() {
    return graph;
  }

  /** The weights, by their Hugging Face names. */
  public TensorSource tensors() {
    return tensors;
  }

  /** Names of the quantised types of a GGUF file; empty for a directory. */
  public List<String> quantized() {
    return quantized;
  }

  /** Whether a tokenizer came with the model. */
  public boolean hasTokenizer() {
    return companions.stream().anyMatch(Checkpoint::isTokenizer);
  }

  /**
   * The tokenizer.json.
   *
   * @throws InputException if the model has none
   */
  public Path tokenizer() {
    return companions.stream()
        .filter(Checkpoint::isTokenizer)
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "%s has no tokenizer.json: make one with transformers,"
                        + " AutoTokenizer.from_pretrained(model).save_pretrained(model)",
                    path));
  }

  /**
   * The tokenizer.json of a model; for a GGUF file it is made from the metadata.
   *
   * @throws InputException if there is no such model, or if it has no tokenizer
   */
  public static Path tokenizerOf(Path model) {
    try (var checkpoint = open(model)) {
      return checkpoint.tokenizer();
    }
  }

  private static boolean isTokenizer(Path file) {
    return file.endsWith(CheckpointFiles.TOKENIZER);
  }

  /** Tokenizer and generation files, to be copied to a model made from this one. */
  public List<Path> companions() {
    return companions;
  }

  /** SHA-256 of everything that determines what the model computes; reads all weights. */
  public String hash() {
    return Files.isDirectory(path) ? CheckpointFiles.of(path).hash() : Sha256.of(path);
  }

  @Override
  public void close() {
    tensors.close();
  }
}
