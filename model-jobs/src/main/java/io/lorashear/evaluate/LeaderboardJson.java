package io.lorashear.evaluate;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A result as lm-evaluation-harness 0.4.9 writes it, so that its tools can read it:
 *
 * <pre>
 *   results            by task: alias, METRIC,none and METRIC_stderr,none
 *   group_subtasks     no groups: every task by itself
 *   configs, versions, n-shot, higher_is_better, n-samples      by task
 *   config             the run: model, limit, seeds
 * </pre>
 *
 * Additions of this program are {@code mean}, {@code reported} (the metric that enters the mean),
 * {@code dropped}, and in {@code config} the protocol and the hashes.
 */
final class LeaderboardJson {
  private static final int VERSION = 1;
  private static final String NO_ERROR = "N/A";

  private final EvaluationResult result;
  private final ObjectNode root = JsonNodeFactory.instance.objectNode();
  private final Map<String, ObjectNode> sections = new LinkedHashMap<>();

  private LeaderboardJson(EvaluationResult result) {
    this.result = result;
  }

  static ObjectNode of(EvaluationResult result) {
    return new LeaderboardJson(result).json();
  }

  private ObjectNode section(String name) {
    return sections.computeIfAbsent(name, root::putObject);
  }

  private ObjectNode json() {
    section("results");
    root.put("mean", result.mean());
    section("reported");
    section("group_subtasks");
    section("configs");
    section("versions");
    section("n-shot");
    section("higher_is_better");
    section("n-samples");
    section("dropped");
    result.tasks().forEach(this::put);
    result.texts().forEach(this::put);
    config();
    return root;
  }

  private void put(TaskResult task) {
    String name = task.task();
    var row = section("results").putObject(name).put("alias", name);
    put(row, "acc", task.acc());
    task.accNorm().ifPresent(share -> put(row, "acc_norm", share));
    section("reported").put(name, task.metricName());
    int shots = result.settings().fewShot().count();
    common(name, shots, task.original(), task.answers().size());
    section("configs")
        .putObject(name)
        .put("task", name)
        .put("output_type", "multiple_choice")
        .put("num_fewshot", shots)
        .put("target_delimiter", " ")
        .put("fewshot_delimiter", "\n\n");
    var better = section("higher_is_better").putObject(name).put("acc", true);
    task.accNorm().ifPresent(share -> better.put("acc_norm", true));
    var reasons = section("dropped").putObject(name);
    task.dropped().forEach(reasons::put);
  }

  private static void put(ObjectNode row, String metric, Share share) {
    row.put(metric + ",none", share.value());
    row.put(metric + "_stderr,none", share.standardError());
  }

  private void put(TextResult text) {
    String name = text.name();
    var figures = new LinkedHashMap<String, Double>();
    figures.put("token_perplexity", text.tokenPerplexity());
    figures.put("word_perplexity", text.wordPerplexity());
    figures.put("byte_perplexity", text.bytePerplexity());
    figures.put("bits_per_byte", text.bitsPerByte());
    var row = section("results").putObject(name).put("alias", name);
    var better = section("higher_is_better").putObject(name);
    figures.forEach(
        (metric, value) -> {
          row.put(metric + ",none", value).put(metric + "_stderr,none", NO_ERROR);
          better.put(metric, false);
        });
    common(name, 0, text.documents().size(), text.documents().size());
    section("configs")
        .putObject(name)
        .put("task", name)
        .put("output_type", "loglikelihood_rolling")
        .put("num_fewshot", 0)
        .put("documents", word(text.settings().documents()))
        .put("windows", word(text.settings().windows()))
        .put("length", text.settings().length())
        .put("stride", text.settings().stride())
        .put("partial", text.settings().partial());
  }

  private void common(String name, int shots, int original, int effective) {
    section("group_subtasks").putArray(name);
    section("versions").put(name, VERSION);
    section("n-shot").put(name, shots);
    section("n-samples").putObject(name).put("original", original).put("effective", effective);
  }

  private void config() {
    var settings = result.settings();
    var config =
        root.putObject("config")
            .put("model", "lorashear")
            .put("model_args", "pretrained=" + result.name())
            .put("model_name", result.name())
            .put("model_sha", result.model())
            .put("model_dtype", "float32")
            .put("fewshot_seed", settings.fewShot().seed());
    if (settings.limit() == 0) {
      config.putNull("limit");
    } else {
      config.put("limit", settings.limit());
    }
    config
        .put("num_fewshot", settings.fewShot().count())
        .put("fewshot_draw", word(settings.fewShot().draw()))
        .put("protocol", word(settings.protocol()))
        .put("model_hash", result.model())
        .put("tokenizer_hash", result.tokenizer());
    root.put("model_source", "lorashear").put("model_name", result.name());
    root.put("model_name_sanitized", result.name().replaceAll("[\"<>:/|\\\\?*\\[\\]]+", "__"));
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
