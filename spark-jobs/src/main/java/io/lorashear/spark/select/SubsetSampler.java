package io.lorashear.spark.select;

import io.lorashear.InputException;
import io.lorashear.corpus.DrawKey;
import io.lorashear.corpus.SubsetManifest.Drawn;
import io.lorashear.corpus.SubsetManifest.SourceDraw;
import io.lorashear.spark.select.Pool.Candidate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Draws the sequences of one round. A source's sequences have a fixed random order; every round
 * takes up where the last one stopped, so none comes twice before all have come once. Then the
 * source begins a new pass, in another order.
 */
public final class SubsetSampler {

  /** How far a source is used up: passes, and the last key drawn in the present one. */
  public record Cursor(int pass, String after) {
    /** Nothing drawn yet. */
    public static final Cursor START = new Cursor(0, "");

    /** Where a round of before stopped. */
    public static Cursor of(SourceDraw draw) {
      return new Cursor(draw.pass(), draw.after());
    }
  }

  /**
   * What one round draws.
   *
   * @param cursors by source, where the next round goes on
   * @param drawn in training order: sources mixed
   */
  public record Round(SortedMap<String, Cursor> cursors, List<Drawn> drawn) {}

  /** A place in the training order that the id alone decides; a second copy has another. */
  private record Mixed(String key, Drawn drawn) {
    static Mixed of(Drawn drawn, int pass, int round) {
      return new Mixed(DrawKey.of(round, pass, "mixed/" + drawn.sequence()), drawn);
    }
  }

  private final Pool pool;

  public SubsetSampler(Pool pool) {
    this.pool = pool;
  }

  /**
   * @param quotas how many sequences of each source
   * @param cursors where each source stands; a source that is missing starts
   * @param round from 0; every round mixes its sources in another way
   * @throws InputException if a source with a quota has no sequence
   */
  public Round draw(SortedMap<String, Long> quotas, Map<String, Cursor> cursors, int round) {
    var next = new TreeMap<String, Cursor>();
    List<Mixed> drawn = new ArrayList<>();
    quotas.forEach(
        (source, quota) -> {
          var start = cursors.getOrDefault(source, Cursor.START);
          next.put(source, draw(source, quota, start, round, drawn));
        });
    drawn.sort(Comparator.comparing(Mixed::key).thenComparing(mixed -> mixed.drawn().sequence()));
    return new Round(next, drawn.stream().map(Mixed::drawn).toList());
  }

  private Cursor draw(String source, long quota, Cursor from, int round, List<Mixed> drawn) {
    if (quota > 0 && pool.size(source) == 0) {
      throw new InputException(
          "source %s has no sequence to draw: leave it out of sources, or ingest more of it",
          source);
    }
    var cursor = from;
    for (long missing = quota; missing > 0; ) {
      List<Candidate> found = pool.next(source, cursor.pass(), cursor.after(), missing);
      for (Candidate candidate : found) {
        drawn.add(Mixed.of(candidate.sequence(), cursor.pass(), round));
      }
      missing -= found.size();
      cursor =
          missing > 0
              ? new Cursor(cursor.pass() + 1, "")
              : new Cursor(cursor.pass(), found.get(found.size() - 1).key());
    }
    return cursor;
  }
}
