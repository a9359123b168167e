package io.lorashear.checkpoint;

import io.lorashear.InputException;
import io.lorashear.checkpoint.safetensors.ModelShards;
import io.lorashear.checkpoint.safetensors.Safetensors;
import io.lorashear.checkpoint.safetensors.ShardedTensors;
import io.lorashear.family.Quantization;
import io.lorashear.run.KnownHashes;
import io.lorashear.run.Publication;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Sha256;
import io.lorashear.settings.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files of a Hugging Face directory.
 *
 * @param published its manifest; null if another program wrote the directory. Files that a manifest
 *     does not name are ignored.
 */
record CheckpointFiles(Path directory, @Nullable PublishedDirectory published) {
  static final String CONFIG = "config.json";
  static final String GENERATION = "generation_config.json";
  static final String WEIGHTS = ModelShards.WEIGHTS;
  static final String INDEX = ModelShards.INDEX;
  static final String TOKENIZER = "tokenizer.json";
  static final String TOKENIZER_CONFIG = "tokenizer_config.json";

  /** Files that AutoGPTQ, AutoAWQ and ModelOpt write next to quantised weights. */
  private static final List<String> QUANTIZED =
      List.of("quantize_config.json", "quant_config.json", "hf_quant_config.json");

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
          "chat_template.jinja",
          Companions.VOCABULARY);

  static CheckpointFiles of(Path directory) {
    boolean ours = Files.exists(directory.resolve(Publication.MANIFEST));
    return new CheckpointFiles(directory, ours ? PublishedDirectory.open(directory) : null);
  }

  /**
   * Compares the files that are read with known hashes: those of the manifest, or those that came
   * with a download.
   *
   * @throws InputException if a file was changed
   */
  void check(KnownHashes hashes) {
    for (var name : names()) {
      if (published == null && isRead(name)) {
        checkDownload(directory.resolve(name), hashes);
      } else if (published != null && isRead(name) && has(name) && !isCopied(name)) {
        published.verified(name, hashes::of);
      }
    }
  }

  /** Whether a file is read from a copy, which is compared with the manifest as it arrives. */
  private boolean isCopied(String name) {
    return !Storage.isLocal(directory) && name.endsWith(".safetensors");
  }

  private static boolean isRead(String name) {
    return name.equals(CONFIG)
        || name.equals(INDEX)
        || name.endsWith(".safetensors")
        || COMPANIONS.contains(name);
  }

  /** Compares a single file with the hash that came with its download. */
  static void checkDownload(Path file, KnownHashes hashes) {
    if (!Files.isRegularFile(file)) {
      return;
    }
    DownloadedFile.sha256(file)
        .filter(expected -> !expected.equals(hashes.of(file)))
        .ifPresent(
            expected -> {
              throw new InputException(
                  "%s is not the file that was downloaded (its SHA-256 is not %s, which Hugging"
                      + " Face gave for it): download it again",
                  file, expected);
            });
  }

  private boolean has(String name) {
    return published == null
        ? Files.isRegularFile(directory.resolve(name))
        : published.files().stream().anyMatch(file -> file.name().equals(name));
  }

  /** The config.json, or an exception that says why this is not a checkpoint. */
  Path config() {
    var config = directory.resolve(CONFIG);
    if (has(CONFIG)) {
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

  /** Refuses a quantised checkpoint before its weights are read. */
  void refuseQuantized() {
    var config = config();
    Quantization.of(JsonFile.read(config))
        .ifPresent(
            how -> {
              throw how.refusal(config.toString());
            });
    for (var name : QUANTIZED) {
      if (has(name)) {
        var settings = directory.resolve(name);
        throw Quantization.read(JsonFile.read(settings)).refusal(settings.toString());
      }
    }
  }

  TensorSource openTensors() {
    if (has(INDEX)) {
      return ShardedTensors.open(directory.resolve(INDEX));
    }
    if (has(WEIGHTS)) {
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

  /** The existing tokenizer and generation files. */
  List<Path> companions() {
    return COMPANIONS.stream().filter(this::has).map(directory::resolve).toList();
  }

  /** One hash of configuration and weights: the manifest's, otherwise computed from the files. */
  String hash() {
    if (published != null) {
      return published.hash();
    }
    var whole = new StringBuilder();
    for (var name : names()) {
      if (name.equals(CONFIG) || name.endsWith(".safetensors")) {
        whole.append(name).append(' ').append(Sha256.of(directory.resolve(name))).append('\n');
      }
    }
    return Sha256.of(whole.toString());
  }

  private List<String> names() {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new InputException(e, "%s cannot be read: %s", directory, e.getMessage());
    }
  }
}
