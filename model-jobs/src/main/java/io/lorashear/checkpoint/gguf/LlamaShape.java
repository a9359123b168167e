package io.lorashear.checkpoint.gguf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.JsonFile;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * What the metadata of a {@code llama} file says about its layers.
 *
 * @param queryHeads a layer's query heads
 * @param keyValueHeads a layer's key/value heads
 * @param channels a layer's feed-forward width
 */
record LlamaShape(
    int hidden,
    int headDimension,
    List<Integer> queryHeads,
    List<Integer> keyValueHeads,
    List<Integer> channels) {
  private static final String SCALING = "llama.rope.scaling.type";

  static LlamaShape of(Metadata metadata) {
    var architecture = metadata.text("general.architecture");
    if (!architecture.equals("llama")) {
      throw new InputException(
          "%s holds the architecture '%s'; of GGUF files only llama is read here:"
              + " use the model's Hugging Face directory",
          metadata.file(), architecture);
    }
    refuse(metadata, "llama.expert_count", "a mixture of experts");
    int layers = metadata.whole("llama.block_count");
    int hidden = metadata.whole("llama.embedding_length");
    var queryHeads = perLayer(metadata, "llama.attention.head_count", layers);
    var keyValueHeads =
        metadata.has("llama.attention.head_count_kv")
            ? perLayer(metadata, "llama.attention.head_count_kv", layers)
            : queryHeads;
    var stated = metadata.wholeOrNull("llama.attention.key_length");
    int headDimension = stated != null ? stated : hidden / Math.max(1, queryHeads.get(0));
    var rotary = metadata.wholeOrNull("llama.rope.dimension_count");
    if (rotary != null && rotary != headDimension) {
      throw new InputException(
          "%s rotates %d of %d dimensions of a head; of GGUF files only whole heads are read here",
          metadata.file(), rotary, headDimension);
    }
    var channels = perLayer(metadata, "llama.feed_forward_length", layers);
    return new LlamaShape(hidden, headDimension, queryHeads, keyValueHeads, channels);
  }

  private static void refuse(Metadata metadata, String key, String what) {
    var value = metadata.wholeOrNull(key);
    if (value != null && value > 0) {
      throw new InputException(
          "%s is %s (%s is %d), which is not read from GGUF:"
              + " use the model's Hugging Face directory",
          metadata.file(), what, key, value);
    }
  }

  private static List<Integer> perLayer(Metadata metadata, String key, int layers) {
    if (!(metadata.values().get(key) instanceof List)) {
      return Collections.nCopies(layers, metadata.whole(key));
    }
    var values = metadata.list(key, Long.class).stream().map(Math::toIntExact).toList();
    if (values.size() != layers) {
      throw new InputException(
          "%s: the metadata %s has %d values for %d layers",
          metadata.file(), key, values.size(), layers);
    }
    return values;
  }

  /** The fields of a config.json; {@code names} are the tensors' Hugging Face names. */
  ObjectNode config(Metadata metadata, Set<String> names, long vocabulary) {
    var config = JsonFile.object();
    config.putArray("architectures").add("LlamaForCausalLM");
    config.put("model_type", "llama");
    config.put("attention_bias", names.contains("model.layers.0.self_attn.q_proj.bias"));
    token(config, metadata, "bos");
    token(config, metadata, "eos");
    token(config, metadata, "padding");
    config.put("head_dim", headDimension);
    config.put("hidden_act", "silu");
    config.put("hidden_size", hidden);
    config.put("max_position_embeddings", metadata.whole("llama.context_length"));
    config.put("mlp_bias", names.contains("model.layers.0.mlp.up_proj.bias"));
    config.put("num_hidden_layers", queryHeads.size());
    config.put("rms_norm_eps", metadata.number("llama.attention.layer_norm_rms_epsilon"));
    scaling(config, metadata);
    config.put("rope_theta", metadata.number("llama.rope.freq_base", 10_000));
    config.put("tie_word_embeddings", !names.contains("lm_head.weight"));
    config.put("torch_dtype", "float32");
    config.put("vocab_size", vocabulary);
    widths(config);
    return config;
  }

  private static void token(ObjectNode config, Metadata metadata, String name) {
    var id = metadata.wholeOrNull("tokenizer.ggml." + name + "_token_id");
    if (id != null) {
      config.put((name.equals("padding") ? "pad" : name) + "_token_id", id);
    }
  }

  private static void scaling(ObjectNode config, Metadata metadata) {
    var type = metadata.textOrNull(SCALING);
    if (type == null || type.equals("none")) {
      config.putNull("rope_scaling");
    } else if (type.equals("linear")) {
      config
          .putObject("rope_scaling")
          .put("rope_type", "linear")
          .put("factor", metadata.number("llama.rope.scaling.factor"));
    } else {
      throw new InputException(
          "%s scales its rotary frequencies by '%s', which is not read from GGUF:"
              + " use the model's Hugging Face directory",
          metadata.file(), type);
    }
  }

  private void widths(ObjectNode config) {
    var fields = new ArrayList<List<Integer>>(List.of(queryHeads, keyValueHeads, channels));
    var names = List.of("num_attention_heads", "num_key_value_heads", "intermediate_size");
    for (int field = 0; field < names.size(); field++) {
      var values = fields.get(field);
      int widest = Collections.max(values);
      config.put(names.get(field), widest);
      for (int layer = 0; layer < values.size(); layer++) {
        if (values.get(layer) != widest) {
          config
              .withObject("/per_layer_config")
              .withObject("/" + layer)
              .put(names.get(field), values.get(layer));
        }
      }
    }
  }
}
