package io.lorashear.corpus;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.run.Stage;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Which sequences one round of recovery trains on, and why.
 *
 * @param corpus hash of the corpus they are drawn from
 * @param split they are drawn from
 * @param seed of all rounds
 * @param round from 0
 * @param tokenBudget tokens asked for
 * @param sources by name: weights and how far their pools are used up
 * @param drawn in training order; kept in {@code drawn.jsonl} beside the manifest
 */
public record SubsetManifest(
    String corpus,
    String split,
    long seed,
    int round,
    long tokenBudget,
    List<SourceDraw> sources,
    List<Drawn> drawn) {

  static final String KIND = "subset";
  private static final int VERSION = 1;
  private static final String DRAWN = "drawn";

  /**
   * @param deviation Δ = max(loss of the pruned − loss of the dense model, 0) a token
   * @param prior weight before this round
   * @param weight share of the tokens of this round; the weights of a round sum to 1
   * @param sequences how many were drawn
   * @param pass how often the pool has been used up
   * @param after {@link DrawKey} of the last one drawn in this pass; "" before the first
   */
  public record SourceDraw(
      String source,
      double deviation,
      double prior,
      double weight,
      long sequences,
      int pass,
      String after) {}

  /** One drawn sequence: where it lies, and its row in that file (from 0). */
  public record Drawn(String sequence, String shard, long row) {}

  public SubsetManifest {
    sources = List.copyOf(sources);
    drawn = List.copyOf(drawn);
  }

  /**
   * Reads a published subset.
   *
   * @throws InputException if there is none, or one of something else or of another version
   */
  public static SubsetManifest read(Path subset) {
    return ManifestJson.read(subset, KIND, VERSION, SubsetManifest.class, DRAWN).checked(subset);
  }

  private SubsetManifest checked(Path subset) {
    if (drawn.isEmpty()) {
      throw new InputException(
          "%s draws no sequence: draw the subset again with a larger budget",
          ManifestJson.file(subset));
    }
    long promised = sources.stream().mapToLong(SourceDraw::sequences).sum();
    if (promised != drawn.size()) {
      throw new InputException(
          "%s names %d drawn sequences, but %s has %d lines: copy the subset again",
          ManifestJson.file(subset), promised, ManifestJson.lines(subset, DRAWN), drawn.size());
    }
    return this;
  }

  private ObjectNode json() {
    return ManifestJson.json(KIND, VERSION, this).without(DRAWN);
  }

  /** Puts the subset into the output of a stage. */
  public void writeTo(Stage.Output output) {
    output.manifest().setAll(json());
    ManifestJson.writeLines(ManifestJson.lines(output.directory(), DRAWN), drawn);
  }

  /** One line a source, for people. */
  public String summary() {
    return sources.stream()
        .map(
            source ->
                "%-16s deviation %7.4f  weight %6.4f -> %6.4f  %,d sequences"
                    .formatted(
                        source.source(),
                        source.deviation(),
                        source.prior(),
                        source.weight(),
                        source.sequences()))
        .collect(Collectors.joining("\n"));
  }
}
