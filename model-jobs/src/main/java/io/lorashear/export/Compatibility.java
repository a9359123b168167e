package io.lorashear.export;

import io.lorashear.family.LayerWidths;
import io.lorashear.family.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which programs load a Hugging Face directory with the widths at hand: what their sources say, as
 * of autumn 2026. That an even export is what the plain fields describe is checked in another
 * language (.ci/check_export.py); the programs themselves are not run.
 *
 * <pre>
 *   widths                                      who loads them
 *   same in all layers, heads untouched         everyone
 *   same in all layers, heads divide hidden     who reads head_dim
 *   same in all layers                          the same without transformers 5
 *   same in all layers, GPT-2 and GPT-NeoX      this program: they have no head_dim
 *   different                                   this program; others refuse the shape
 * </pre>
 */
public record Compatibility(List<Verdict> verdicts) {
  private static final List<String> STOCK =
      List.of(
          "transformers 4",
          "transformers 5",
          "vLLM",
          "SGLang",
          "MLX",
          "llama.cpp",
          "Jlama",
          "llama3.java");

  /** Families in which head_dim has always been a field, so that everyone reads it. */
  private static final Set<String> WITH_HEAD_DIM =
      Set.of(
          "gemma",
          "gemma2",
          "gemma3_text",
          "ministral",
          "ministral3",
          "mistral",
          "mixtral",
          "qwen3",
          "qwen3_moe");

  /** Families that know no head_dim: it is hidden size over heads. */
  private static final Set<String> WITHOUT_HEAD_DIM = Set.of("gpt2", "gpt_neox");

  /** What programs know that do not know every family. */
  private static final Map<String, Set<String>> ONLY =
      Map.of(
          "Jlama",
          Set.of("gemma", "gemma2", "gpt2", "llama", "mistral", "mixtral", "qwen2"),
          "llama3.java",
          Set.of("llama"));

  private static final String LONGEST = "it turns every text as if it were the longest";

  /** Which programs do not compute a kind of rotary scaling, and what they do. */
  private static final Map<String, Map<String, String>> SCALING =
      Map.of(
          "dynamic",
          Map.of(
              "vLLM", LONGEST,
              "SGLang", LONGEST,
              "MLX", "it knows no dynamic scaling",
              "llama.cpp", "its converter leaves dynamic scaling out",
              "Jlama", "it knows no dynamic scaling",
              "llama3.java", "it knows no dynamic scaling"),
          "yarn",
          Map.of("Jlama", "it knows no YaRN", "llama3.java", "it knows no YaRN"),
          "linear",
          Map.of("llama3.java", "it knows no linear scaling"));

  /** Whether a program loads a model. */
  public enum Answer {
    YES,
    NO,
    UNKNOWN
  }

  /** What one program does, and why where it is not a plain yes. */
  public record Verdict(String program, Answer answer, String reason) {}

  /** The verdicts on a model of this configuration. */
  public static Compatibility of(ModelConfig config) {
    var verdicts = new ArrayList<Verdict>();
    verdicts.add(new Verdict("lorashear", Answer.YES, ""));
    if (!config.uniform()) {
      var reason = "widths differ by layer: it stops at the first tensor's shape";
      for (var program : List.of("transformers 4", "transformers 5", "vLLM", "SGLang", "MLX")) {
        verdicts.add(new Verdict(program, Answer.NO, reason));
      }
      verdicts.add(
          new Verdict(
              "llama.cpp",
              Answer.NO,
              "not from this directory: a GGUF of architecture deci is needed, not llama"));
      for (var program : List.of("Jlama", "llama3.java")) {
        verdicts.add(new Verdict(program, Answer.NO, "one width for all layers"));
      }
    } else {
      uniform(config, config.layers().get(0), verdicts);
    }
    return new Compatibility(verdicts.stream().map(verdict -> turned(config, verdict)).toList());
  }

  /** What else keeps a program from it: how positions are turned. */
  private static Verdict turned(ModelConfig config, Verdict verdict) {
    var reason = SCALING.getOrDefault(config.rotaryScaling(), Map.of()).get(verdict.program());
    boolean unread =
        verdict.program().equals("transformers 4")
            && config.rotaryByType()
            && config.fields().has("rope_parameters");
    if (verdict.answer() == Answer.NO || reason == null && !unread) {
      return verdict;
    }
    return new Verdict(
        verdict.program(), Answer.NO, reason == null ? "it reads no rope_parameters" : reason);
  }

  private static void uniform(ModelConfig config, LayerWidths widths, List<Verdict> verdicts) {
    int heads = widths.queryHeads();
    int hidden = config.hiddenSize();
    var type = config.modelType();
    boolean derived = hidden == heads * config.headDimension();
    if (!derived && WITHOUT_HEAD_DIM.contains(type)) {
      var reason = "a %s has heads of %d / %d, not of %d";
      for (var program : STOCK) {
        verdicts.add(
            new Verdict(
                program, Answer.NO, reason.formatted(type, hidden, heads, config.headDimension())));
      }
      return;
    }
    verdicts.add(new Verdict("transformers 4", Answer.YES, ""));
    verdicts.add(transformers5(type, hidden, heads));
    boolean read = derived || WITH_HEAD_DIM.contains(type);
    var shape = "head_dim is %d, not %d / %d".formatted(config.headDimension(), hidden, heads);
    for (var program : List.of("vLLM", "SGLang", "MLX")) {
      verdicts.add(new Verdict(program, read ? Answer.YES : Answer.UNKNOWN, read ? "" : shape));
    }
    verdicts.add(
        !derived && type.equals("phi3")
            ? new Verdict("llama.cpp", Answer.NO, "its converter leaves it out: " + shape)
            : new Verdict("llama.cpp", Answer.YES, "after its convert_hf_to_gguf.py"));
    for (var program : List.of("Jlama", "llama3.java")) {
      boolean known = ONLY.getOrDefault(program, Set.of()).contains(type);
      verdicts.add(
          known && read
              ? new Verdict(program, Answer.YES, "")
              : new Verdict(program, Answer.NO, known ? shape : "it does not know " + type));
    }
  }

  private static Verdict transformers5(String type, int hidden, int heads) {
    if (hidden % heads == 0) {
      return new Verdict("transformers 5", Answer.YES, "");
    }
    var reason = "refuses %d heads of a hidden size of %d".formatted(heads, hidden);
    return type.equals("llama")
        ? new Verdict("transformers 5", Answer.NO, reason)
        : new Verdict("transformers 5", Answer.UNKNOWN, "for a Llama it " + reason);
  }

  /** One line a program. */
  public String table() {
    var lines = new StringBuilder();
    for (var verdict : verdicts) {
      var line =
          "%-16s %-8s %s"
              .formatted(
                  verdict.program(),
                  verdict.answer().name().toLowerCase(Locale.ROOT),
                  verdict.reason());
      lines.append(line.stripTrailing()).append('\n');
    }
    return lines.toString();
  }
}
