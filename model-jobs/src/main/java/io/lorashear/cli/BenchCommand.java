package io.lorashear.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.bench.FileBench;
import io.lorashear.bench.GenerationBench;
import io.lorashear.bench.GraphBench;
import io.lorashear.bench.Measurement;
import io.lorashear.bench.ModelBench;
import io.lorashear.bench.PruningBench;
import io.lorashear.bench.Saving;
import io.lorashear.bench.Workload;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.family.ModelConfig;
import io.lorashear.lora.LoraSettings;
import io.lorashear.settings.Settings;
import io.lorashear.train.TrainSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lorashear bench}: measures workloads and compares them with the hardware limit. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = {
      "Measures a workload and its hardware limit in turn, in one run: training (train) and"
          + " scoring (score) compared with their matrix products alone, reading a prompt and"
          + " generating (generate) with several models, loading (load) and reading and cleaning by"
          + " source (ingest, with the share of processor time for counting tokens) compared with a"
          + " plain read of the same files, tracing and analysis (graph) of a 70 B shape or of"
          + " --checkpoint's config.json, and documents to shards (tokenize) compared with encoding"
          + " their texts alone.",
      "Prints the speeds of the best, the median and the slowest repetition; the fraction of"
          + " the limit compares the best ones.",
      "--set gives settings of training, as under train: in a stage's file; with tokenize or"
          + " ingest, of the stage."
    },
    footer = {
      "",
      "Examples:",
      "  lorashear bench train --checkpoint models/smollm2.gguf --json train.json",
      "  lorashear bench score --checkpoint models/smollm2 --rows 8 --length 1024",
      "  lorashear bench train --checkpoint models/smollm2.gguf --prune 0.2",
      "  lorashear bench generate models/smollm2 runs/pruned --json generate.json",
      "  lorashear bench graph",
      "  lorashear bench tokenize --set documents=work/documents --set tokenizer=model --json FILE",
      "  lorashear bench ingest --config conf/ingest/five-corpora.yaml"
    })
public class BenchCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin DeviceOption device = new DeviceOption();

  /** The workloads that read an option; options that all of them read are left out. */
  private static final Map<String, List<Workload>> READ_BY =
      new TreeMap<>(
          Map.of(
              "--checkpoint",
              List.of(Workload.TRAIN, Workload.SCORE, Workload.LOAD, Workload.GRAPH),
              "--lora-rank",
              List.of(Workload.TRAIN, Workload.GRAPH),
              "--rows",
              List.of(Workload.TRAIN, Workload.SCORE),
              "--length",
              List.of(Workload.TRAIN, Workload.SCORE, Workload.GENERATE),
              "--tokens",
              List.of(Workload.GENERATE),
              "--set",
              List.of(Workload.TRAIN, Workload.TOKENIZE, Workload.INGEST),
              "--config",
              List.of(Workload.TOKENIZE, Workload.INGEST),
              "--prune",
              List.of(Workload.TRAIN, Workload.SCORE),
              "--device",
              List.of(Workload.TRAIN, Workload.SCORE, Workload.GENERATE, Workload.LOAD)));

  @Parameters(index = "0", paramLabel = "WORKLOAD", description = "${COMPLETION-CANDIDATES}.")
  Workload workload = Workload.TRAIN;

  @Parameters(
      index = "1..*",
      paramLabel = "MODEL",
      description = "With generate: Hugging Face directories or GGUF files, the dense one first.")
  List<Path> models = List.of();

  @Option(
      names = "--checkpoint",
      paramLabel = "PATH",
      description = "Hugging Face directory or GGUF file; for graph a config.json.")
  @Nullable Path checkpoint;

  @Option(
      names = "--lora-rank",
      paramLabel = "R",
      defaultValue = "8",
      description = "Rank of the LoRA pair of every linear in a block (${DEFAULT-VALUE}).")
  int rank;

  @Option(
      names = "--rows",
      paramLabel = "B",
      description = "Sequences of a batch (train 2, score 4).")
  @Nullable Integer rows;

  @Option(
      names = "--length",
      paramLabel = "T",
      description = "Tokens of each (train 256, score 512), or of the prompt (generate 256).")
  @Nullable Integer length;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      description = "With generate: tokens after the prompt (64).")
  @Nullable Integer tokens;

  @Option(
      names = "--repetitions",
      paramLabel = "N",
      defaultValue = "5",
      description = "How often each figure is measured (${DEFAULT-VALUE}).")
  int repetitions;

  @Mixin SetOption set = new SetOption();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "With ingest and tokenize: the stage's settings file.")
  @Nullable Path config;

  @Option(
      names = "--prune",
      paramLabel = "RATIO",
      description =
          "With train and score: measures the model and the same model without this share of"
              + " its parameters, instead of the limit; prints what is left of time and of"
              + " operations.")
  @Nullable Double prune;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes the figures as JSON too.")
  @Nullable Path json;

  @Override
  public final Integer call() {
    GivenNumber.atLeast(1, "--repetitions", repetitions);
    GivenNumber.atLeast(1, "--lora-rank", rank);
    checkOptions();
    if (prune == null && workload == Workload.GENERATE) {
      var speeds = generation().measure();
      tell(speeds.toJson(), speeds.table());
    } else if (prune == null) {
      var measured = measure();
      tell(measured.toJson(), measured.table());
    } else {
      var saving = saving(prune);
      tell(saving.toJson(), saving.table());
    }
    return 0;
  }

  /** Refuses what this workload does not read. */
  private void checkOptions() {
    if (workload != Workload.GENERATE && !models.isEmpty()) {
      throw new InputException(
          "the model %s is given with %s: it goes with generate", models.get(0), workload);
    }
    var given = spec.commandLine().getParseResult();
    READ_BY.forEach(
        (option, workloads) -> {
          if (given.hasMatchedOption(option) && !workloads.contains(workload)) {
            throw new InputException(
                "%s is given with %s: it goes with %s",
                option,
                workload,
                workloads.stream().map(Workload::toString).collect(Collectors.joining(", ")));
          }
        });
  }

  private void tell(ObjectNode figures, String table) {
    if (json != null) {
      JsonFile.write(json, figures);
    }
    spec.commandLine().getOut().println(table);
    spec.commandLine().getOut().flush();
  }

  private Saving saving(double ratio) {
    if (!(ratio > 0 && ratio < 1)) {
      throw new InputException(
          "--prune is %s: give a share between 0 and 1, for example 0.2", ratio);
    }
    return switch (workload) {
      case TRAIN ->
          new PruningBench(model(2, 256), ratio)
              .train(lora(), Settings.defaults(TrainSettings.class, set.overrides()));
      case SCORE -> new PruningBench(model(4, 512), ratio).score();
      default -> throw new IllegalStateException("--prune is refused with " + workload);
    };
  }

  private GenerationBench generation() {
    if (models.isEmpty()) {
      throw new InputException(
          "bench generate takes models behind it: give Hugging Face directories or GGUF files, the"
              + " dense one first");
    }
    int prompt = GivenNumber.atLeast(1, "--length", length == null ? 256 : length);
    int after = GivenNumber.atLeast(1, "--tokens", tokens == null ? 64 : tokens);
    return new GenerationBench(models, prompt, after, repetitions, device.device());
  }

  private LoraSettings lora() {
    return new LoraSettings(rank, 2.0 * rank, List.of());
  }

  private Measurement measure() {
    return switch (workload) {
      case TRAIN ->
          model(2, 256).train(lora(), Settings.defaults(TrainSettings.class, set.overrides()));
      case SCORE -> model(4, 512).score();
      case GENERATE -> throw new IllegalStateException("generate has figures of its own");
      case LOAD -> new FileBench(checkpoint(), repetitions, device.device()).load();
      case TOKENIZE -> tokenize(Optional.ofNullable(config), repetitions, set.given());
      case INGEST -> ingest(stageFile(), repetitions, set.given());
      case GRAPH -> new GraphBench(config(), lora(), repetitions).graph();
    };
  }

  /**
   * Measures tokenization, which needs Spark; refuses here.
   *
   * @param file the stage's settings, if they are in one
   * @param overrides settings of the stage, which replace those of the file
   */
  protected Measurement tokenize(Optional<Path> file, int repetitions, List<String> overrides) {
    throw new InputException("bench tokenize runs on Spark: start it by bin/lorashear");
  }

  /**
   * Measures ingestion, which needs Spark; refuses here.
   *
   * @param file the stage's settings
   * @param overrides overrides of these settings
   */
  protected Measurement ingest(Path file, int repetitions, List<String> overrides) {
    throw new InputException("bench ingest runs on Spark: start it by bin/lorashear");
  }

  private Path stageFile() {
    if (config == null) {
      throw new InputException(
          "bench ingest needs sources: give --config, a file such as"
              + " conf/ingest/five-corpora.yaml");
    }
    return config;
  }

  private ModelBench model(int usualRows, int usualLength) {
    int width = length == null ? usualLength : length;
    if (width < 2) {
      throw new InputException("--length is %d: give at least 2, one token to predict", width);
    }
    int count = GivenNumber.atLeast(1, "--rows", rows == null ? usualRows : rows);
    return new ModelBench(checkpoint(), count, width, repetitions, device.device());
  }

  private ModelConfig config() {
    return checkpoint == null
        ? GraphBench.seventyBillion()
        : ModelConfig.parse(JsonFile.read(checkpoint), checkpoint.toString());
  }

  private Path checkpoint() {
    if (checkpoint == null) {
      throw new InputException(
          "bench %s needs a model: give --checkpoint, a Hugging Face directory or a GGUF file",
          workload);
    }
    return checkpoint;
  }
}
