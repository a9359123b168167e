package io.lorashear.shape;

import io.lorashear.dependency.Groups;
import io.lorashear.dependency.PrunableAxis;
import io.lorashear.dependency.PruningSpace;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A number of groups for each axis, decided before: every axis loses its least salient groups, as
 * many as are its own.
 *
 * <pre>
 *   left(a)      = groups(a) − groups of a that are removed already
 *   at the end   the left(a) groups of lowest score of every axis a
 *   before       those of them with the lowest scores that fit a part of the budget
 * </pre>
 *
 * @param groups how many each axis loses, by its name; axes that are not named lose nothing
 * @param beside parameters that go besides the groups of an axis when it loses all of them
 */
public record Allocated(Map<String, Integer> groups, Map<String, Long> beside)
    implements ShapeRule {

  @Override
  public Groups choose(List<Candidates> axes, long now, long inAll) {
    var planned = Groups.union(axes.stream().map(this::planned).toList());
    return now == inAll ? planned : Free.part(axes, planned, now);
  }

  private Groups planned(Candidates axis) {
    int removed = axis.axis().size() - axis.width();
    return new Steps(axis, 1).least(Math.max(0, groups.getOrDefault(axis.name(), 0) - removed));
  }

  @Override
  public List<String> contradictions(
      PruningSpace space, List<Candidates> axes, Set<PrunableAxis> kept) {
    return List.of();
  }

  @Override
  public long withTheLast(PrunableAxis axis, long cost) {
    return beside.getOrDefault(axis.name(), 0L);
  }
}
