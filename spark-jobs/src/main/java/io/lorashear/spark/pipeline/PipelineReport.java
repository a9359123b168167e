package io.lorashear.spark.pipeline;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.corpus.LossReport;
import io.lorashear.evaluate.EvaluationSummary;
import io.lorashear.report.WonBack;
import io.lorashear.run.Publication;
import io.lorashear.run.PublishedDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The result of the pipeline: the dense, the pruned, the recovered model and the ceiling side by
 * side.
 *
 * @param models the models in this order; three without a ceiling
 */
public record PipelineReport(List<Model> models) {
  private static final int BYTES_OF_A_PARAMETER = 4; // the sizes of all models are those in float32

  /**
   * Figures of one model.
   *
   * @param losses mean negative log-likelihood by source, in nats per validation token
   * @param accuracies accuracy by task, from 0 to 1; the keys include the metric
   */
  public record Model(
      String name,
      Path checkpoint,
      long parameters,
      Map<String, Double> losses,
      Map<String, Double> accuracies) {

    static Model of(String name, Path checkpoint, LossReport losses, EvaluationSummary evaluation) {
      var bySource = new TreeMap<String, Double>();
      losses.sources().forEach(source -> bySource.put(source.source(), source.mean()));
      var byTask = new TreeMap<String, Double>();
      evaluation
          .figures()
          .forEach(figure -> byTask.put(figure.task() + " " + figure.metric(), figure.value()));
      try (var opened = Checkpoint.open(checkpoint)) {
        return new Model(name, checkpoint, opened.graph().parameterCount(), bySource, byTask);
      }
    }

    /** exp of the mean loss over sources, that is the geometric mean of their perplexities. */
    public double perplexity() {
      return Math.exp(
          losses.values().stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN));
    }
  }

  /** What recovery won back on the way to the dense model; empty if pruning cost nothing. */
  public OptionalDouble wonBack() {
    return wonBack(models.get(0));
  }

  /**
   * What recovery won back on the way to the ceiling; empty if there is none, or if the pruned
   * model is no worse.
   */
  public OptionalDouble wonBackOfCeiling() {
    return ceiling().map(this::wonBack).orElse(OptionalDouble.empty());
  }

  private Optional<Model> ceiling() {
    return models.stream().skip(3).findFirst();
  }

  private OptionalDouble wonBack(Model target) {
    return WonBack.share(
        Math.log(models.get(1).perplexity()),
        Math.log(models.get(2).perplexity()),
        Math.log(target.perplexity()));
  }

  /** One line about what was won back. */
  private String verdict() {
    var dense = way(wonBack(), "the dense model");
    var ceiling =
        ceiling().isPresent()
            ? way(wonBackOfCeiling(), "the dense model trained on the same text (ceiling)")
            : "not compared with the dense model trained on the same text (ceiling: true, demo"
                + " --ceiling)";
    return "log-perplexity won back: %s; %s".formatted(dense, ceiling);
  }

  private static String way(OptionalDouble share, String target) {
    return share.isPresent()
        ? "%.0f %% of the way to %s".formatted(100 * share.getAsDouble(), target)
        : "the pruned model is no worse than " + target;
  }

  /** The table for people. */
  public String table() {
    var lines = new ArrayList<String>();
    lines.add(row("", model -> model.name()));
    for (var source : models.get(0).losses().keySet()) {
      lines.add(
          row(
              "perplexity " + source,
              model ->
                  "%.2f".formatted(Math.exp(model.losses().getOrDefault(source, Double.NaN)))));
    }
    lines.add(row("perplexity, all sources", model -> "%.2f".formatted(model.perplexity())));
    for (var task : models.get(0).accuracies().keySet()) {
      lines.add(
          row(
              task,
              model ->
                  "%.1f %%".formatted(100 * model.accuracies().getOrDefault(task, Double.NaN))));
    }
    lines.add(row("parameters", model -> "%,d".formatted(model.parameters())));
    lines.add(
        row(
            "bytes (float32)",
            model -> "%,d".formatted(model.parameters() * BYTES_OF_A_PARAMETER)));
    lines.add(verdict());
    return String.join(System.lineSeparator(), lines);
  }

  private String row(String what, Function<Model, String> figure) {
    var line = new StringBuilder("%-28s".formatted(what));
    models.forEach(model -> line.append("%16s".formatted(figure.apply(model))));
    return line.toString();
  }

  ObjectNode toJson() {
    var json = JsonNodeFactory.instance.objectNode();
    for (var model : models) {
      var entry = json.putObject(model.name());
      entry.put("parameters", model.parameters());
      entry.put("bytesFloat32", model.parameters() * BYTES_OF_A_PARAMETER);
      entry.put("perplexity", model.perplexity());
      var losses = entry.putObject("losses");
      model.losses().forEach(losses::put);
      var accuracies = entry.putObject("accuracies");
      model.accuracies().forEach(accuracies::put);
    }
    put(json, "wonBack", wonBack());
    if (ceiling().isPresent()) {
      put(json, "wonBackOfCeiling", wonBackOfCeiling());
    }
    return json;
  }

  private static void put(ObjectNode json, String name, OptionalDouble share) {
    if (share.isPresent()) {
      json.put(name, share.getAsDouble());
    } else {
      json.putNull(name);
    }
  }

  /** Writes {@code report.json} and {@code table.txt}; replaces an earlier report. */
  PublishedDirectory publish(Path target) {
    try (var publication = Publication.begin(target)) {
      var mapper = new ObjectMapper();
      Files.writeString(
          publication.directory().resolve("report.json"),
          mapper.writerWithDefaultPrettyPrinter().writeValueAsString(toJson()) + "\n");
      Files.writeString(publication.directory().resolve("table.txt"), table() + "\n");
      return publication.publish(mapper.createObjectNode().put("kind", "report"));
    } catch (IOException e) {
      throw new UncheckedIOException(target + " could not be written", e);
    }
  }
}
