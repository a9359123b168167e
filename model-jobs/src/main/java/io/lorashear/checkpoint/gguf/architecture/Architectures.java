package io.lorashear.checkpoint.gguf.architecture;

import io.lorashear.InputException;
import io.lorashear.checkpoint.gguf.head.Metadata;
import io.lorashear.family.ModelConfig;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * All architectures by llama.cpp's names, and which of them expresses a model of transformers:
 *
 * <pre>
 *   widths of layers   llama ministral mistral   qwen2   mixtral   all others
 *   all the same       llama                     qwen2   llama     their own; mistral3 for ministral3
 *   different          deci                      deci    none      none
 *   other heads        llama                     deci    llama     none where they must fill hidden
 * </pre>
 */
public final class Architectures {
  private static final SortedMap<String, Architecture> KNOWN =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("llama", new LlamaModel(false)),
              Map.entry("deci", new LlamaModel(true)),
              Map.entry("qwen2", new QwenModel("qwen2", "Qwen2ForCausalLM", false)),
              Map.entry("qwen3", new QwenModel("qwen3", "Qwen3ForCausalLM", true)),
              Map.entry("qwen3moe", new Qwen3MoeModel()),
              Map.entry("gemma", new GemmaModel(false)),
              Map.entry("gemma2", new GemmaModel(true)),
              Map.entry("gemma3", new Gemma3Model()),
              Map.entry("mistral3", new Mistral3Model()),
              Map.entry("olmo2", new Olmo2Model()),
              Map.entry("phi3", new Phi3Model()),
              Map.entry("smollm3", new SmolLm3Model()),
              Map.entry("gpt2", new Gpt2Model()),
              Map.entry("gptneox", new GptNeoxModel())));

  /** Architectures of families whose layers all have the same widths, by transformers' names. */
  private static final SortedMap<String, String> WRITTEN =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("gemma", "gemma"),
              Map.entry("gemma2", "gemma2"),
              Map.entry("gemma3_text", "gemma3"),
              Map.entry("gpt2", "gpt2"),
              Map.entry("gpt_neox", "gptneox"),
              Map.entry("llama", "llama"),
              Map.entry("ministral", "llama"),
              Map.entry("ministral3", "mistral3"),
              Map.entry("mistral", "llama"),
              Map.entry("mixtral", "llama"),
              Map.entry("olmo2", "olmo2"),
              Map.entry("phi3", "phi3"),
              Map.entry("qwen2", "qwen2"),
              Map.entry("qwen3", "qwen3"),
              Map.entry("qwen3_moe", "qwen3moe"),
              Map.entry("smollm3", "smollm3")));

  /** Families whose layers the architecture deci can express, each layer with its own widths. */
  private static final Set<String> FREE =
      new TreeSet<>(Set.of("llama", "ministral", "mistral", "qwen2"));

  private Architectures() {}

  /** The architecture that {@code metadata} names. */
  public static Architecture of(Metadata metadata) {
    var name = metadata.text(Architecture.KEY);
    var architecture = KNOWN.get(name);
    if (architecture == null) {
      throw new InputException(
          "%s holds the architecture '%s'; of GGUF files are read %s:"
              + " use the model's Hugging Face directory",
          metadata.file(), name, String.join(", ", KNOWN.keySet()));
    }
    return architecture;
  }

  /** The architecture of that name. */
  public static Architecture named(String name) {
    return Objects.requireNonNull(KNOWN.get(name), name);
  }

  /**
   * The name of the architecture that expresses {@code config}.
   *
   * @throws InputException if none does, with what to do instead
   */
  public static String nameFor(ModelConfig config) {
    var type = config.modelType();
    var name = WRITTEN.get(type);
    if (name == null) {
      throw new InputException(
          "%s: a %s model is not written as GGUF; %s are. Export it --for transformers and convert"
              + " that by llama.cpp's convert_hf_to_gguf.py",
          config.where(), type, String.join(", ", WRITTEN.keySet()));
    }
    boolean filled =
        config.layers().get(0).queryHeads() * config.headDimension() == config.hiddenSize();
    boolean fits = filled || !named(name).headsFillHidden();
    if (config.uniform() && (fits || !FREE.contains(type))) {
      return name;
    }
    if (!FREE.contains(type)) {
      throw new InputException(
          "%s: its layers have different widths, which llama.cpp reads of %s alone, not of a %s:"
              + " export it --for transformers, or prune it to the same widths in all layers",
          config.where(), String.join(", ", FREE), type);
    }
    return "deci";
  }
}
