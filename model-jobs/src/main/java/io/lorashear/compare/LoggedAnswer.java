package io.lorashear.compare;

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
 * One question of an evaluation's log, reduced to what is compared between models.
 *
 * @param question arguments and right choice
 * @param right whether the reported metric counts it as right
 * @param gold log-likelihood of the right choice, in nats
 */
public record LoggedAnswer(String id, String question, boolean right, double gold) {

  /**
   * Reads the log of one task, in the order of its questions.
   *
   * @param metric acc or acc_norm
   * @throws InputException if a line is not an answer
   */
  public static List<LoggedAnswer> read(PublishedDirectory result, String task, String metric) {
    Path file = result.verified("samples_" + task + ".jsonl");
    var json = new ObjectMapper();
    var answers = new ArrayList<LoggedAnswer>();
    try (var reader = Files.newBufferedReader(file)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        answers.add(of(json.readTree(line), metric));
      }
    } catch (IOException | NumberFormatException e) {
      throw new InputException(
          e, "%s, line %d is no answer: evaluate the model again", file, answers.size() + 1);
    }
    return answers;
  }

  private static LoggedAnswer of(JsonNode line, String metric) {
    String target = line.path("target").asText();
    var gold = line.path("filtered_resps").path(Integer.parseInt(target)).path(0);
    return new LoggedAnswer(
        line.path("id").asText(),
        line.path("arguments") + target,
        line.path(metric).asDouble() == 1,
        Double.parseDouble(gold.asText()));
  }
}
