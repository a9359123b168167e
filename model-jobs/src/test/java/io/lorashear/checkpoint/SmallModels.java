package io.lorashear.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.family.Family;
import io.lorashear.family.LayerWidths;
import io.lorashear.family.ModelConfig;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** LLaMAs of a few thousand random weights. */
public final class SmallModels {
  private SmallModels() {}

  /** 16 wide, heads of 4, 32 tokens, a head of its own; layers of the given widths. */
  public static ModelConfig llama(LayerWidths... layers) {
    ObjectNode fields = JsonFile.object();
    fields.putArray("architectures").add("LlamaForCausalLM");
    fields.put("model_type", "llama").put("hidden_size", 16).put("head_dim", 4);
    fields.put("num_hidden_layers", layers.length).put("vocab_size", 32);
    fields.put("num_attention_heads", 4).put("num_key_value_heads", 2);
    fields.put("intermediate_size", 24).put("max_position_embeddings", 64);
    fields.put("rms_norm_eps", 1e-5).put("rope_theta", 10000.0).put("hidden_act", "silu");
    fields.put("tie_word_embeddings", false).put("bos_token_id", 1).put("eos_token_id", 2);
    return ModelConfig.parse(fields, "a test").withLayers(List.of(layers));
  }

  /** Two layers of 4 heads on 2, 24 channels. */
  public static ModelConfig uniform() {
    return llama(Collections.nCopies(2, new LayerWidths(4, 2, 24)).toArray(LayerWidths[]::new));
  }

  /** Two layers that differ in all widths. */
  public static ModelConfig uneven() {
    return llama(new LayerWidths(4, 2, 20), new LayerWidths(2, 1, 24));
  }

  /** Random weights for {@code config}. */
  public static InMemoryTensors weights(ModelConfig config, long seed) {
    var random = new Random(seed);
    var tensors = new InMemoryTensors();
    for (var parameter : Family.of(config).trace(config).parameters().values()) {
      var values = new float[(int) parameter.elements()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian() * 0.1f;
      }
      tensors.put(parameter.name(), values, parameter.shape());
    }
    return tensors;
  }
}
