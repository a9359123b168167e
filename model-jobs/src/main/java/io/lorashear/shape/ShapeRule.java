package io.lorashear.shape;

import io.lorashear.dependency.Groups;
import io.lorashear.dependency.PrunableAxis;
import io.lorashear.dependency.PruningSpace;
import java.util.List;
import java.util.Set;

/**
 * A shape that the smaller model is to have, as a rule of which groups may go together.
 *
 * <pre>
 *   rule          widths of the smaller model                                    one step
 *   {@link Free}          every MLP and every attention its own                  the next of one axis
 *   {@link Uniform}       one of each kind in all layers                         the next of all MLPs
 *   {@link Deci}          every MLP its own, heads as they were; an attention,   the next of one MLP
 *                 or a whole layer, may be missing
 * </pre>
 */
public sealed interface ShapeRule permits Free, Uniform, Deci {

  /**
   * The groups that go next, the least salient that the shape allows. A method that prunes little
   * by little asks again and again; what it took stays taken.
   *
   * @param axes all that may lose groups, with the groups they still have
   * @param now how many parameters go at most; where that is all, the sum comes to within one step
   *     of it, on either side
   * @param inAll how many go until the shape is final
   */
  Groups choose(List<Candidates> axes, long now, long inAll);

  /**
   * What keeps the shape from being had, with the way out, a sentence each.
   *
   * @param space of the model
   * @param axes all that may lose groups, whole
   * @param kept axes that may lose none though they could
   */
  List<String> contradictions(PruningSpace space, List<Candidates> axes, Set<PrunableAxis> kept);

  /**
   * Parameters that go beside its groups when an axis loses all of them.
   *
   * @param cost of a group
   */
  default long withTheLast(PrunableAxis axis, long cost) {
    return 0;
  }
}
