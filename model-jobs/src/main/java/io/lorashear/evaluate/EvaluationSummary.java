package io.lorashear.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.InputException;
import io.lorashear.run.PublishedDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The figures of a published evaluation.
 *
 * @param protocol "joint" or "separate"; figures of different protocols must not be compared
 * @param mean mean of the tasks' figures, a share from 0 to 1
 * @param texts names of the texts whose perplexity was measured
 */
public record EvaluationSummary(
    String protocol, double mean, List<Figure> figures, List<String> texts) {

  /** One task: its reported metric ("acc" or "acc_norm"), from 0 to 1, and its standard error. */
  public record Figure(
      String task, String metric, double value, double standardError, int questions) {}

  public EvaluationSummary {
    figures = List.copyOf(figures);
    texts = List.copyOf(texts);
  }

  /** Reads what {@link EvaluateStage} published. */
  public static EvaluationSummary read(PublishedDirectory published) {
    JsonNode root = json(published.verified(EvaluateStage.RESULTS));
    var figures = new ArrayList<Figure>();
    var texts = new ArrayList<String>();
    root.path("results")
        .fields()
        .forEachRemaining(
            entry -> {
              JsonNode row = entry.getValue();
              String metric = root.path("reported").path(entry.getKey()).asText();
              if (metric.isEmpty()) {
                texts.add(entry.getKey()); // it has perplexities alone
                return;
              }
              figures.add(
                  new Figure(
                      entry.getKey(),
                      metric,
                      row.path(metric + ",none").asDouble(),
                      row.path(metric + "_stderr,none").asDouble(),
                      root.path("n-samples").path(entry.getKey()).path("effective").asInt()));
            });
    return new EvaluationSummary(
        root.path("config").path("protocol").asText(),
        root.path("mean").asDouble(),
        figures,
        texts);
  }

  /** The table for people, as published. */
  public static String table(PublishedDirectory published) {
    Path file = published.verified(EvaluateStage.TABLE);
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new InputException(e, "%s cannot be read (%s)", file, e.getMessage());
    }
  }

  private static JsonNode json(Path file) {
    try {
      return new ObjectMapper().readTree(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new InputException(e, "%s cannot be read (%s)", file, e.getMessage());
    }
  }
}
