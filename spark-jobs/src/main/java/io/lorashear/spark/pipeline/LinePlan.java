package io.lorashear.spark.pipeline;

import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.ModelGraph;
import io.lorashear.plan.Accelerator;
import io.lorashear.plan.PlannedWork;
import io.lorashear.plan.StagePlan;
import io.lorashear.plan.StageTime;
import io.lorashear.plan.Work;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.run.DiskSpace;
import io.lorashear.spark.resample.ResampleSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.StringJoiner;
import java.util.function.ToDoubleFunction;

/**
 * The memory, time and disk space of the whole pipeline on one accelerator, stage by stage:
 * computed from the model's shape and the settings, before there are weights or texts. Stages after
 * pruning are assumed to take 1 − ratio of the dense model's time, and all of its memory.
 */
public final class LinePlan {
  /** Number of published questions of the seven tasks. */
  private static final Map<String, Integer> QUESTIONS =
      Map.of(
          "boolq", 3270,
          "piqa", 1838,
          "hellaswag", 10042,
          "winogrande", 1267,
          "arc_easy", 2376,
          "arc_challenge", 1172,
          "openbookqa", 500);

  private static final int OTHERS = 1000;
  private static final long TOKENS_OF_A_QUESTION = 200;
  private static final double BYTES_OF_A_TEACHER = 260; // per token
  private static final int STATES = 3; // two that are kept, and one that is being written
  private static final double HOUR = 3600;

  /**
   * A stage, or several equal stages.
   *
   * @param share share of the dense model's time that it takes
   * @param times number of times it runs
   * @param written bytes of its published result, each time
   */
  private record Step(String name, Work work, double share, long times, double written) {}

  private final PipelineSettings settings;
  private final ModelGraph graph;
  private final PlannedWork planned;
  private final double dense;
  private final double left;
  private final double peaks;
  private final List<Step> steps = new ArrayList<>();

  private LinePlan(PipelineSettings settings, ModelConfig config, double peaks) {
    this.settings = settings;
    this.graph = Family.of(config).trace(config);
    int length = settings.tokenize().sequenceLength();
    this.planned = new PlannedWork(length, settings.sourceNames().size(), OptionalLong.empty());
    var dtype = config.fields().path("torch_dtype").asText(config.fields().path("dtype").asText());
    this.dense = (double) graph.parameterCount() * settings.outputType().bytes(dtype);
    this.left = 1 - settings.prune().ratio();
    this.peaks = peaks;
    add();
  }

  /**
   * The plan, for people.
   *
   * @param peaks assumed share of the devices' peak performance, in (0, 1]
   */
  public static String of(PipelineSettings settings, ModelConfig config, double peaks) {
    return new LinePlan(settings, config, peaks).text();
  }

  /** Bytes of the models that the pipeline writes, and of the saved states meanwhile. */
  static long disk(PipelineSettings settings, ModelConfig config) {
    var plan = new LinePlan(settings, config, 1);
    double models = plan.steps.stream().mapToDouble(step -> step.times() * step.written()).sum();
    return Math.round(models + STATES * plan.most(step -> step.work().stateBytes()));
  }

  private void add() {
    if (settings.analyzes()) {
      steps.add(new Step("analyze", planned.analyze(graph, settings.analyze()), 1, 1, 0));
    }
    steps.add(new Step("prune", planned.prune(graph, settings.prune()), 1, 1, dense * left));
    int rounds = settings.rounds();
    var losses =
        planned.perplexity(graph, settings.perplexity().rows(), settings.perplexity().precision());
    var whole = settings.ceiling() ? "dense, ceiling" : "dense";
    long ofWhole = settings.ceiling() ? 2 : 1;
    steps.add(new Step("perplexity, " + whole, losses, 1, ofWhole, 0));
    boolean instructed = !settings.instructions().isEmpty();
    boolean sorted = instructed && settings.instructSubset().by() == ResampleSettings.By.BUCKET;
    long later = 2L + rounds - 1 + (instructed && !sorted ? 1 : 0);
    steps.add(new Step("perplexity, pruned and later", losses, left, later, 0));
    if (settings.resample().by() == ResampleSettings.By.BUCKET) {
      buckets("perplexity of buckets", settings.texts().size(), 1L + rounds);
    }
    if (sorted) {
      buckets("perplexity of instructions", settings.instructions().size(), 2);
    }
    recovery("a round", settings.recover(), settings.resample().tokens(), rounds);
    if (instructed) {
      long tokens = settings.instructSubset().tokens();
      recovery("instructions", settings.instruct(), tokens, 1);
    }
    var questions =
        planned.evaluate(
            graph, questions() * TOKENS_OF_A_QUESTION, settings.evaluate().precision());
    steps.add(new Step("evaluate, " + whole, questions, 1, ofWhole, 0));
    steps.add(new Step("evaluate, pruned, recovered", questions, left, 2, 0));
  }

  /** Adds the scoring of training rows of some sources, by the dense model and by later ones. */
  private void buckets(String name, int sources, long times) {
    long tokens = (long) settings.bucketRows() * sources * planned.length();
    steps.add(
        new Step(
            name, planned.evaluate(graph, tokens, settings.perplexity().precision()), 1, times, 0));
  }

  private void recovery(String name, RecoverSettings stage, long tokens, long times) {
    if (stage.distillation().reported()) {
      var teacher = planned.evaluate(graph, tokens, settings.perplexity().precision());
      steps.add(new Step("its teacher", teacher, 1, times, tokens * BYTES_OF_A_TEACHER));
    }
    long rows = (tokens + planned.length() - 1) / planned.length();
    var work = planned.recover(graph, stage, rows);
    steps.add(new Step("recover, " + name, work, left, times, dense * left));
    if (settings.ceiling()) {
      steps.add(new Step("ceiling, " + name, work, 1, times, dense));
    }
  }

  /** Number of questions for one model. */
  private long questions() {
    int limit = settings.evaluate().limit();
    return settings.evaluate().tasks().stream()
        .mapToLong(
            task -> {
              int all = QUESTIONS.getOrDefault(task, limit > 0 ? limit : OTHERS);
              return limit > 0 ? Math.min(limit, all) : all;
            })
        .sum();
  }

  private String text() {
    var lines = new StringJoiner(System.lineSeparator());
    lines.add(
        format(
            "%,d parameters, rows of %,d tokens; computed, nothing of it is measured",
            graph.parameterCount(), planned.length()));
    lines.add("");
    var header =
        new StringBuilder(
            format(
                "%-31s %5s %9s %9s %9s %10s",
                "stage", "times", "memory", "host", "disk", "operations"));
    Accelerator.A100.forEach(device -> header.append(format(" %12s", device.name())));
    lines.add(header.toString());
    lines.add(
        format("%-31s on the CPU, by the size of the corpora: not counted", "ingest, tokenize"));
    if (!settings.analyzes()) {
      lines.add(format("%-31s %s", "analyze", StageRuns.UNREAD));
    }
    steps.forEach(step -> lines.add(row(step)));
    lines.add(sums());
    lines.add("");
    Accelerator.A100.forEach(device -> lines.add(device.name() + ": " + fit(device)));
    lines.add(
        format(
            "on the way: %s of saved states, at most, and the dense model's own %s",
            DiskSpace.text(Math.round(STATES * most(step -> step.work().stateBytes()))),
            DiskSpace.text(Math.round(dense))));
    assumptions(lines);
    return lines.toString();
  }

  private String row(Step step) {
    var plan = plan(step);
    var row =
        new StringBuilder(
            format(
                "%-31s %5d %9s %9s %9s %10.2g",
                step.name(),
                step.times(),
                DiskSpace.text(Math.round(plan.peak())),
                plan.host() > 0 ? DiskSpace.text(Math.round(plan.host())) : "",
                step.written() > 0 ? DiskSpace.text(Math.round(step.times() * step.written())) : "",
                step.times() * step.share() * step.work().operations()));
    Accelerator.A100.forEach(
        device -> row.append(format(" %10.2f h", seconds(step, device) / HOUR)));
    return row.toString();
  }

  private String sums() {
    double disk = steps.stream().mapToDouble(step -> step.times() * step.written()).sum();
    double operations =
        steps.stream()
            .mapToDouble(step -> step.times() * step.share() * step.work().operations())
            .sum();
    var row =
        new StringBuilder(
            format(
                "%-31s %5s %9s %9s %9s %10.2g",
                "the pipeline",
                "",
                DiskSpace.text(Math.round(most(step -> plan(step).peak()))),
                DiskSpace.text(Math.round(most(step -> plan(step).host()))),
                DiskSpace.text(Math.round(disk)),
                operations));
    for (var device : Accelerator.A100) {
      double all = steps.stream().mapToDouble(step -> seconds(step, device)).sum();
      row.append(format(" %10.2f h", all / HOUR));
    }
    return row.toString();
  }

  private double seconds(Step step, Accelerator device) {
    double files = dense + step.written();
    return step.times() * step.share() * StageTime.of(step.work(), device, peaks, files).seconds();
  }

  private static StagePlan plan(Step step) {
    return new StagePlan(step.work(), List.of(), OptionalDouble.empty());
  }

  private double most(ToDoubleFunction<Step> part) {
    return steps.stream().mapToDouble(part).max().orElse(0);
  }

  private String fit(Accelerator device) {
    var words =
        steps.stream()
            .filter(step -> Math.round(plan(step).peak(device.memory())) > device.memory())
            .map(step -> step.name() + " " + plan(step).fit(device.memory()))
            .toList();
    if (!words.isEmpty()) {
      return String.join("; ", words);
    }
    double least = most(step -> plan(step).peak());
    double peak = most(step -> plan(step).peak(device.memory()));
    return peak > least
        ? "every stage fits, and where weights change they fit in float32 too: a peak of "
            + DiskSpace.text(Math.round(peak))
        : "every stage fits";
  }

  private void assumptions(StringJoiner lines) {
    lines.add(
        format(
            "assumed: %.0f %% of the peaks of products (19.5e12 a second in float32, 312e12 in"
                + " bfloat16) and of the memory's bandwidth; 5 µs a launch, 10 GB/s to the device,"
                + " 20 GB/s in the host's memory, 1 GB/s from and to files; %,d questions a model"
                + " of %d tokens each",
            100 * peaks, questions(), TOKENS_OF_A_QUESTION));
  }

  private static String format(String text, Object... values) {
    return String.format(Locale.ROOT, text, values);
  }
}
