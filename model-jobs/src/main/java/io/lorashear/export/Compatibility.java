package io.lorashear.export;

import io.lorashear.family.LayerWidths;
import io.lorashear.family.ModelConfig;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;

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
 *   different                                   this program; others refuse the shape
 * </pre>
 */
public record Compatibility(List<Verdict> verdicts) {

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
    if (new HashSet<>(config.layers()).size() > 1) {
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
    return new Compatibility(List.copyOf(verdicts));
  }

  private static void uniform(ModelConfig config, LayerWidths widths, List<Verdict> verdicts) {
    int heads = widths.queryHeads();
    int hidden = config.hiddenSize();
    boolean divides = hidden % heads == 0;
    boolean derived = hidden == heads * config.headDimension();
    var shape = "head_dim is %d, not %d / %d".formatted(config.headDimension(), hidden, heads);
    verdicts.add(new Verdict("transformers 4", Answer.YES, ""));
    verdicts.add(
        new Verdict(
            "transformers 5",
            divides ? Answer.YES : Answer.NO,
            divides ? "" : "refuses %d heads of a hidden size of %d".formatted(heads, hidden)));
    for (var program : List.of("vLLM", "SGLang", "MLX")) {
      verdicts.add(
          new Verdict(program, derived ? Answer.YES : Answer.UNKNOWN, derived ? "" : shape));
    }
    verdicts.add(new Verdict("llama.cpp", Answer.YES, "after its convert_hf_to_gguf.py"));
    for (var program : List.of("Jlama", "llama3.java")) {
      verdicts.add(new Verdict(program, derived ? Answer.YES : Answer.NO, derived ? "" : shape));
    }
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
