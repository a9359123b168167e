package io.lorashear.family;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * The fields of config.json that have no effect on the forward pass of a family that does not read
 * them: some with any value, others with certain values only. They come from the base class of
 * transformers' configurations, which {@code to_dict()} writes out, from its generation settings,
 * and from converters, trainers and serving programs.
 */
final class WithoutEffect {
  /**
   * Where files came from, how the model was trained, how text is generated, and by which kernels
   * and on how many devices the same numbers are computed.
   */
  private static final Set<String> ALWAYS =
      Set.of(
          """
          _attn_implementation _attn_implementation_autoset _attn_implementation_internal
          _commit_hash _experts_implementation _flash_attn_2_enabled _from_model_config
          _model_name_or_path _name_or_path _num_labels activation_dropout
          adapter_transformers_version architectures assistant_confidence_threshold
          assistant_early_exit assistant_lookbehind attention_dropout
          attention_probs_dropout_prob attention_softmax_in_fp32 attn_dropout
          attn_implementation attn_pdrop auto_map bad_words_ids base_model_ep_plan
          base_model_name_or_path base_model_pp_plan base_model_tp_plan begin_suppress_tokens
          bias_dropout_fusion bos_token bos_token_id cache_config cache_implementation
          chat_template chunk_size_feed_forward classifier_dropout classifier_dropout_prob
          compile_config constraints context_length context_window_size custom_generate
          custom_pipelines decoder_start_token_id disable_compile distributed_config
          diversity_penalty do_sample dola_layers dropout dropout_rate dtype early_stopping
          embd_pdrop embedding_dropout embedding_initializer_range encoder_no_repeat_ngram_size
          encoder_repetition_penalty eos_token eos_token_id epsilon_cutoff eta_cutoff
          experts_implementation exponential_decay_length_penalty finetuning_task
          flash_attention force_words_ids forced_bos_token_id forced_decoder_ids
          forced_eos_token_id generation_config gradient_checkpointing
          gradient_checkpointing_kwargs guidance_scale hidden_dropout hidden_dropout_prob
          id2label init_device initializer_factor initializer_range is_assistant is_decoder
          is_llama_config keys_to_ignore_at_inference label2id length_penalty loss_type
          low_cpu_mem_usage low_memory masked_softmax_fusion max_batch_size max_cache_len
          max_length max_matching_ngram_size max_model_len max_new_tokens max_seq_len
          max_seq_length max_sequence_length max_time min_length min_new_tokens min_p
          model_max_length model_name model_type name_or_path neftune_noise_alpha neuron
          no_repeat_ngram_size num_assistant_tokens num_assistant_tokens_schedule
          num_beam_groups num_beams num_labels num_logits_to_keep num_return_sequences num_steps
          onnx optimum_version output_attentions output_hidden_states output_logits output_past
          output_router_logits output_scores pad_token pad_token_id penalty_alpha
          predict_special_tokens prefill_chunk_size prefix pretraining_tp problem_type
          prompt_lookup_num_tokens remove_invalid_values renormalize_logits
          reorder_and_upcast_attn repetition_penalty resid_dropout resid_pdrop return_dict
          return_dict_in_generate router_aux_loss_coef router_jitter_noise
          scale_attention_softmax_in_fp32 sep_token_id seq_length sequence_bias session_len
          softmax_in_fp32 stop_strings stop_token_ids summary_activation summary_first_dropout
          summary_hidden_size summary_last_dropout summary_proj_to_labels summary_type
          summary_use_proj suppress_tokens target_lookbehind task_specific_params temperature
          tensor_parallel_shards tf_legacy_loss token_healing tokenizer_class
          tokenizer_model_max_length tokenizer_padding_side top_h top_k top_p torch_dtype
          torchscript transformers.js_config transformers_version trust_remote_code
          type_vocab_size typical_p unk_token_id unsloth_fixed unsloth_tiled_mlp unsloth_version
          use_bfloat16 use_cache use_cache_kernel use_cache_quantization use_cut_cross_entropy
          use_flash_attention use_flash_attention_2 use_flash_attn use_liger_kernel
          use_return_dict watermarking_config xla_device
          """
              .strip()
              .split("\\s+"));

  /**
   * No effect at these values only; for a list, if all elements have them; {} also covers objects
   * with empty values only.
   */
  private static final Map<String, List<JsonNode>> AT =
      """
      _load_in_4bit               false
      _load_in_8bit               false
      activation                  "swiglu"
      adapters                    {}
      add_bias_linear             false
      add_cross_attention         false
      add_qkv_bias                false
      alibi                       false
      attention_bias              false
      attention_out_bias          false
      attention_sink_size         0 | -1
      bias                        false
      causal                      true
      cross_attention_hidden_size 0
      decoder_sparse_step         1
      embedding_multiplier        1
      full_attn_mod               1
      interpolate_factor          1
      is_bidirectional            false
      is_causal                   true
      is_encoder_decoder          false
      kv_cache_dtype              "auto"
      layer_types                 "full_attention"
      load_in_4bit                false
      load_in_8bit                false
      lm_head_bias                false
      logit_scale                 1
      logits_scaling              1
      mlp_bias                    false
      mlp_only_layers             []
      multi_query                 false
      n_special                   0
      num_experts                 0
      num_local_experts           0
      num_nextn_predict_layers    0
      partial_rotary_factor       1
      position_embedding_type     "rope"
      pruned_heads                {} | []
      qk_layernorm                false
      qk_norm                     false
      qkv_bias                    false
      residual_multiplier         1
      rope_interleaved            false
      rotary_pct                  1
      scale_embedding             false
      tie_encoder_decoder         false
      use_bias                    false
      use_bidirectional_attention false
      use_dynamic_ntk             false
      use_logn_attn               false
      use_mrope                   false
      use_qk_norm                 false
      use_qkv_bias                false
      use_sliding_window          false
      """
          .lines()
          .map(line -> line.split("\\s+", 2))
          .collect(Collectors.toUnmodifiableMap(row -> row[0], row -> values(row[1])));

  private WithoutEffect() {}

  /** Whether the field has no effect on a family that does not read it; null never has one. */
  static boolean has(String field, JsonNode value) {
    return value.isNull()
        || ALWAYS.contains(field)
        || atRest(value, AT.getOrDefault(field, List.of()));
  }

  /** The values at which the field has no effect, for messages; empty if there is none. */
  static String restOf(String field) {
    return AT.getOrDefault(field, List.of()).stream()
        .map(JsonNode::toString)
        .collect(Collectors.joining(" or "));
  }

  private static boolean atRest(JsonNode value, List<JsonNode> rest) {
    boolean list = value.isArray() && !value.isEmpty();
    return list
        ? StreamSupport.stream(value.spliterator(), false).allMatch(element -> among(rest, element))
        : among(rest, value);
  }

  /** 1 and 1.0 are equal. */
  private static boolean among(List<JsonNode> rest, JsonNode value) {
    if (value.isObject()) {
      return rest.stream().anyMatch(JsonNode::isObject)
          && value.properties().stream().allMatch(inner -> hollow(inner.getValue()));
    }
    return value.isNumber()
        ? rest.stream().anyMatch(one -> one.isNumber() && one.asDouble() == value.asDouble())
        : rest.contains(value);
  }

  private static boolean hollow(JsonNode value) {
    return value.isContainerNode() && value.isEmpty();
  }

  private static List<JsonNode> values(String bars) {
    return Arrays.stream(bars.split("\\|")).map(WithoutEffect::json).toList();
  }

  private static JsonNode json(String text) {
    try {
      return new ObjectMapper().readTree(text);
    } catch (JacksonException e) {
      throw new IllegalStateException(text, e);
    }
  }
}
