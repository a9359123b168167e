package io.lorashear.spark.select;

import io.lorashear.InputException;
import io.lorashear.corpus.DrawKey;
import io.lorashear.corpus.SubsetManifest.Cursor;
import io.lorashear.corpus.SubsetManifest.Drawn;
import io.lorashear.spark.select.Pool.Candidate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Draws the sequences of one round. A group's sequences have a fixed random order; every round
 * continues where the last one stopped, so none repeats before all have been drawn. Then the group
 * begins a new pass, in another order.
 *
 * <pre>
 *   drawn from      the generations of the lowest pass p, mixed by key
 *   used up         p ← max(p + 1, highest pass)
 * </pre>
 *
 * Sequences that are added late are drawn once before any other is drawn again, and then join the
 * pass of the others.
 */
public final class SubsetSampler {

  /**
   * Result of one round.
   *
   * @param cursors where the next round continues, by group
   * @param drawn sequences in training order, with the groups mixed
   */
  public record Round(SortedMap<String, List<Cursor>> cursors, List<Drawn> drawn) {}

  /**
   * A sequence with its key in the training order, which depends only on its id; a second copy has
   * a different key.
   */
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
   * @param quotas number of sequences of each group
   * @param cursors position of each group; a missing group or generation starts at the beginning
   * @param round number of the round, from 0; every round shuffles its groups differently
   * @throws InputException if a group with a quota has no sequence
   */
  public Round draw(SortedMap<String, Long> quotas, Map<String, List<Cursor>> cursors, int round) {
    var next = new TreeMap<String, List<Cursor>>();
    List<Mixed> drawn = new ArrayList<>();
    quotas.forEach(
        (group, quota) -> {
          var start = cursors.getOrDefault(group, List.of());
          next.put(group, draw(group, quota, start, round, drawn));
        });
    drawn.sort(Comparator.comparing(Mixed::key).thenComparing(mixed -> mixed.drawn().sequence()));
    return new Round(next, drawn.stream().map(Mixed::drawn).toList());
  }

  private List<Cursor> draw(
      String group, long quota, List<Cursor> from, int round, List<Mixed> drawn) {
    if (quota > 0 && pool.size(group) == 0) {
      throw new InputException(
          "%s has no sequence to draw: leave it out of sources, or ingest more of it", group);
    }
    var cursors = started(group, from);
    for (long missing = quota; missing > 0; ) {
      int pass = cursors.values().stream().mapToInt(Cursor::pass).min().orElseThrow();
      List<Candidate> found = pool.next(group, pass, after(cursors.values(), pass), missing);
      for (Candidate candidate : found) {
        drawn.add(Mixed.of(candidate.sequence(), pass, round));
      }
      missing -= found.size();
      if (missing > 0) {
        usedUp(cursors, pass);
      } else {
        reached(cursors, pass, found.get(found.size() - 1).key());
      }
    }
    return List.copyOf(cursors.values());
  }

  private TreeMap<Integer, Cursor> started(String group, List<Cursor> from) {
    var cursors = new TreeMap<Integer, Cursor>();
    pool.generations(group).forEach(each -> cursors.put(each, new Cursor(each, 0, "")));
    from.forEach(cursor -> cursors.put(cursor.generation(), cursor));
    return cursors;
  }

  private static TreeMap<Integer, String> after(Collection<Cursor> cursors, int pass) {
    var after = new TreeMap<Integer, String>();
    cursors.stream()
        .filter(cursor -> cursor.pass() == pass)
        .forEach(cursor -> after.put(cursor.generation(), cursor.after()));
    return after;
  }

  private static void usedUp(TreeMap<Integer, Cursor> cursors, int pass) {
    int highest = cursors.values().stream().mapToInt(Cursor::pass).max().orElse(pass);
    int next = Math.max(pass + 1, highest);
    cursors.replaceAll(
        (generation, at) -> at.pass() == pass ? new Cursor(generation, next, "") : at);
  }

  /**
   * Moves the cursors of a pass to {@code key}, except those of generations that were already drawn
   * beyond it before later ones were added.
   */
  private static void reached(TreeMap<Integer, Cursor> cursors, int pass, String key) {
    cursors.replaceAll(
        (generation, at) ->
            at.pass() == pass && at.after().compareTo(key) < 0
                ? new Cursor(generation, pass, key)
                : at);
  }
}
