package io.lorashear.spark.select;

import io.lorashear.InputException;
import io.lorashear.corpus.DrawKey;
import io.lorashear.corpus.SubsetManifest.Drawn;
import io.lorashear.corpus.SubsetManifest.GroupDraw;
import io.lorashear.spark.select.Pool.Candidate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Draws the sequences of one round. A group's sequences have a fixed random order; every round
 * takes up where the last one stopped, so none comes twice before all have come once. Then the
 * group begins a new pass, in another order.
 */
public final class SubsetSampler {

  /** How far a group is used up: passes, and the last key drawn in the present one. */
  public record Cursor(int pass, String after) {
    /** Nothing drawn yet. */
    public static final Cursor START = new Cursor(0, "");

    /** Where a round of before stopped. */
    public static Cursor of(GroupDraw draw) {
      return new Cursor(draw.pass(), draw.after());
    }
  }

  /**
   * What one round draws.
   *
   * @param cursors by group, where the next round goes on
   * @param drawn in training order: groups mixed
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
   * @param quotas how many sequences of each group
   * @param cursors where each group stands; a group that is missing starts
   * @param round from 0; every round mixes its groups in another way
   * @throws InputException if a group with a quota has no sequence
   */
  public Round draw(SortedMap<String, Long> quotas, Map<String, Cursor> cursors, int round) {
    var next = new TreeMap<String, Cursor>();
    List<Mixed> drawn = new ArrayList<>();
    quotas.forEach(
        (group, quota) -> {
          var start = cursors.getOrDefault(group, Cursor.START);
          next.put(group, draw(group, quota, start, round, drawn));
        });
    drawn.sort(Comparator.comparing(Mixed::key).thenComparing(mixed -> mixed.drawn().sequence()));
    return new Round(next, drawn.stream().map(Mixed::drawn).toList());
  }

  private Cursor draw(String group, long quota, Cursor from, int round, List<Mixed> drawn) {
    if (quota > 0 && pool.size(group) == 0) {
      throw new InputException(
          "%s has no sequence to draw: leave it out of sources, or ingest more of it", group);
    }
    var cursor = from;
    for (long missing = quota; missing > 0; ) {
      List<Candidate> found = pool.next(group, cursor.pass(), cursor.after(), missing);
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
