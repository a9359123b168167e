package io.lorashear.checkpoint.adapter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.JsonFile;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** PEFT's adapter_config.json of a plain LoRA adapter. */
record AdapterConfig(Path file, ObjectNode fields) {
  private static final Map<String, String> UNSUPPORTED =
      new TreeMap<>(
          Map.of(
              "alora_invocation_tokens", "aLoRA",
              "use_dora", "DoRA",
              "use_qalora", "QA-LoRA",
              "lora_bias", "a LoRA with biases of its own",
              "modules_to_save", "a LoRA with whole modules beside it",
              "layer_replication", "a LoRA that repeats layers",
              "target_parameters", "a LoRA on bare parameters",
              "trainable_token_indices", "a LoRA with trained tokens"));
  private static final Set<String> REWRITING =
      Set.of("pissa", "olora", "corda", "loftq", "lora_ga");

  /** Fields that are read here or do not change what the adapter computes. */
  private static final Set<String> KNOWN =
      Set.of(
          "alpha_pattern",
          "auto_mapping",
          "base_model_name_or_path",
          "bias",
          "corda_config",
          "ensure_weight_tying",
          "eva_config",
          "exclude_modules",
          "fan_in_fan_out", // PEFT sets it by the type of the layer
          "inference_mode",
          "init_lora_weights",
          "layers_pattern",
          "layers_to_transform",
          "loftq_config",
          "lora_alpha",
          "lora_dropout",
          "lora_ga_config",
          "megatron_config",
          "megatron_core",
          "peft_type",
          "peft_version",
          "qalora_group_size",
          "r",
          "rank_pattern",
          "revision",
          "runtime_config",
          "target_modules",
          "task_type",
          "use_rslora");

  static AdapterConfig read(Path file) {
    var config = new AdapterConfig(file, JsonFile.read(file));
    config.check();
    return config;
  }

  private void check() {
    var kind = fields.path("peft_type").asText();
    if (!kind.equals("LORA")) {
      throw refuse("the kind '" + kind + "'", "peft_type");
    }
    UNSUPPORTED.forEach(
        (field, name) -> {
          if (isSet(fields.path(field))) {
            throw refuse(name, field);
          }
        });
    if (!fields.path("bias").asText("none").equals("none")) {
      throw refuse("a LoRA with trained biases", "bias");
    }
    var start = fields.path("init_lora_weights").asText();
    if (REWRITING.stream().anyMatch(start::startsWith)) {
      throw refuse("a LoRA that changed the model under it (" + start + ")", "init_lora_weights");
    }
    for (var field : fields.properties()) {
      if (!KNOWN.contains(field.getKey()) && isSet(field.getValue())) {
        throw refuse("a LoRA with a setting that could change its result", field.getKey());
      }
    }
    if (!fields.path("r").isInt()
        || fields.path("r").asInt() < 1
        || !fields.path("lora_alpha").isNumber()) {
      throw new InputException("%s has no whole number r from 1 on, or no number lora_alpha", file);
    }
  }

  private static boolean isSet(JsonNode value) {
    return value.isContainerNode()
        ? !value.isEmpty()
        : !value.isNull() && !value.isMissingNode() && !value.asText().equals("false");
  }

  private InputException refuse(String what, String field) {
    return new InputException(
        "%s is %s (%s), which is not read here: merge it into the model with PEFT first",
        file, what, field);
  }

  /** The rank that this file gives {@code module}. */
  int rank(String module) {
    return pattern("rank_pattern", module, fields.path("r")).asInt();
  }

  /** α/r, or α/√r for rank-stabilised LoRA. */
  double scale(String module) {
    double alpha = pattern("alpha_pattern", module, fields.path("lora_alpha")).asDouble();
    boolean stabilised = fields.path("use_rslora").asBoolean();
    return alpha / (stabilised ? Math.sqrt(rank(module)) : rank(module));
  }

  private JsonNode number(String field, String pattern, JsonNode value) {
    if (!value.isNumber()) {
      throw new InputException(
          "%s: %s gives %s the value %s, which is no number", file, field, pattern, value);
    }
    return value;
  }

  private JsonNode pattern(String field, String module, JsonNode otherwise) {
    for (var entry : fields.path(field).properties()) {
      try {
        if (Pattern.matches("(.*\\.)?(" + entry.getKey() + ")", module)) {
          return number(field, entry.getKey(), entry.getValue());
        }
      } catch (PatternSyntaxException e) {
        throw new InputException(e, "%s: %s has the pattern '%s'", file, field, entry.getKey());
      }
    }
    return otherwise;
  }
}
