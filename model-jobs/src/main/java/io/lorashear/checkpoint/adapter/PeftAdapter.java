package io.lorashear.checkpoint.adapter;

import io.lorashear.InputException;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.RenamedTensors;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.checkpoint.safetensors.Safetensors;
import io.lorashear.checkpoint.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/**
 * A LoRA adapter: adapter_config.json and adapter_model.safetensors as PEFT writes them.
 *
 * @param pairs the adapted weights
 * @param tensors A and B of every pair, under {@link LoraPair#a()} and {@link LoraPair#b()}
 */
public record PeftAdapter(List<LoraPair> pairs, TensorSource tensors) implements AutoCloseable {
  private static final String CONFIG = "adapter_config.json";
  private static final String WEIGHTS = "adapter_model.safetensors";
  private static final String PICKLED = "adapter_model.bin";
  private static final String A = ".lora_A.weight";

  /**
   * How the pairs were trained, for further training; it does not change what they compute.
   *
   * @param rsLora whether scales are written as α/√r (arXiv 2312.03732), not as α/r
   * @param dropout dropout probability of A's inputs
   */
  public record Training(boolean rsLora, double dropout) {
    /** Plain LoRA. */
    public static final Training PLAIN = new Training(false, 0);

    private double alpha(LoraPair pair) {
      return pair.scale() * (rsLora ? Math.sqrt(pair.rank()) : pair.rank());
    }
  }

  /**
   * Opens an adapter directory.
   *
   * @throws InputException if it is missing, incomplete, or not plain LoRA
   */
  public static PeftAdapter open(Path directory) {
    return open(directory, (found, weights) -> found.checkNoCopies());
  }

  /**
   * Opens an adapter of a model; it may contain copies of the model's tensors.
   *
   * @param base the model's tensors
   * @param table name of its embedding
   * @throws InputException if it is missing, incomplete, not plain LoRA, or has a copy that differs
   *     from the model's tensor
   */
  public static PeftAdapter open(Path directory, TensorSource base, String table) {
    return open(directory, (found, weights) -> found.checkCopies(weights, base, table));
  }

  private static PeftAdapter open(Path directory, BiConsumer<AdapterTensors, TensorSource> copies) {
    if (!Files.isRegularFile(directory.resolve(CONFIG))) {
      throw new InputException(
          "%s is no adapter: it has no %s as PEFT writes it", directory, CONFIG);
    }
    if (!Files.exists(directory.resolve(WEIGHTS)) && Files.exists(directory.resolve(PICKLED))) {
      throw new InputException(
          "%s has its weights in %s, a pickled file, which can run code when it is read: refused."
              + " Convert it once with PEFT:"
              + " AutoPeftModelForCausalLM.from_pretrained(old).save_pretrained(new)",
          directory, PICKLED);
    }
    var config = AdapterConfig.read(directory.resolve(CONFIG));
    var weights = Safetensors.open(directory.resolve(WEIGHTS));
    try {
      var found = AdapterTensors.of(directory.resolve(WEIGHTS), weights.tensors().keySet());
      var adapter = of(directory, config, new RenamedTensors(weights, found.parts()));
      copies.accept(found, weights);
      return adapter;
    } catch (RuntimeException e) {
      weights.close();
      throw e;
    }
  }

  private static PeftAdapter of(Path directory, AdapterConfig config, TensorSource tensors) {
    var names = tensors.tensors();
    var pairs = new ArrayList<LoraPair>();
    for (var name : names.keySet()) {
      if (name.endsWith(A)) {
        pairs.add(pair(directory, config, tensors, name.substring(0, name.length() - A.length())));
      }
    }
    if (pairs.isEmpty() || pairs.size() * 2 != names.size()) {
      throw new InputException(
          "%s holds %d tensors in %d pairs: every A needs its B",
          directory.resolve(WEIGHTS), names.size(), pairs.size());
    }
    return new PeftAdapter(List.copyOf(pairs), tensors);
  }

  private static LoraPair pair(
      Path directory, AdapterConfig config, TensorSource tensors, String module) {
    var pair = new LoraPair(module, config.rank(module), config.scale(module));
    var a = tensors.tensors().get(pair.a());
    var b = tensors.tensors().get(pair.b());
    if (a == null
        || b == null
        || a.shape().length != 2
        || b.shape().length != 2
        || a.shape()[0] != pair.rank()
        || b.shape()[1] != pair.rank()) {
      throw new InputException(
          "%s: A and B of %s are %s and %s, not matrices of rank %d as %s says",
          directory.resolve(WEIGHTS), module, a, b, pair.rank(), CONFIG);
    }
    return pair;
  }

  /**
   * Writes the adapter into {@code directory}, which is created if missing. Pairs that differ from
   * the first in rank or α are named in {@code rank_pattern} and {@code alpha_pattern}.
   *
   * @param base the model it belongs to: a path or a Hugging Face name
   */
  public void write(Path directory, String base) {
    write(directory, base, Training.PLAIN);
  }

  /** The same, also writing how the pairs were trained. */
  public void write(Path directory, String base, Training training) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + directory, e);
    }
    var names = new LinkedHashMap<String, String>();
    for (var pair : pairs) {
      names.put(AdapterTensors.PREFIX + pair.a(), pair.a());
      names.put(AdapterTensors.PREFIX + pair.b(), pair.b());
    }
    SafetensorsWriter.write(directory.resolve(WEIGHTS), new RenamedTensors(tensors, names));
    writeConfig(directory.resolve(CONFIG), base, training);
  }

  private void writeConfig(Path file, String base, Training training) {
    double alpha = training.alpha(pairs.get(0));
    var config = JsonFile.object();
    var alphas = config.putObject("alpha_pattern");
    config.put("base_model_name_or_path", base).put("bias", "none");
    config.put("fan_in_fan_out", false).put("inference_mode", true);
    config.put("init_lora_weights", true);
    config.put("lora_alpha", alpha).put("lora_dropout", training.dropout());
    config.put("peft_type", "LORA").put("r", pairs.get(0).rank());
    var ranks = config.putObject("rank_pattern");
    var targets = new TreeSet<String>();
    for (var pair : pairs) {
      targets.add(pair.module().substring(pair.module().lastIndexOf('.') + 1));
      if (pair.rank() != pairs.get(0).rank()) {
        ranks.put(pair.module(), pair.rank());
      }
      if (training.alpha(pair) != alpha) {
        alphas.put(pair.module(), training.alpha(pair));
      }
    }
    targets.forEach(config.putArray("target_modules")::add);
    config.put("task_type", "CAUSAL_LM").put("use_dora", false);
    config.put("use_rslora", training.rsLora());
    JsonFile.write(file, config);
  }

  /**
   * The same adapter with the first pair's scale s for all pairs: B of a pair with scale s′ is
   * multiplied by s′/s.
   */
  public PeftAdapter ofOneScale() {
    double scale = pairs.get(0).scale();
    if (pairs.stream().allMatch(pair -> pair.scale() == scale)) {
      return this;
    }
    var even = new InMemoryTensors();
    for (var pair : pairs) {
      var b = tensors.floats(pair.b());
      for (int i = 0; i < b.length; i++) {
        b[i] = (float) (b[i] * pair.scale() / scale);
      }
      even.put(pair.a(), tensors.floats(pair.a()), tensors.tensor(pair.a()).shape());
      even.put(pair.b(), b, tensors.tensor(pair.b()).shape());
    }
    tensors.close();
    return new PeftAdapter(
        pairs.stream().map(pair -> new LoraPair(pair.module(), pair.rank(), scale)).toList(), even);
  }

  @Override
  public void close() {
    tensors.close();
  }
}
