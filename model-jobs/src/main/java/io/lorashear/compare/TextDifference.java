package io.lorashear.compare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.InputException;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.statistics.Bootstrap;
import io.lorashear.statistics.Interval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How the perplexity of one text differs between two models.
 *
 * <pre>
 *   factor = perplexity of a word under the second / under the first = exp(Σ (loss₂ − loss₁) / Σ words)
 * </pre>
 *
 * @param first perplexity of a word under the first model
 * @param factor 95 % interval by bootstrap over documents; none for a text of a single document
 */
public record TextDifference(
    String text, int documents, double first, double second, Optional<Interval> factor) {

  private record Logged(long words, long bytes, double loss) {}

  /** Factor by which perplexity grew; 1 means no change. */
  public double change() {
    return second / first;
  }

  /** Whether the sign of the change is sure. */
  public boolean differs() {
    return factor.map(interval -> interval.low() > 1 || interval.high() < 1).orElse(false);
  }

  /**
   * @throws InputException if the two results are not about the same documents
   */
  static TextDifference of(
      String text, PublishedDirectory first, PublishedDirectory second, Bootstrap bootstrap) {
    var before = read(first, text);
    var after = read(second, text);
    boolean same =
        before.size() == after.size()
            && IntStream.range(0, before.size())
                .allMatch(i -> before.get(i).bytes() == after.get(i).bytes());
    if (!same) {
      throw new InputException(
          "text %s is another in the two results: evaluate both with the same texts", text);
    }
    double[] words = before.stream().mapToDouble(Logged::words).toArray();
    double[] lost =
        IntStream.range(0, words.length)
            .mapToDouble(i -> after.get(i).loss() - before.get(i).loss())
            .toArray();
    Optional<Interval> factor =
        words.length < 2
            ? Optional.empty()
            : Optional.of(bootstrap.ratio(lost, words))
                .map(log -> new Interval(Math.exp(log.low()), Math.exp(log.high())));
    return new TextDifference(text, words.length, perplexity(before), perplexity(after), factor);
  }

  private static double perplexity(List<Logged> documents) {
    double loss = documents.stream().mapToDouble(Logged::loss).sum();
    return Math.exp(loss / documents.stream().mapToLong(Logged::words).sum());
  }

  private static List<Logged> read(PublishedDirectory result, String text) {
    Path file = result.verified("samples_" + text + ".jsonl");
    var json = new ObjectMapper();
    var documents = new ArrayList<Logged>();
    try {
      for (String line : Files.readAllLines(file)) {
        JsonNode fields = json.readTree(line);
        double likelihood = Double.parseDouble(fields.path("filtered_resps").path(0).asText());
        documents.add(
            new Logged(fields.path("words").asLong(), fields.path("bytes").asLong(), -likelihood));
      }
    } catch (IOException | NumberFormatException e) {
      throw new InputException(
          e, "%s, line %d is no document: evaluate again", file, documents.size() + 1);
    }
    return documents;
  }
}
