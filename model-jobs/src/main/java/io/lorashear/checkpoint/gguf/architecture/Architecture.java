package io.lorashear.checkpoint.gguf.architecture;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.gguf.head.GgufHeader.Entry;
import io.lorashear.checkpoint.gguf.head.Metadata;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** One architecture of GGUF files, seen as transformers sees it. */
public interface Architecture {
  /** The metadata that names it. */
  String KEY = "general.architecture";

  /**
   * The Hugging Face tensors that {@code entry} holds; none where such a model has no such tensor.
   *
   * @throws InputException when its shape contradicts {@code h}
   */
  List<Part> parts(Entry entry, Hyperparameters h);

  /**
   * The fields of config.json.
   *
   * @param names of the Hugging Face tensors that are there
   * @param vocabulary rows of the embedding
   */
  ObjectNode config(Hyperparameters h, Set<String> names, long vocabulary);

  /** Keys that it reads beside those that all read, without the architecture's name. */
  default Set<String> keys() {
    return Set.of();
  }

  /** Hugging Face's name of the embedding. */
  String embedding();

  /**
   * A head that converters have written out although it is the embedding; it is left out where both
   * are the same. Empty where that does not happen.
   */
  default Optional<String> headMadeOfEmbedding() {
    return Optional.empty();
  }

  /** The architecture that {@code metadata} name. */
  static Architecture of(Metadata metadata) {
    var known =
        new TreeMap<String, Architecture>(
            Map.of(
                "llama", new LlamaModel(),
                "qwen2", new QwenModel("qwen2", "Qwen2ForCausalLM", false),
                "qwen3", new QwenModel("qwen3", "Qwen3ForCausalLM", true),
                "gemma", new GemmaModel(false),
                "gemma2", new GemmaModel(true),
                "olmo2", new Olmo2Model(),
                "phi3", new Phi3Model(),
                "gpt2", new Gpt2Model(),
                "gptneox", new GptNeoxModel()));
    var name = metadata.text(KEY);
    var architecture = known.get(name);
    if (architecture == null) {
      throw new InputException(
          "%s holds the architecture '%s'; of GGUF files are read %s:"
              + " use the model's Hugging Face directory",
          metadata.file(), name, String.join(", ", known.keySet()));
    }
    return architecture;
  }
}
