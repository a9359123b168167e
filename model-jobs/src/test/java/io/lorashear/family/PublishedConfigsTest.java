package io.lorashear.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of config.json as people publish them, with the fields their programs leave behind. */
class PublishedConfigsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> SIZES =
      List.of(
          "vocab_size",
          "hidden_size",
          "num_hidden_layers",
          "num_attention_heads",
          "num_key_value_heads",
          "head_dim",
          "intermediate_size",
          "max_position_embeddings");

  /** What to_dict() of transformers 4 writes of every model, as far as it says anything. */
  private static final String IN_FULL =
      """
      'return_dict': true, 'output_hidden_states': false, 'output_attentions': false,
      'torchscript': false, 'torch_dtype': 'bfloat16', 'use_bfloat16': false,
      'tf_legacy_loss': false, 'pruned_heads': {}, 'chunk_size_feed_forward': 0,
      'is_encoder_decoder': false, 'is_decoder': false, 'cross_attention_hidden_size': null,
      'add_cross_attention': false, 'tie_encoder_decoder': false, 'max_length': 20,
      'min_length': 0, 'do_sample': false, 'early_stopping': false, 'num_beams': 1,
      'num_beam_groups': 1, 'diversity_penalty': 0.0, 'temperature': 1.0, 'top_k': 50,
      'top_p': 1.0, 'typical_p': 1.0, 'repetition_penalty': 1.0, 'length_penalty': 1.0,
      'no_repeat_ngram_size': 0, 'encoder_no_repeat_ngram_size': 0, 'bad_words_ids': null,
      'num_return_sequences': 1, 'output_scores': false, 'return_dict_in_generate': false,
      'forced_bos_token_id': null, 'forced_eos_token_id': null, 'suppress_tokens': null,
      'remove_invalid_values': false, 'exponential_decay_length_penalty': null,
      'begin_suppress_tokens': null, 'finetuning_task': null, 'id2label': {'0': 'LABEL_0'},
      'label2id': {'LABEL_0': 0}, 'tokenizer_class': null, 'prefix': null,
      'sep_token_id': null, 'decoder_start_token_id': null, 'task_specific_params': null,
      'problem_type': null, '_name_or_path': 'someone/model', 'transformers_version': '4.38.0'
      """;

  private static final String TINY = "32 16 2 4 2 - 24 64";

  private static ObjectNode json(String fields) throws JsonProcessingException {
    return (ObjectNode) JSON.readTree("{" + fields.replace('\'', '"') + "}");
  }

  private static long parameters(ObjectNode fields) {
    var config = ModelConfig.parse(fields, "config.json");
    return Family.of(config).trace(config).parameterCount();
  }

  private static ObjectNode published(String type, String sizes, String more)
      throws JsonProcessingException {
    var fields = json(more);
    fields.put("model_type", type);
    var known = Families.KNOWN.get(type).fields();
    var numbers = List.of(sizes.split(" ", -1));
    for (int i = 0; i < SIZES.size(); i++) {
      if (!numbers.get(i).equals("-") && known.has(SIZES.get(i))) {
        fields.put(known.name(SIZES.get(i)), Integer.parseInt(numbers.get(i)));
      }
    }
    return fields;
  }

  @ParameterizedTest
  @CsvFileSource(
      resources = "published-configs.txt",
      delimiter = '|',
      quoteCharacter = '`',
      maxCharsPerColumn = 1000)
  void aPublishedModelHasThePublishersCount(
      String model, String type, String sizes, String more, long count)
      throws JsonProcessingException {
    var fields = published(type, sizes, more);
    assertThat(parameters(fields)).as(model).isEqualTo(count);
    fields.setAll(json(IN_FULL));
    assertThat(parameters(fields)).as(model + ", written in full").isEqualTo(count);
  }

  /** Three quarters of a head turned, by factors for each of its pairs, and the head tied. */
  @Test
  void phi4MiniIsRead() throws JsonProcessingException {
    var factors = Collections.nCopies(48, 1.5).toString();
    var fields =
        published(
            "phi3",
            "200064 3072 32 24 8 - 8192 131072",
            """
            'tie_word_embeddings': true, 'partial_rotary_factor': 0.75, 'sliding_window': 262144,
            'full_attn_mod': 1, 'interpolate_factor': 1, 'lm_head_bias': false, 'mlp_bias': false,
            'attention_bias': false, 'embd_pdrop': 0.0, 'resid_pdrop': 0.0,
            'original_max_position_embeddings': 4096, 'rope_scaling': {'type': 'longrope',
            'long_factor': %s, 'short_factor': %s},
            'auto_map': {'AutoConfig': 'configuration_phi3.Phi3Config'}
            """
                .formatted(factors, factors));
    assertThat(parameters(fields)).isEqualTo(3_836_021_760L);
  }

  /** Everything that is refused stands in one message, with the values that would be read. */
  @Test
  void whatIsNotNeutralIsRefusedAllAtOnce() throws JsonProcessingException {
    var fields =
        published(
            "mistral",
            TINY,
            "'pruned_heads': {'1': [0]}, 'add_cross_attention': true,"
                + " 'logits_scaling': 16.0, 'embedding_multiplier': 1.0, 'clip_activations': 8,"
                + " 'cross_attention_hidden_size': null, 'is_causal': false, 'use_cache': false");
    assertThatThrownBy(() -> ModelConfig.parse(fields, "config.json"))
        .isInstanceOf(InputException.class)
        .hasMessage(
            """
            config.json: 5 fields of a mistral model could change the result and are not known here:
              pruned_heads is {"1":[0]}: known is only {} or []
              add_cross_attention is true: known is only false
              logits_scaling is 16.0: known is only 1
              clip_activations is 8: take the field out if it does not matter
              is_causal is false: known is only true\
            """);
  }

  /** A field of others at rest: the same graph as without it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "gemma2 | 'sliding_window_size': 4096",
        "llama  | 'layer_types': ['full_attention', 'full_attention']",
        "llama  | 'activation': 'swiglu', 'logit_scale': 1.0, 'num_experts': null, 'bias': false",
        "phi3   | 'full_attn_mod': 1, 'interpolate_factor': 1, 'lm_head_bias': false",
        "qwen2  | 'quantization_config': null, 'compression_config': {}, 'mlp_only_layers': []",
        "mistral | 'sliding_window_size': 4096, 'context_window_size': 2048,"
            + " 'prefill_chunk_size': 128, 'attention_sink_size': -1",
        "llama  | 'adapters': {'adapters': {}, 'config_map': {}, 'fusions': {}},"
            + " '_load_in_4bit': false, 'kv_cache_dtype': 'auto', 'max_model_len': 8",
        "gpt2   | 'pruned_heads': [], 'partial_rotary_factor': 1, '_flash_attn_2_enabled': true"
      })
  void aFieldAtRestChangesNothing(String type, String more) throws JsonProcessingException {
    var plain = ModelConfig.parse(published(type, TINY, ""), "config.json");
    var told = ModelConfig.parse(published(type, TINY, more), "config.json");
    assertThat(Family.of(told).trace(told)).isEqualTo(Family.of(plain).trace(plain));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "gemma2 | 'sliding_window': 8, 'sliding_window_size': 4"
            + " | sliding_window_size is 4: known is only 8",
        "llama  | 'layer_types': ['full_attention', 'linear_attention']"
            + " | layer_types is [\"full_attention\",\"linear_attention\"]: known is only"
            + " \"full_attention\"",
        "mistral | 'attention_sink_size': 4 | attention_sink_size is 4: known is only 0 or -1",
        "llama  | 'adapters': {'adapters': {'a': {}}} | adapters is"
            + " {\"adapters\":{\"a\":{}}}: known is only {}",
        "llama  | 'load_in_8bit': true | load_in_8bit is true: known is only false",
        "llama  | 'use_qk_norm': true  | use_qk_norm is true: known is only false",
        "gpt2   | 'multi_query': true  | multi_query is true: known is only false",
        "phi3   | 'lm_head_bias': true | lm_head_bias is true: known is only false",
        "qwen2  | 'use_mrope': true    | use_mrope is true: known is only false",
        "gemma  | 'altup': {'streams': 4} | altup is {\"streams\":4}: take the field out if it does"
            + " not matter"
      })
  void aFieldThatIsNotAtRestIsNamedWithItsValue(String type, String more, String problem)
      throws JsonProcessingException {
    var fields = published(type, TINY, more);
    assertThatThrownBy(() -> ModelConfig.parse(fields, "config.json"))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "config.json: a field of a %s model could change the result and is not known here:\n"
                + "  %s",
            type, problem);
  }

  @Test
  void aModelOfMoreThanTextIsToldHowItsTextPartIsHad() throws JsonProcessingException {
    var fields =
        json(
            "'model_type': 'gemma3', 'text_config': {'model_type': 'gemma3_text'},"
                + " 'vision_config': {'model_type': 'siglip_vision_model'}");
    assertThatThrownBy(() -> ModelConfig.parse(fields, "config.json"))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(
            "config.json: model_type is gemma3, a model of more than text; its text part, of type"
                + " gemma3_text, is read where it stands alone.")
        .hasMessageEndingWith("t.save_pretrained(new)");
  }

  @Test
  void aWindowInAllLayersIsNotTakenOutByTheNamesOfTheLayers() throws JsonProcessingException {
    var types = "'layer_types': ['full_attention', 'full_attention']";
    assertThat(parameters(published("mistral", TINY, "'sliding_window': null, " + types)))
        .isEqualTo(parameters(published("mistral", TINY, "'sliding_window': null")));
    var contradicted = published("mistral", TINY, "'sliding_window': 8, " + types);
    assertThatThrownBy(() -> parameters(contradicted))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "config.json: layer_types says full_attention, but the sliding_window of 8 holds in all"
                + " layers of a mistral model: set sliding_window to null if there is none");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'quantization_config': {'load_in_4bit': true, 'bnb_4bit_quant_type': 'nf4',"
            + " 'quant_method': 'bitsandbytes'} | bitsandbytes, 4 bit"
            + " | .dequantize().save_pretrained(new)",
        "'quantization_config': {'load_in_8bit': true} | bitsandbytes, 8 bit"
            + " | .dequantize().save_pretrained(new)",
        "'quantization_config': {'bits': 4, 'group_size': 128, 'quant_method': 'gptq'}"
            + " | gptq, 4 bit | its model card names",
        "'quantization_config': {'bits': 4, 'quant_method': 'awq', 'version': 'gemm'}"
            + " | awq, 4 bit | its model card names",
        "'quantization_config': {'quant_method': 'fp8', 'weight_block_size': [128, 128]} | fp8"
            + " | quantization_config=FineGrainedFP8Config(dequantize=True)).save_pretrained(new)",
        "'quantization_config': {'quant_method': 'mxfp4'} | mxfp4"
            + " | quantization_config=Mxfp4Config(dequantize=True)).save_pretrained(new)",
        "'compression_config': {'config_groups': {'group_0': {}}, 'format': 'pack-quantized'}"
            + " | compressed-tensors | CompressedTensorsConfig(run_compressed=False))"
            + ".save_pretrained(new)",
        "'quantization': {'group_size': 64, 'bits': 4, 'mode': 'affine'} | mlx, 4 bit"
            + " | its model card names",
        "'quantization_config': {'bits': 2, 'rounds': 3} | a method that it does not name, 2 bit"
            + " | its model card names",
        "'quantization_config': {'quant_method': 'hqq', 'quant_config': {}} | hqq"
            + " | its model card names",
        "'quantization_config': {'quant_method': 'torchao', 'quant_type': {}} | torchao"
            + " | its model card names",
        "'quantization_config': {'quant_algo': 'NVFP4'} | modelopt | its model card names"
      })
  void aQuantisedCheckpointIsNamedAsSuchWithTheWayOut(String more, String how, String way)
      throws JsonProcessingException {
    var fields = published("llama", TINY, more + ", 'unknown_too': 1");
    assertThatThrownBy(() -> ModelConfig.parse(fields, "config.json"))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(
            "config.json: the checkpoint is quantised ("
                + how
                + "), and packed weights are not read here: take the model it was made from")
        .hasMessageEndingWith(way);
  }

  /** A trainer of adapters leaves its switched-off settings behind, a sparse model its zeros. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "'quantization_config': {'load_in_4bit': false, 'load_in_8bit': false,"
            + " 'llm_int8_threshold': 6.0, 'quant_method': 'bitsandbytes'}",
        "'compression_config': {'sparsity_config': {'format': 'dense', 'global_sparsity': 0.5}}",
        "'quantization_config': {}",
        "'quantization': {'quant_algo': null, 'kv_cache_quant_algo': null}"
      })
  void settingsOfAQuantisationAtRestAreNone(String more) throws JsonProcessingException {
    assertThat(parameters(published("llama", TINY, more)))
        .isEqualTo(parameters(published("llama", TINY, "")));
  }
}
