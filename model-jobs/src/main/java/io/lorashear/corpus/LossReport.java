package io.lorashear.corpus;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.run.Stage;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Losses of one model on rows of a corpus, in nats.
 *
 * @param checkpoint hash of the model
 * @param corpus hash of the corpus
 * @param split whose rows were scored; {@code subset} and its hash for the rows of a subset;
 *     followed by {@code documents apart} if documents of a row did not see each other, and {@code
 *     responses alone} if only the responses of instructions count
 * @param rows rows drawn from every source, fewer if a source has fewer; all rows of a subset
 * @param seed of the draw; 0 for the rows of a subset
 * @param sources by name
 * @param documents by source and id; kept in {@code documents.jsonl} beside the manifest
 */
public record LossReport(
    String checkpoint,
    String corpus,
    String split,
    int rows,
    long seed,
    List<SourceLoss> sources,
    List<DocumentLoss> documents) {

  static final String KIND = "loss-report";
  static final int VERSION = 2;
  private static final String DOCUMENTS = "documents";

  /**
   * @param tokens predicted tokens
   * @param loss sum of their negative log-likelihoods
   */
  public record SourceLoss(String source, long sequences, long tokens, double loss) {
    /** Mean negative log-likelihood of a token, in nats. */
    public double mean() {
      return loss / tokens;
    }

    /** exp of {@link #mean}. */
    public double perplexity() {
      return Math.exp(mean());
    }
  }

  /**
   * Loss of one document (or passage of a long one) on its tokens in the scored rows.
   *
   * @param everySecond number of its tokens at even places of their rows; documents are ranked by
   *     these, so that the others measure the loss without bias
   * @param secondLoss their summed loss
   */
  public record DocumentLoss(
      String source,
      String document,
      long tokens,
      double loss,
      long everySecond,
      double secondLoss) {}

  public LossReport {
    sources = List.copyOf(sources);
    documents = List.copyOf(documents);
  }

  /**
   * Reads a published report.
   *
   * @throws InputException if there is none, or one of something else or of another version
   */
  public static LossReport read(Path report) {
    return ManifestJson.read(report, "perplexity", KIND, VERSION, LossReport.class, DOCUMENTS)
        .checked(report);
  }

  private LossReport checked(Path report) {
    for (var source : sources) {
      if (source.tokens() < 1 || !(source.loss() >= 0)) {
        throw new InputException(
            "%s: source %s has %d tokens with a summed loss of %s: run perplexity again",
            ManifestJson.file(report), source.source(), source.tokens(), source.loss());
      }
    }
    return this;
  }

  /**
   * Checks that {@code pruned} is about the same tokens as this report of the dense model.
   *
   * @throws InputException if it is not
   */
  public void requireSameRows(LossReport pruned) {
    requireEqual("corpus", corpus, pruned.corpus);
    requireEqual("split", split, pruned.split);
    requireEqual("rows", rows, pruned.rows);
    requireEqual("seed", seed, pruned.seed);
    requireEqual("sources", sourceNames(), pruned.sourceNames());
  }

  private List<String> sourceNames() {
    return sources.stream().map(SourceLoss::source).sorted().toList();
  }

  private static void requireEqual(String what, Object dense, Object pruned) {
    if (!dense.equals(pruned)) {
      throw new InputException(
          "the two loss reports are not about the same rows: %s is %s for the dense model and %s"
              + " for the pruned one; run perplexity for both with the same settings",
          what, dense, pruned);
    }
  }

  private ObjectNode json() {
    return ManifestJson.json(KIND, VERSION, this).without(DOCUMENTS);
  }

  /** Puts the report into the output of a stage. */
  public void writeTo(Stage.Output output) {
    output.manifest().setAll(json());
    ManifestJson.writeLines(ManifestJson.lines(output.directory(), DOCUMENTS), documents);
  }

  /** Text for people: one line for each source. */
  public String summary() {
    return sources.stream()
        .map(
            source ->
                "%-16s perplexity %10.3f  loss %8.4f  over %,d tokens"
                    .formatted(
                        source.source(), source.perplexity(), source.mean(), source.tokens()))
        .collect(Collectors.joining("\n"));
  }
}
