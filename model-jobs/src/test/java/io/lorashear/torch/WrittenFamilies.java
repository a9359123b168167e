package io.lorashear.torch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.ModelGraph;

/** A small model of every family and form that TorchScript is written for. */
enum WrittenFamilies {
  LLAMA("'model_type': 'llama', 'rms_norm_eps': 1e-5"),
  LLAMA_BIAS("'model_type': 'llama', 'attention_bias': true, 'mlp_bias': true"),
  LLAMA_TIED(
      """
      'model_type': 'llama', 'tie_word_embeddings': true, 'rope_theta': 500.0,
      'rope_scaling': {'rope_type': 'llama3', 'factor': 8.0, 'low_freq_factor': 1.0,
        'high_freq_factor': 4.0, 'original_max_position_embeddings': 16}
      """),
  LLAMA_DYNAMIC(
      """
      'model_type': 'llama', 'rope_theta': 100.0,
      'rope_scaling': {'type': 'dynamic', 'factor': 2.0}
      """),
  MISTRAL("'model_type': 'mistral', 'sliding_window': null"),
  MISTRAL_WINDOW("'model_type': 'mistral', 'sliding_window': 8"),
  MINISTRAL(
      """
      'model_type': 'ministral', 'head_dim': 8, 'sliding_window': 5,
      'layer_types': ['sliding_attention', 'full_attention', 'sliding_attention']
      """),
  MINISTRAL3(
      """
      'model_type': 'ministral3', 'head_dim': 8,
      'rope_parameters': {'type': 'yarn', 'rope_type': 'yarn', 'rope_theta': 100.0, 'factor': 8.0,
        'original_max_position_embeddings': 8, 'max_position_embeddings': 64, 'beta_fast': 32.0,
        'beta_slow': 1.0, 'mscale_all_dim': 1.0, 'mscale': 1.0, 'llama_4_scaling_beta': 0.5}
      """),
  QWEN2("'model_type': 'qwen2', 'tie_word_embeddings': true"),
  QWEN3("'model_type': 'qwen3', 'head_dim': 16"),
  QWEN3_MOE(
      """
      'model_type': 'qwen3_moe', 'head_dim': 8, 'moe_intermediate_size': 12, 'num_experts': 4,
      'num_experts_per_tok': 2, 'norm_topk_prob': true, 'decoder_sparse_step': 1,
      'mlp_only_layers': [1]
      """),
  QWEN3_MOE_NOT_NORMED(
      """
      'model_type': 'qwen3_moe', 'head_dim': 8, 'moe_intermediate_size': 12, 'num_experts': 4,
      'num_experts_per_tok': 2
      """),
  MIXTRAL("'model_type': 'mixtral', 'num_local_experts': 4, 'num_experts_per_tok': 2"),
  GEMMA(
      """
      'model_type': 'gemma', 'head_dim': 8, 'hidden_act': 'gelu_pytorch_tanh',
      'hidden_activation': null
      """),
  GEMMA2(
      """
      'model_type': 'gemma2', 'head_dim': 8, 'hidden_activation': 'gelu_pytorch_tanh',
      'attn_logit_softcapping': 50.0, 'final_logit_softcapping': 30.0, 'sliding_window': 8,
      'query_pre_attn_scalar': 8,
      'layer_types': ['sliding_attention', 'full_attention', 'sliding_attention']
      """),
  GEMMA3(
      """
      'model_type': 'gemma3_text', 'head_dim': 8, 'sliding_window': 5,
      'sliding_window_pattern': 2, 'query_pre_attn_scalar': 12, 'rope_theta': 500.0,
      'rope_local_base_freq': 50.0, 'rope_scaling': {'rope_type': 'linear', 'factor': 4.0}
      """),
  OLMO2("'model_type': 'olmo2'"),
  PHI3("'model_type': 'phi3', 'original_max_position_embeddings': 64"),
  PHI3_LONG(
      """
      'model_type': 'phi3', 'original_max_position_embeddings': 16, 'rope_theta': 100.0,
      'partial_rotary_factor': 0.75, 'rope_scaling': {'type': 'longrope',
        'short_factor': [1.0, 1.1, 1.3], 'long_factor': [1.0, 2.5, 7.0]}
      """),
  SMOLLM3(
      """
      'model_type': 'smollm3', 'no_rope_layers': [1, 0, 1], 'use_sliding_window': true,
      'sliding_window': 6
      """),
  GPT2(
      """
      {'model_type': 'gpt2', 'vocab_size': 32, 'n_embd': 32, 'n_head': 4, 'n_inner': 24,
       'n_layer': 3, 'n_positions': 64, 'activation_function': 'gelu_new'}
      """),
  GPT_NEOX(
      """
      {'model_type': 'gpt_neox', 'vocab_size': 32, 'hidden_size': 32, 'intermediate_size': 24,
       'num_hidden_layers': 3, 'num_attention_heads': 4, 'max_position_embeddings': 64,
       'rotary_pct': 0.25, 'use_parallel_residual': true, 'hidden_act': 'gelu'}
      """),
  GPT_NEOX_ONE_AFTER_THE_OTHER(
      """
      {'model_type': 'gpt_neox', 'vocab_size': 32, 'hidden_size': 32, 'intermediate_size': 24,
       'num_hidden_layers': 3, 'num_attention_heads': 4, 'max_position_embeddings': 64,
       'rotary_pct': 1.0, 'use_parallel_residual': false, 'hidden_act': 'relu'}
      """);

  private final String fields;

  WrittenFamilies(String fields) {
    this.fields = fields;
  }

  ModelGraph graph() {
    var json =
        fields.startsWith("{")
            ? fields
            : """
            {'vocab_size': 32, 'hidden_size': 32, 'intermediate_size': 24,
             'num_hidden_layers': 3, 'num_attention_heads': 4, 'num_key_value_heads': 2,
             'max_position_embeddings': 64, %s}
            """
                .formatted(fields);
    try {
      var node = new ObjectMapper().readValue(json.replace('\'', '"'), ObjectNode.class);
      var config = ModelConfig.parse(node, "a test");
      return Family.of(config).trace(config);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }
}
