package io.lorashear.checkpoint.gguf.architecture;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.family.LayerWidths;
import io.lorashear.family.ModelConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Fields of config.json that several families share: converted from and to metadata. */
final class ConfigFields {
  private static final List<String> ENDS = List.of("eos", "eot", "eom");

  private ConfigFields() {}

  /**
   * Fields of every model: its type, special tokens, number type, vocabulary size, whether the head
   * is tied.
   */
  static ObjectNode of(
      String type, String model, Hyperparameters h, boolean tied, long vocabulary) {
    var config = JsonFile.object();
    config.putArray("architectures").add(model);
    config.put("model_type", type);
    token(h, "bos").ifPresent(id -> config.put("bos_token_id", id));
    var ends = ENDS.stream().flatMap(name -> token(h, name).stream()).distinct().toList();
    if (ends.size() == 1) {
      config.put("eos_token_id", ends.get(0));
    } else if (!ends.isEmpty()) {
      ends.forEach(config.putArray("eos_token_id")::add);
    }
    token(h, "padding").ifPresent(id -> config.put("pad_token_id", id));
    config.put("tie_word_embeddings", tied);
    config.put("torch_dtype", "float32");
    config.put("vocab_size", vocabulary);
    return config;
  }

  private static Optional<Integer> token(Hyperparameters h, String role) {
    return Optional.ofNullable(h.metadata().wholeOrNull("tokenizer.ggml." + role + "_token_id"));
  }

  /**
   * {@link #of}, and the fields of Llama and similar families, whose rotary embedding covers whole
   * heads.
   */
  static ObjectNode likeLlama(
      String type, String model, Hyperparameters h, Set<String> names, long vocabulary) {
    var config = of(type, model, h, !names.contains("lm_head.weight"), vocabulary);
    if (h.rotaryDimension() != h.headDimension() && !type.equals("phi3")) {
      throw h.unread(
          "rotates %d of %d dimensions of a head"
              .formatted(h.rotaryDimension(), h.headDimension()));
    }
    config.put("head_dim", h.headDimension());
    config.put("hidden_size", h.hidden());
    config.put("max_position_embeddings", h.whole("context_length"));
    config.put("num_hidden_layers", h.layers());
    config.put("rms_norm_eps", h.number("attention.layer_norm_rms_epsilon"));
    config.put("rope_theta", h.number("rope.freq_base", 10_000));
    config.set("rope_scaling", RotaryScaling.of(h));
    widths(config, h);
    return config;
  }

  /** Metadata of every model. */
  static void describe(ModelConfig config, Description said) {
    said.whole("vocab_size", config.vocabularySize())
        .whole("context_length", config.statedPositions())
        .whole("embedding_length", config.hiddenSize())
        .whole("block_count", config.layers().size())
        .perLayer("feed_forward_length", each(config, LayerWidths::channels))
        .perLayer("attention.head_count", each(config, LayerWidths::queryHeads))
        .perLayer("attention.head_count_kv", each(config, LayerWidths::keyValueHeads));
  }

  private static List<Integer> each(ModelConfig config, Function<LayerWidths, Integer> width) {
    return config.layers().stream().map(width).toList();
  }

  /** {@link #describe}, and metadata of Llama and similar families; see {@link #likeLlama}. */
  static void describeLikeLlama(ModelConfig config, Description said) {
    describe(config, said);
    said.whole("attention.key_length", config.headDimension())
        .whole("attention.value_length", config.headDimension())
        .number("attention.layer_norm_rms_epsilon", config.number("rms_norm_eps"));
    RotaryScaling.describe(config, said);
  }

  private static void widths(ObjectNode config, Hyperparameters h) {
    var fields = new ArrayList<>(List.of(h.queryHeads(), h.keyValueHeads(), h.channels()));
    var names = List.of("num_attention_heads", "num_key_value_heads", "intermediate_size");
    for (int field = 0; field < names.size(); field++) {
      config.put(names.get(field), Collections.max(fields.get(field)));
    }
    if (fields.stream().anyMatch(values -> values.stream().distinct().count() > 1)) {
      var stated = h.wholeOrNull("expert_count");
      int experts = stated == null ? 1 : Math.max(1, stated);
      var widths =
          IntStream.range(0, h.layers())
              .mapToObj(
                  layer ->
                      new LayerWidths(
                          h.queryHeads().get(layer),
                          h.keyValueHeads().get(layer),
                          Collections.nCopies(experts, h.channels().get(layer))))
              .toList();
      var file = h.metadata().file().toString();
      config.setAll(new ModelConfig(config, List.of(), file).withLayers(widths).fields());
    }
  }
}
