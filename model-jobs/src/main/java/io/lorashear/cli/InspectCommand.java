package io.lorashear.cli;

import io.lorashear.InputException;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.dependency.SpaceReport;
import io.lorashear.lora.LoraRewrite;
import io.lorashear.lora.LoraSettings;
import io.lorashear.policy.ShapeForecast;
import io.lorashear.shape.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lorashear inspect}: shows what can be removed from a model, and why the rest cannot. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description =
        "Prints the axes of a model, how many groups each has, what a group costs, why an axis is"
            + " not prunable, and which axes share tensors. A config.json alone is enough: no"
            + " weights are read.",
    footer = {
      "",
      "Examples:",
      "  lorashear inspect models/smollm2.gguf",
      "  lorashear inspect llama-70b/config.json --lora-rank 8 --json axes.json",
      "  lorashear inspect llama-70b/config.json --ratio 0.2 --multiple 64",
      "  lorashear inspect models/smollm2.gguf --ratio 0.2 --vocabulary 11900",
      "",
      "Model types: gemma, gemma2, gemma3_text, gpt2, gpt_neox, llama, ministral,",
      "ministral3, mistral, mixtral, olmo2, phi3, qwen2, qwen3, qwen3_moe, smollm3."
    })
public final class InspectCommand implements Callable<Integer> {
  private static final double CAP = 0.8; // the default of prune

  @Spec CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "MODEL",
      description = "Hugging Face directory, GGUF file or config.json.")
  Path model = Path.of("");

  @Option(
      names = "--lora-rank",
      paramLabel = "R",
      description = "Adds LoRA pairs of this rank to the linears first.")
  @Nullable Integer rank;

  @Option(
      names = "--ratio",
      paramLabel = "SHARE",
      description =
          "Shows what is left when this share of all parameters is pruned, in every shape or only"
              + " in --shape, and which programs load it.")
  @Nullable Double ratio;

  @Option(
      names = "--shape",
      paramLabel = "NAME",
      description = "Only this shape: ${COMPLETION-CANDIDATES}.")
  @Nullable Shape shape;

  @Option(
      names = "--multiple",
      paramLabel = "N",
      defaultValue = "1",
      description = "With --ratio: MLP widths are multiples of N (${DEFAULT-VALUE}).")
  int multiple;

  @Option(
      names = "--vocabulary",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "With --ratio: N tokens go first, and what they had counts towards the share"
              + " (${DEFAULT-VALUE}).")
  int vocabulary;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes everything as JSON too.")
  @Nullable Path json;

  @Override
  public Integer call() {
    if (ratio != null || shape != null) {
      return shapes(ratio == null ? 0.2 : ratio);
    }
    var graph = ModelShape.read(model);
    if (rank != null) {
      int each = GivenNumber.atLeast(1, "--lora-rank", rank);
      graph = LoraRewrite.apply(graph, new LoraSettings(each, 2.0 * each, List.of())).graph();
    }
    var report = SpaceReport.of(PruningSpace.withTokens(graph));
    if (json != null) {
      JsonFile.write(json, report.toJson());
    }
    var out = spec.commandLine().getOut();
    out.println(report.table());
    out.flush();
    return 0;
  }

  private int shapes(double share) {
    if (!(share > 0 && share < 1)) {
      throw new InputException(
          "--ratio is %s: give a share of all parameters between 0 and 1, for example 0.2", share);
    }
    GivenNumber.atLeast(1, "--multiple", multiple);
    GivenNumber.atLeast(0, "--vocabulary", vocabulary);
    var forecast = new ShapeForecast(ModelShape.config(model), share, multiple, CAP, vocabulary);
    var rows = forecast.rows(shape == null ? List.of(Shape.values()) : List.of(shape));
    if (json != null) {
      JsonFile.write(json, JsonFile.object().set("shapes", ShapeForecast.json(rows)));
    }
    var out = spec.commandLine().getOut();
    out.println(ShapeForecast.table(rows));
    out.flush();
    return 0;
  }
}
