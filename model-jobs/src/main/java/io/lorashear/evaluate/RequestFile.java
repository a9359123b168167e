package io.lorashear.evaluate;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.run.Progress;
import io.lorashear.score.Likelihood;
import io.lorashear.score.Request;
import io.lorashear.score.Score;
import io.lorashear.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Stored requests of any evaluator: JSON lines with {@code context} and {@code continuation}. The
 * answers come in the same order, with {@code log_likelihood} and {@code is_greedy} added; a line
 * that is no request gets an {@code error} instead.
 */
public record RequestFile(Tokenizer tokenizer, Protocol protocol, Likelihood model) {
  private static final ObjectMapper JSON = new ObjectMapper();

  private record Line(ObjectNode fields, int request) {}

  /**
   * Answers all requests of {@code file}.
   *
   * @return number of lines that were not requests
   */
  public int answer(Path file, PrintWriter out, Progress progress) {
    var requests = new ArrayList<Request>();
    var lines = new ArrayList<Line>();
    for (String text : TextLines.of(file)) {
      lines.add(line(text, requests));
    }
    if (requests.isEmpty()) {
      throw new InputException(
          "%s holds no request: each line must be JSON with the texts context and continuation",
          file);
    }
    var scores = scores(requests, progress);
    for (Line line : lines) {
      if (line.request() >= 0) {
        Score score = scores.get(line.request());
        line.fields().put("log_likelihood", score.logLikelihood()).put("is_greedy", score.greedy());
      }
      out.println(line.fields());
    }
    out.flush();
    return lines.size() - requests.size();
  }

  private List<Score> scores(List<Request> requests, Progress progress) {
    try (var work = progress.begin("score", requests.size(), "requests")) {
      return model.score(requests, work::step);
    }
  }

  private Line line(String text, List<Request> requests) {
    var broken = JSON.createObjectNode();
    try {
      if (!(JSON.readTree(text) instanceof ObjectNode fields)) {
        return new Line(broken.put("error", "no JSON object"), -1);
      }
      var request =
          new TextRequest(Records.text(fields, "context"), Records.text(fields, "continuation"));
      requests.add(protocol.encode(tokenizer, request));
      return new Line(fields, requests.size() - 1);
    } catch (BadRecord e) {
      return new Line(broken.put("error", e.reason()), -1);
    } catch (IOException e) {
      return new Line(broken.put("error", "not JSON"), -1);
    }
  }
}
