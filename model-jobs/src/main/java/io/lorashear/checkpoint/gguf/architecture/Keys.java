package io.lorashear.checkpoint.gguf.architecture;

import io.lorashear.InputException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys that begin with an architecture's name: keys that are read; keys without effect at
 * certain values, which converters write anyway; any other key could change what the model computes
 * and is refused. gguf-py's constants.py in llama.cpp lists all keys.
 */
final class Keys {
  static final String FACTOR = "rope.scaling.factor";
  static final String OLD_FACTOR = "rope.scale_linear";
  static final String LENGTH = "rope.scaling.original_context_length";
  static final String MAGNITUDE = "rope.scaling.attn_factor";
  static final String LOG_MULTIPLIER = "rope.scaling.yarn_log_multiplier";

  private static final double ALIKE = 1e-6; // relative; numbers are stored in float32

  /** Read for every architecture. */
  private static final Set<String> READ =
      Set.of(
          """
          attention.head_count attention.head_count_kv attention.key_length
          attention.layer_norm_epsilon attention.layer_norm_rms_epsilon block_count context_length
          embedding_length feed_forward_length rope.dimension_count rope.freq_base
          rope.scale_linear rope.scaling.attn_factor rope.scaling.factor
          rope.scaling.original_context_length rope.scaling.type rope.scaling.yarn_attn_factor
          rope.scaling.yarn_beta_fast rope.scaling.yarn_beta_slow rope.scaling.yarn_ext_factor
          """
              .split("\\s+"));

  /**
   * Keys without effect on the logits: how the file was made, how sentence embeddings are pooled.
   */
  private static final Set<String> IGNORED =
      Set.of("pooling_type", "rope.scaling.finetuned", "tensor_data_layout", "vocab_size");

  private static final List<Double> NO = List.of(0.0);
  private static final List<Double> YES = List.of(1.0);
  private static final List<Double> NO_FACTOR = List.of(0.0, 1.0);

  /** Values without effect; 0 and 1 also stand for false and true. */
  private static final Map<String, List<Double>> AT_REST =
      Map.ofEntries(
          Map.entry("attention.causal", YES),
          Map.entry("attention.clamp_kqv", NO),
          Map.entry("attention.max_alibi_bias", NO),
          Map.entry("attention.output_scale", NO_FACTOR),
          Map.entry("attention.shared_kv_layers", NO),
          Map.entry("attention.temperature_scale", NO),
          Map.entry("attn_logit_softcapping", NO),
          Map.entry("embedding_length_per_layer_input", NO),
          Map.entry("embedding_scale", NO_FACTOR),
          Map.entry("expert_count", NO),
          Map.entry("expert_gating_func", NO_FACTOR), // none, softmax
          Map.entry("expert_group_count", NO_FACTOR),
          Map.entry("expert_group_used_count", NO_FACTOR),
          Map.entry("expert_shared_count", NO),
          Map.entry("expert_shared_feed_forward_length", NO),
          Map.entry("expert_used_count", NO),
          Map.entry("expert_weights_norm", YES),
          Map.entry("expert_weights_scale", NO_FACTOR),
          Map.entry("final_logit_softcapping", NO),
          Map.entry("interleave_moe_layer_step", NO_FACTOR),
          Map.entry("leading_dense_block_count", NO),
          Map.entry("logit_scale", NO_FACTOR),
          Map.entry("nextn_predict_layers", NO),
          Map.entry("residual_scale", NO_FACTOR),
          Map.entry("rope.dimension_sections", NO),
          Map.entry("rope.scaling.alpha", NO),
          Map.entry(LOG_MULTIPLIER, NO),
          Map.entry("router_logit_softcapping", NO),
          Map.entry("swin_norm", NO),
          Map.entry("use_parallel_residual", NO));

  private Keys() {}

  /**
   * Refuses keys that could change the result, all in one message.
   *
   * @param own keys that are read for this architecture in addition to the common ones
   */
  static void check(Hyperparameters h, Set<String> own) {
    var prefix = h.key("");
    var atRest = atRest(h);
    var problems = new ArrayList<String>();
    for (var entry : h.metadata().values().entrySet()) {
      var name = entry.getKey().startsWith(prefix) ? entry.getKey().substring(prefix.length()) : "";
      boolean known = READ.contains(name) || own.contains(name) || IGNORED.contains(name);
      if (!name.isEmpty() && !known && !rests(h, name, entry.getValue(), atRest.get(name))) {
        problems.add(entry.getKey() + " is " + entry.getValue());
      }
    }
    if (!problems.isEmpty()) {
      Collections.sort(problems);
      throw new InputException(
          "%s: the metadata %s: that is not read of the architecture %s and could change the"
              + " result: use the model's Hugging Face directory",
          h.metadata().file(), String.join(", ", problems), h.architecture());
    }
  }

  /** {@link #AT_REST}, and keys without effect at a value that another key gives. */
  private static Map<String, List<Double>> atRest(Hyperparameters h) {
    var values = new HashMap<>(AT_REST);
    double head = h.headDimension();
    double base = h.number("rope.freq_base", 10_000);
    values.put("attention.key_length_swa", List.of(head));
    values.put("attention.scale", List.of(0.0, 1 / Math.sqrt(head)));
    values.put("attention.value_length", List.of(head));
    values.put("attention.value_length_swa", List.of(head));
    values.put("expert_feed_forward_length", channels(h));
    values.put("rope.dimension_count_swa", List.of((double) h.rotaryDimension()));
    values.put("rope.freq_base_swa", List.of(base));
    return values;
  }

  private static List<Double> channels(Hyperparameters h) {
    return h.channels().stream().distinct().count() == 1
        ? List.of(0.0, (double) h.channels().get(0))
        : NO;
  }

  private static boolean rests(
      Hyperparameters h, String name, Object value, @Nullable List<Double> values) {
    if (value instanceof Collection<?> all) {
      return all.stream().allMatch(each -> rests(h, name, each, values));
    }
    if (name.equals("attention.sliding_window")) {
      return number(value) == 0
          || number(value) >= h.whole("context_length"); // the window covers everything
    }
    return values != null
        && values.stream().anyMatch(rest -> Math.abs(rest - number(value)) <= ALIKE * rest);
  }

  private static double number(Object value) {
    if (value instanceof Boolean yes) {
      return yes ? 1 : 0;
    }
    return value instanceof Number number ? number.doubleValue() : Double.NaN;
  }
}
