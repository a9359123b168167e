package io.lorashear.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.dependency.SpaceReport;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.ModelGraph;
import io.lorashear.lora.LoraRewrite;
import io.lorashear.lora.LoraSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lorashear inspect}: what could be removed from a model, and why the rest could not. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description =
        "Prints the axes of a model, how many groups each has, what a group costs, and why an axis"
            + " is not prunable. A config.json alone is enough: no weights are read.",
    footer = {
      "",
      "Examples:",
      "  lorashear inspect models/smollm2.gguf",
      "  lorashear inspect llama-70b/config.json --lora-rank 8 --json axes.json"
    })
public final class InspectCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "MODEL",
      description = "Hugging Face directory, GGUF file or config.json.")
  Path model = Path.of("");

  @Option(
      names = "--lora-rank",
      paramLabel = "R",
      description = "Puts LoRA pairs of this rank beside the linears first.")
  int rank;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes everything as JSON too.")
  @Nullable Path json;

  @Override
  public Integer call() {
    var graph = graph();
    if (rank > 0) {
      graph = LoraRewrite.apply(graph, new LoraSettings(rank, 2.0 * rank, List.of())).graph();
    }
    var report = SpaceReport.of(PruningSpace.of(graph));
    if (json != null) {
      JsonFile.write(json, report.toJson());
    }
    var out = spec.commandLine().getOut();
    out.printf("%,d parameters%n%s%n", graph.parameterCount(), report.table());
    out.flush();
    return 0;
  }

  private ModelGraph graph() {
    if (model.toString().endsWith(".json")) {
      ObjectNode fields = (ObjectNode) JsonFile.read(model);
      var config = ModelConfig.parse(fields, model.toString());
      return Family.of(config).trace(config);
    }
    try (var checkpoint = Checkpoint.open(model)) {
      return checkpoint.graph();
    }
  }
}
