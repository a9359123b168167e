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
 * @param rule name of the rule that computed the weights
 * @param groups sources, or buckets of their documents, by name: weights, reasons, and how far
 *     their pools are used up
 * @param drawn in training order; kept in {@code drawn.jsonl} beside the manifest
 */
public record SubsetManifest(
    String corpus,
    String split,
    long seed,
    int round,
    long tokenBudget,
    String rule,
    List<GroupDraw> groups,
    List<Drawn> drawn) {

  static final String KIND = "subset";
  private static final int VERSION = 3;
  private static final String DRAWN = "drawn";

  /**
   * @param group the source, or {@code source/bucket}
   * @param deviation Δ = loss of the pruned − loss of the dense model, nats per token, as the rule
   *     uses it
   * @param prior weight before this round
   * @param weight share of the tokens in this round; the weights of a round sum to 1
   * @param reason formula by which the rule computed it from deviation and prior
   * @param pool number of sequences to draw from
   * @param sequences number of drawn sequences
   * @param cursors how far the pool is used up, by generation
   */
  public record GroupDraw(
      String group,
      String source,
      double deviation,
      double prior,
      double weight,
      String reason,
      long pool,
      long sequences,
      List<Cursor> cursors) {

    public GroupDraw {
      cursors = List.copyOf(cursors);
    }
  }

  /**
   * How far the sequences of one generation are used up.
   *
   * @param generation of their {@link Shard}s
   * @param pass number of times that they have been used up; a late generation starts with the pass
   *     of the others
   * @param after {@link DrawKey} of the last sequence drawn in this pass; "" before the first
   */
  public record Cursor(int generation, int pass, String after) {}

  /**
   * One drawn sequence: its file, its row in that file (from 0), and the group that it was drawn
   * for.
   */
  public record Drawn(String sequence, String shard, long row, String group) {}

  public SubsetManifest {
    groups = List.copyOf(groups);
    drawn = List.copyOf(drawn);
  }

  /**
   * Reads a published subset.
   *
   * @throws InputException if there is none, or one of something else or of another version
   */
  public static SubsetManifest read(Path subset) {
    return ManifestJson.read(subset, "resample", KIND, VERSION, SubsetManifest.class, DRAWN)
        .checked(subset);
  }

  private SubsetManifest checked(Path subset) {
    if (drawn.isEmpty()) {
      throw new InputException(
          "%s draws no sequence: draw the subset again with a larger budget",
          ManifestJson.file(subset));
    }
    long promised = groups.stream().mapToLong(GroupDraw::sequences).sum();
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

  /** Text for people: one line for each group. */
  public String summary() {
    return groups.stream()
        .map(
            group ->
                "%-16s deviation %7.4f  weight %6.4f -> %6.4f  %,d sequences of %,d: %s"
                    .formatted(
                        group.group(),
                        group.deviation(),
                        group.prior(),
                        group.weight(),
                        group.sequences(),
                        group.pool(),
                        group.reason()))
        .collect(Collectors.joining("\n"));
  }
}
