package io.lorashear.shape;

import io.lorashear.dependency.Groups;
import io.lorashear.dependency.PrunableAxis;
import io.lorashear.dependency.PruningSpace;
import java.util.List;
import java.util.Set;

/**
 * A shape of the smaller model, as a rule of which groups may be removed together.
 *
 * <pre>
 *   rule          widths of the smaller model                                    one step
 *   {@link Free}          every MLP and every attention its own                  the next of one axis
 *   {@link Uniform}       one of each kind in all layers                         the next of all MLPs
 *   {@link Deci}          every MLP its own, heads as they were; an attention,   the next of one MLP
 *                 or a whole layer, may be missing
 *   {@link Allocated}     every axis the one that it was given                         none
 * </pre>
 */
public sealed interface ShapeRule permits Free, Uniform, Deci, Allocated {

  /**
   * The next groups to remove, the least salient ones that the shape allows. A method that prunes
   * gradually calls this repeatedly; groups that it took stay removed.
   *
   * @param axes all axes that may lose groups, with their remaining groups
   * @param now largest number of parameters to remove; if it equals {@code inAll}, the sum comes
   *     within one step of it, on either side
   * @param inAll number of parameters to remove until the shape is final
   */
  Groups choose(List<Candidates> axes, long now, long inAll);

  /**
   * Reasons why the shape is impossible, with the remedy, one sentence each.
   *
   * @param space of the model
   * @param axes all axes that may lose groups, complete
   * @param kept prunable axes that may lose nothing
   */
  List<String> contradictions(PruningSpace space, List<Candidates> axes, Set<PrunableAxis> kept);

  /**
   * Number of parameters that are removed besides its groups when an axis loses all of them.
   *
   * @param cost parameters of a group
   */
  default long withTheLast(PrunableAxis axis, long cost) {
    return 0;
  }
}
