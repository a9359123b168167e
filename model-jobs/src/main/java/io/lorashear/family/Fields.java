package io.lorashear.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.lorashear.InputException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The fields that one family's config.json may have: those its forward pass reads, with what holds
 * where the file is silent; those that are understood with certain values only; those that change
 * nothing. Any other field could change the result, so it is refused.
 */
public final class Fields {
  /**
   * Of no effect on the forward pass, in any family: where files came from, how they were trained,
   * how text is drawn.
   */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          """
          _attn_implementation_autoset _model_name_or_path _name_or_path _num_labels
          architectures attention_dropout auto_map bad_words_ids begin_suppress_tokens
          bos_token_id cache_implementation chunk_size_feed_forward decoder_start_token_id
          diversity_penalty do_sample dtype early_stopping encoder_no_repeat_ngram_size
          eos_token_id exponential_decay_length_penalty finetuning_task forced_bos_token_id
          forced_eos_token_id gradient_checkpointing id2label initializer_range is_decoder
          label2id length_penalty max_length min_length model_type no_repeat_ngram_size
          num_beam_groups num_beams num_return_sequences output_attentions
          output_hidden_states output_scores pad_token_id prefix problem_type
          remove_invalid_values repetition_penalty return_dict return_dict_in_generate
          sep_token_id suppress_tokens task_specific_params temperature tf_legacy_loss
          tokenizer_class top_k top_p torch_dtype torchscript transformers.js_config
          transformers_version typical_p unk_token_id unsloth_fixed unsloth_version
          use_bfloat16 use_cache
          """
              .split("\\s+"));

  private static final List<String> SIZES =
      List.of(
          "head_dim",
          "hidden_size",
          "intermediate_size",
          "max_position_embeddings",
          "num_attention_heads",
          "num_hidden_layers",
          "vocab_size");

  private final Set<String> known = new HashSet<>(WITHOUT_EFFECT);
  private final Map<String, String> names = new HashMap<>();
  private final Map<String, JsonNode> defaults = new HashMap<>();
  private final Map<String, List<String>> only = new HashMap<>();
  private int channels;

  private Fields() {
    known.addAll(SIZES);
    known.add("per_layer_config");
  }

  /** Sizes, and a head that is tied or not where the file is silent. */
  static Fields tied(boolean tied) {
    return new Fields().reads("tie_word_embeddings", tied);
  }

  /** What families with grouped heads, rotary positions and RMS norms have in common. */
  static Fields rotary(boolean tied, double epsilon, double theta) {
    return tied(tied)
        .reads("num_key_value_heads")
        .reads("rms_norm_eps", epsilon)
        .reads("rope_theta", theta)
        .reads("rope_scaling")
        .reads("rope_parameters");
  }

  /** A field that is read; where it is missing, it is worked out from others. */
  Fields reads(String name) {
    known.add(name);
    return this;
  }

  Fields reads(String name, boolean otherwise) {
    return reads(name, JsonNodeFactory.instance.booleanNode(otherwise));
  }

  Fields reads(String name, int otherwise) {
    return reads(name, JsonNodeFactory.instance.numberNode(otherwise));
  }

  Fields reads(String name, double otherwise) {
    return reads(name, JsonNodeFactory.instance.numberNode(otherwise));
  }

  Fields reads(String name, String otherwise) {
    return reads(name, JsonNodeFactory.instance.textNode(otherwise));
  }

  private Fields reads(String name, JsonNode otherwise) {
    defaults.put(name, otherwise);
    return reads(name);
  }

  /** A field of which only these values are understood; null and none at all mean the first. */
  Fields only(String name, String... values) {
    only.put(name, List.of(values));
    return reads(name);
  }

  /** Fields without effect on the forward pass. */
  Fields ignores(String... without) {
    known.addAll(Arrays.asList(without));
    return this;
  }

  /** What other families call {@code usual} is {@code own} here; where both stand, that counts. */
  Fields calls(String usual, String own) {
    names.put(usual, own);
    return reads(usual).reads(own);
  }

  /** An MLP has {@code times} as many channels as the residual stream where the file is silent. */
  Fields channels(int times) {
    channels = times;
    return this;
  }

  /** See {@link #channels(int)}; 0 where the file must say it. */
  int channels() {
    return channels;
  }

  /** The name that this family has for a field. */
  String name(String usual) {
    return names.getOrDefault(usual, usual);
  }

  /** The fields that this family's files may have. */
  Set<String> names() {
    return Collections.unmodifiableSet(known);
  }

  /** Whether this family has the field, by its usual name. */
  public boolean has(String usual) {
    return known.contains(name(usual));
  }

  /** What holds where the file does not have the field: a missing node where that is not fixed. */
  JsonNode otherwise(String usual) {
    return defaults.getOrDefault(usual, MissingNode.getInstance());
  }

  /** Refuses fields that are not known, and values that are not understood. */
  void check(ModelConfig config) {
    config.fields().fieldNames().forEachRemaining(name -> checkName(config, name));
    only.forEach(
        (name, values) -> {
          var value = config.fields().path(name);
          if (!value.isMissingNode() && !value.isNull() && !values.contains(value.asText())) {
            throw new InputException(
                "%s: %s is %s: of a %s model only %s is known",
                config.where(), name, value, config.modelType(), String.join(" or ", values));
          }
        });
    config
        .fields()
        .path("per_layer_config")
        .fields()
        .forEachRemaining(layer -> checkLayer(config, layer.getKey(), layer.getValue()));
  }

  private void checkName(ModelConfig config, String name) {
    if (!known.contains(name)) {
      throw new InputException(
          "%s: field %s of a %s model is not known here and could change the result: remove it if"
              + " it does not matter",
          config.where(), name, config.modelType());
    }
  }

  private void checkLayer(ModelConfig config, String layer, JsonNode own) {
    var widths = LayerWidths.FIELDS.stream().filter(this::has).map(this::name).toList();
    own.fieldNames()
        .forEachRemaining(
            name -> {
              if (!widths.contains(name)) {
                throw new InputException(
                    "%s: per_layer_config gives layer %s the field %s: known are %s",
                    config.where(), layer, name, String.join(", ", widths));
              }
            });
  }
}
