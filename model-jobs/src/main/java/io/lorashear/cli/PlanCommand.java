package io.lorashear.cli;

import io.lorashear.InputException;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.evaluate.EvaluateSettings;
import io.lorashear.graph.ModelGraph;
import io.lorashear.method.PruneSettings;
import io.lorashear.plan.PlannedWork;
import io.lorashear.plan.StagePlan;
import io.lorashear.plan.Work;
import io.lorashear.policy.Limits;
import io.lorashear.prune.AnalyzeSettings;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.settings.Default;
import io.lorashear.settings.Overrides;
import io.lorashear.settings.Settings;
import io.lorashear.sparse.SparsifySettings;
import io.lorashear.tokenizer.Tokenizer;
import io.lorashear.train.PretrainSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lorashear plan}: computes memory and time of a stage before it runs. */
@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    description = {
      "Computes how much memory a stage will take, part by part, whether it fits, which setting"
          + " would make it fit, and, with the figures of a bench, how long it will take. No"
          + " weights are read; a config.json is enough.",
      "Everything is computed from the model's graph, except the program's own memory, which is"
          + " measured. For a config.json it is the memory of a device; for a model with weights it"
          + " is that of a process on a CPU, which also maps the weight files.",
      "For run it adds up memory, disk and hours of the whole pipeline by stage on one A100, from"
          + " operations, bytes moved, launches and a share of the device's peaks: computed, not"
          + " measured."
    },
    footer = {
      "",
      "Examples:",
      "  lorashear plan prune llama-7b/config.json --length 512 --memory 40GB --memory 80GB",
      "  lorashear plan prune models/smollm2 --set method=taylor --set train.rows=4",
      "  lorashear plan run conf/pipeline/llama-7b.yaml --share 0.3",
      "  lorashear plan recover models/smollm2 --config conf/recover/smollm2-135m.yaml --bench"
          + " b.json"
    })
public class PlanCommand implements Callable<Integer> {
  private static final Pattern MEMORY = Pattern.compile("([0-9]+(?:\\.[0-9]+)?) ?([MG])B");

  /** The stage that is planned. */
  enum Stage {
    PRUNE,
    SPARSIFY,
    RECOVER,
    ANALYZE,
    PRETRAIN,
    EVALUATE,
    PERPLEXITY,
    RUN;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Spec CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "STAGE", description = "${COMPLETION-CANDIDATES}.")
  Stage stage = Stage.PRUNE;

  @Parameters(
      index = "1",
      paramLabel = "MODEL",
      description =
          "Hugging Face directory, GGUF file or config.json; for pretrain the tokenizer.json; for"
              + " run the pipeline's settings. If their model is missing, NAME.config.json beside"
              + " them replaces it.")
  Path model = Path.of("");

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The stage's settings, YAML; without a file, all have their defaults.")
  @Nullable Path config;

  @Mixin SetOption set = new SetOption();

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description = "A device's memory, for example 40GB; may be repeated.")
  List<String> memories = List.of();

  @Option(
      names = "--length",
      paramLabel = "T",
      defaultValue = "512",
      description = "Tokens of a row (${DEFAULT-VALUE}).")
  int length;

  @Option(
      names = "--sources",
      paramLabel = "N",
      defaultValue = "5",
      description = "Sources of the corpus (${DEFAULT-VALUE}).")
  int sources;

  @Option(
      names = "--bench",
      paramLabel = "FILE",
      description = "File that lorashear bench --json wrote on the device.")
  @Nullable Path bench;

  @Option(
      names = "--share",
      paramLabel = "SHARE",
      defaultValue = "0.4",
      description = "For run: share of the device's peaks that is reached (${DEFAULT-VALUE}).")
  double share;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes everything as JSON too.")
  @Nullable Path json;

  @Override
  public final Integer call() {
    GivenNumber.atLeast(2, "--length", length);
    GivenNumber.atLeast(1, "--sources", sources);
    if (stage == Stage.RUN) {
      spec.commandLine().getOut().println(line());
      spec.commandLine().getOut().flush();
      return 0;
    }
    refuse("--share", "only plan run takes a share of the device's peaks");
    var plan =
        new StagePlan(
            work(), memories.stream().map(PlanCommand::bytes).toList(), operationsPerSecond());
    if (json != null) {
      JsonFile.write(json, plan.toJson());
    }
    spec.commandLine().getOut().println(plan.table());
    spec.commandLine().getOut().flush();
    return 0;
  }

  private String line() {
    for (var option :
        List.of("--config", "--memory", "--length", "--sources", "--bench", "--json")) {
      refuse(option, "plan run has its settings in its file and looks at one A100 of 40 and 80 GB");
    }
    if (!(share > 0 && share <= 1)) {
      throw new InputException("--share is %s: give a share of the peaks, above 0, up to 1", share);
    }
    return line(model, set.overrides(), share);
  }

  private void refuse(String option, String why) {
    if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
      throw new InputException("%s is given, but %s: leave it out", option, why);
    }
  }

  /** The plan of the whole pipeline, whose settings are in spark-jobs. */
  protected String line(Path file, Overrides given, double share) {
    throw new InputException("plan run reads Spark's settings: start it by bin/lorashear");
  }

  private Work work() {
    var files = weightBytes();
    var work = new PlannedWork(length, sources, files);
    if (stage == Stage.PRETRAIN) {
      try (var tokenizer = Tokenizer.open(model)) {
        return work.pretrain(settings(PretrainSettings.class), tokenizer.size());
      }
    }
    var graph = ModelShape.read(model);
    return switch (stage) {
      case PRUNE -> prune(work, graph);
      case SPARSIFY -> work.sparsify(graph, settings(SparsifySettings.class));
      case RECOVER -> work.recover(graph, settings(RecoverSettings.class));
      case ANALYZE -> work.analyze(graph, settings(AnalyzeSettings.class));
      case PERPLEXITY -> perplexity(work, graph);
      default -> work.evaluate(graph, settings(EvaluateSettings.class).precision());
    };
  }

  private Work prune(PlannedWork work, ModelGraph graph) {
    var settings = settings(PruneSettings.class);
    Limits.check(settings, ModelShape.config(model), PruningSpace.of(graph));
    return work.prune(graph, settings);
  }

  private OptionalLong weightBytes() {
    long bytes = stage == Stage.PRETRAIN ? 0 : ModelShape.weightBytes(model);
    return bytes == 0 ? OptionalLong.empty() : OptionalLong.of(bytes);
  }

  /** The work of {@code perplexity}; spark-jobs knows its settings. */
  protected Work perplexity(PlannedWork work, ModelGraph graph) {
    throw new InputException("plan perplexity reads Spark's settings: start it by bin/lorashear");
  }

  /** Loads settings without checking their paths; a missing path gets a placeholder. */
  protected final <T extends Record> T settings(Class<T> type) {
    if (config != null) {
      return Settings.load(type, config, set.overrides());
    }
    var all = new ArrayList<String>();
    for (var component : type.getRecordComponents()) {
      if (component.getType() == Path.class && !component.isAnnotationPresent(Default.class)) {
        all.add(component.getName() + "=any");
      }
    }
    return Settings.defaults(type, Overrides.implied(all).and(set.overrides()));
  }

  private OptionalDouble operationsPerSecond() {
    if (bench == null) {
      return OptionalDouble.empty();
    }
    var figures = JsonFile.read(bench);
    double seconds =
        figures.path("tokens").asDouble() / figures.path("median_tokens_per_second").asDouble();
    double operations = figures.path("operations").asDouble();
    if (!(operations > 0 && seconds > 0)) {
      throw new InputException(
          "%s holds no figures of training or scoring: write it by lorashear bench train --json",
          bench);
    }
    return OptionalDouble.of(operations / seconds);
  }

  private static long bytes(String text) {
    var found = MEMORY.matcher(text.toUpperCase(Locale.ROOT));
    if (!found.matches()) {
      throw new InputException("--memory is %s: give a size such as 40GB or 900MB", text);
    }
    double unit = found.group(2).equals("G") ? 1e9 : 1e6;
    return Math.round(Double.parseDouble(found.group(1)) * unit);
  }
}
