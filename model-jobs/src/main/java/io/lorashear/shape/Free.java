package io.lorashear.shape;

import io.lorashear.dependency.Groups;
import io.lorashear.dependency.PrunableAxis;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.graph.AxisRole;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Every axis has its own width; widths of MLPs are multiples of {@code multiple}.
 *
 * <pre>
 *   first: the steps that are due, since a width is no multiple
 *   in ascending order of saliency: take a step   if its cost is at most what is left of the budget
 *                                                 and its axis may lose as many
 *   at the end: the cheapest step once more       single groups: if anything is left, so that the
 *                                                 budget is passed by less than one group
 *                                                 others: if that comes nearer to the budget
 * </pre>
 *
 * @param multiple of channels, at least 1
 */
public record Free(int multiple) implements ShapeRule {
  /** Any width. */
  public static final Free ANY = new Free(1);

  @Override
  public Groups choose(List<Candidates> axes, long now, long inAll) {
    var steps = axes.stream().map(axis -> new Steps(axis, multiple)).toList();
    long left = takeWhatFits(steps, now - takeDue(steps));
    if (now == inAll && left > 0) {
      steps.stream()
          .filter(axis -> axis.next() > 0)
          .min(Comparator.comparingLong(Steps::cost).thenComparing(Steps::score))
          .filter(axis -> multiple == 1 || axis.cost() <= 2 * left)
          .ifPresent(Steps::take);
    }
    return Steps.taken(steps);
  }

  /** Takes the steps that are due whatever the budget, and returns their number of parameters. */
  static long takeDue(List<Steps> axes) {
    long taken = 0;
    for (var axis : axes) {
      if (axis.due()) {
        taken += axis.cost();
        axis.take();
      }
    }
    return taken;
  }

  /** Takes steps in ascending order of saliency, and returns the rest of {@code budget}. */
  static long takeWhatFits(List<Steps> axes, long budget) {
    long left = budget;
    var next =
        new PriorityQueue<Integer>(
            Comparator.<Integer, Float>comparing(i -> axes.get(i).score())
                .thenComparing(Comparator.naturalOrder()));
    for (int i = 0; i < axes.size(); i++) {
      if (axes.get(i).next() > 0) {
        next.add(i);
      }
    }
    while (!next.isEmpty()) {
      int i = next.poll();
      var axis = axes.get(i);
      if (axis.cost() <= left) {
        left -= axis.cost();
        axis.take();
        if (axis.next() > 0) {
          next.add(i);
        }
      }
    }
    return left;
  }

  /** The least salient of the {@code planned} groups that fit {@code now} parameters. */
  static Groups part(List<Candidates> axes, Groups planned, long now) {
    var steps = axes.stream().map(axis -> new Steps(axis.only(planned), 1)).toList();
    takeWhatFits(steps, now);
    return Steps.taken(steps);
  }

  @Override
  public List<String> contradictions(
      PruningSpace space, List<Candidates> axes, Set<PrunableAxis> kept) {
    return misfits(multiple, axes, kept);
  }

  /** Widths of MLPs that cannot become a multiple. */
  static List<String> misfits(int multiple, List<Candidates> axes, Set<PrunableAxis> kept) {
    var misfits = new ArrayList<String>();
    for (var axis : axes) {
      var steps = new Steps(axis, multiple);
      if (steps.due() && steps.next() == 0) {
        misfits.add(
            "multiple is %d, but %s has %d channels, of which %d may go: give a smaller multiple"
                .formatted(multiple, axis.axis().name(), axis.width(), axis.most()));
      }
    }
    for (var axis : kept) {
      if (axis.role() == AxisRole.CHANNELS && axis.size() % multiple != 0) {
        misfits.add(
            "multiple is %d, but %s has %d channels and is protected: give a divisor of that, or"
                    .formatted(multiple, axis.name(), axis.size())
                + " protect it no longer");
      }
    }
    return List.copyOf(misfits);
  }
}
